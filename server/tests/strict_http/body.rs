//! A body is refused where it means nothing, and nothing is read after one (RFC 9112, section 11.2).

use crate::exchange::{Closes, Stays, assert_answered, check, said, with};
use crate::support::server::{config, serve};

/// What stands after the announcement is a body or a part of one to some, and another request to others.
#[tokio::test]
async fn nothing_is_read_behind_a_body() {
    const CHUNKED: &str = "5\r\nhello\r\n0\r\n\r\n";
    const SMUGGLED: &str = "GET /api/v1/users/4242 HTTP/1.1\r\nHost: s\r\n\r\n";
    let mut cases = Vec::new();
    for (method, status) in
        [("GET", 400), ("HEAD", 400), ("POST", 405), ("PUT", 405), ("TRACE", 405), ("OPTIONS", 204), ("FOO", 501)]
    {
        for (field, after) in [
            ("Content-Length: 5", "hello"),
            ("Content-Length: 05", "hello"),
            ("Content-Length: 5\r\nContent-Length: 5", "hello"),
            ("Content-Length: 5", "hel"),
            ("Content-Length: 45", SMUGGLED),
            ("Content-Length: 5", SMUGGLED),
            ("Content-Length: 1000000", "hello"),
            ("Transfer-Encoding: chunked", CHUNKED),
            ("transfer-encoding: \tCHUNKED ", CHUNKED),
            ("Transfer-Encoding: gzip, chunked", CHUNKED),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", CHUNKED),
            ("Transfer-Encoding: chunked", "0\r\n\r\n"),
            ("Transfer-Encoding: chunked", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"),
            ("Transfer-Encoding: chunked", "zz\r\n"),
            ("Transfer-Encoding: chunked", SMUGGLED),
            ("Transfer-Encoding: chunked\r\nContent-Length: 5", CHUNKED),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", CHUNKED),
            ("Content-Length: 5\r\nConnection: keep-alive", "hello"),
            ("Content-Length: 5\r\nExpect: 100-continue", "hello"),
            ("Transfer-Encoding: chunked\r\nExpect: 100-continue", CHUNKED),
        ] {
            cases.push((with(method, field, after), status, Closes));
        }
        if status != 400 {
            cases.push((with(method, "Content-Length: 0", ""), status, Stays));
        }
    }
    for method in ["GET", "HEAD"] {
        cases.push((with(method, "Content-Length: 0", ""), 200, Stays));
        cases.push((with(method, "Content-Length: 000", ""), 200, Stays));
        cases.push((with(method, "Content-Length: 0\r\nContent-Length: 0", ""), 200, Stays));
    }
    cases.push((b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx".to_vec(), 404, Closes));
    cases.push((
        b"POST /healthz HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx".to_vec(),
        405,
        Closes,
    ));
    check(cases).await;
}

/// The response has to arrive although the body is never read.
#[tokio::test]
async fn a_large_body_does_not_hide_the_response() {
    let server = serve(&config());
    for _ in 0..20 {
        let body = "x".repeat(1_000_000);
        let request = with("POST", "Content-Length: 1000000", &body);
        let said = said(server, vec![request.clone()]).await;
        assert_answered(&request, 405, Closes, &said, "a large body").await;
    }
}

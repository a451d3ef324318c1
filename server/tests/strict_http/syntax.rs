//! What is no HTTP/1.1 is refused by hyper, and what only looks odd is not.

use crate::exchange::{Case, Closes, Stays, check, with};

/// Not ours to refuse, but what we count on.
#[tokio::test]
async fn what_hyper_refuses_by_itself() {
    let mut cases: Vec<Case> = Vec::new();
    for bytes in [
        // RFC 9112, section 3: three parts, one space between them.
        &b"GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n"[..],
        b"GET /healthz HTTP/1.1 \r\nHost: a\r\n\r\n",
        b"GET\t/healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        b" GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /health z HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /healthz\r\nHost: a\r\n\r\n",
        b"G(T /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        // Section 2.3.
        b"GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n",
        b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n",
        b"GET /healthz http/1.1\r\nHost: a\r\n\r\n",
        // Section 2.2: bare CR, and white space before the first field.
        b"GET /healthz HTTP/1.1\rHost: a\r\r",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n",
        // Sections 5, 5.1 and 5.2; RFC 9110, section 5.5.
        b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nA\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nA(: b\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nA: b\0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nA: b\x0bc\r\n\r\n",
    ] {
        cases.push((bytes.to_vec(), 400, Closes));
    }
    for field in [
        // Section 6.3.
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: -1",
        "Content-Length: 0x5",
        "Content-Length: 5 5",
        "Content-Length:",
        "Content-Length: 18446744073709551616",
        // Section 6.1.
        "Transfer-Encoding:",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked;x",
        "Transfer-Encoding: \u{b}chunked",
    ] {
        cases.push((with("POST", field, ""), 400, Closes));
    }
    cases.push((b"POST /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(), 400, Closes));
    check(cases).await;
}

#[tokio::test]
async fn odd_and_valid() {
    check(vec![
        // RFC 9112, section 2.2: empty lines in front, and a lone LF for CRLF.
        (b"\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), 200, Stays),
        (b"GET /healthz HTTP/1.1\nHost: a\n\n".to_vec(), 200, Stays),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nA: \xff\r\nB:\r\nC: \t\r\n\r\n".to_vec(), 200, Stays),
        // RFC 9110, section 7.8: an upgrade may be ignored.
        (with("GET", "Connection: upgrade\r\nUpgrade: h2c", ""), 200, Stays),
        (with("GET", "Connection: close, x", ""), 200, Closes),
        // RFC 9112, section 3.2.2: the target goes before `Host`.
        (b"GET http://a/healthz HTTP/1.1\r\nHost: b:1\r\n\r\n".to_vec(), 200, Stays),
        (b"OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n".to_vec(), 204, Stays),
    ])
    .await;
}

//! Strict HTTP/1.1: what an origin server has to refuse is refused, in raw bytes on a real socket, however they are
//! cut into segments, and what comes behind a request is taken for the next one only where that is safe.
#![cfg(feature = "server")]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use support::client::{Client, Response};
use support::server::{config, serve};
use support::soon;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// What comes behind each request in the same breath. It shows where the server thinks that the request ended, and it
/// is the last one.
const NEXT: &[u8] = b"GET /api/v1/users/4242 HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n";

/// How the answer to [`NEXT`] begins.
const NEXT_ANSWER: &[u8] = br#"{"id":4242,"#;

/// How long a part of a request waits for the one before to be read by itself.
const PAUSE: Duration = Duration::from_millis(2);

/// Requests up to this long are cut at every byte, others at the places that a test names.
const CUT_EVERYWHERE: usize = 300;

/// Connections at a time: each has two sockets here.
const CONNECTIONS: usize = 200;

/// What becomes of the connection behind an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Stays,
    Closes,
}
use Then::{Closes, Stays};

/// A request, the status of its answer, and what becomes of the connection.
type Case = (Vec<u8>, u16, Then);

/// A request of a method and a target, with a `Host`.
fn line(method: &str, target: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").into()
}

/// A `GET` that a user answers, with these field lines and nothing else.
fn fields(lines: &str) -> Vec<u8> {
    format!("GET /healthz HTTP/1.1\r\n{lines}\r\n").into()
}

/// A request with a `Host` and one more field line, and what comes behind its head.
fn with(method: &str, field: &str, behind: &str) -> Vec<u8> {
    format!("{method} /healthz HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n{behind}").into()
}

/// A request of so many bytes.
fn head(length: usize) -> Vec<u8> {
    let rest = with("GET", "A: ", "").len();
    with("GET", &format!("A: {}", "x".repeat(length - rest)), "")
}

/// All that the server says to these parts, sent one after the other.
async fn said(server: SocketAddr, parts: Vec<Vec<u8>>) -> Vec<u8> {
    let mut stream = soon(TcpStream::connect(server)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut reader, mut writer) = stream.split();
    let speak = async {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                sleep(PAUSE).await;
            }
            // A server that has closed already may refuse the rest.
            if writer.write_all(part).await.is_err() {
                return;
            }
        }
    };
    let listen = async {
        let mut said = Vec::new();
        // It may also cut the rest off, after its answer.
        let _ = reader.read_to_end(&mut said).await;
        said
    };
    soon(async { tokio::join!(speak, listen).1 }).await
}

/// Checks that a request is answered, and the next one behind it or not.
async fn assert_answered(request: &[u8], status: u16, then: Then, said: &[u8], how: &str) {
    let shown = format!(
        "{how}: {:?}\nanswered by {:?}",
        String::from_utf8_lossy(&request[..request.len().min(300)]),
        String::from_utf8_lossy(&said[..said.len().min(1000)]),
    );
    let mut rest = said;
    assert!(rest.starts_with(b"HTTP/1."), "{shown}");
    let answer = if request.starts_with(b"HEAD") {
        Response::read_head(&mut rest).await
    } else {
        let answer = Response::read(&mut rest).await;
        assert!(answer.complete, "{shown}");
        answer
    };
    assert_eq!(answer.status, status, "{shown}");
    // hyper's own refusals have no body.
    if status >= 400 && !answer.body.is_empty() {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{shown}");
        assert_eq!(answer.json()["status"], status, "{shown}");
    }
    match then {
        Closes => {
            // HTTP/1.0 closes where nothing else was said.
            assert!(said.starts_with(b"HTTP/1.0") || answer.header("connection") == Some("close"), "{shown}");
            assert_eq!(rest, b"", "{shown}");
        }
        Stays => {
            assert_ne!(answer.header("connection"), Some("close"), "{shown}");
            assert!(rest.starts_with(b"HTTP/1.1 200"), "{shown}");
            let next = Response::read(&mut rest).await;
            assert!(next.complete && next.body.starts_with(NEXT_ANSWER), "{shown}");
            assert_eq!(rest, b"", "{shown}");
        }
    }
}

/// Checks each request in one write with the next one behind it, byte by byte, and in two parts cut at every byte.
async fn check(cases: Vec<Case>) {
    check_cut_at(cases, &[]).await;
}

/// The same; requests too long for that are cut at `cuts`.
async fn check_cut_at(cases: Vec<Case>, cuts: &[usize]) {
    let server = serve(&config());
    let mut exchanges = JoinSet::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    for (request, status, then) in cases {
        let bytes = [&request[..], NEXT].concat();
        let mut ways = vec![("at once".to_owned(), vec![bytes.clone()])];
        if request.len() <= CUT_EVERYWHERE {
            ways.push(("byte by byte".to_owned(), bytes.iter().map(|byte| vec![*byte]).collect()));
        }
        let everywhere = (1..=request.len()).filter(|_| request.len() <= CUT_EVERYWHERE);
        for cut in everywhere.chain(cuts.iter().copied()) {
            let (first, second) = bytes.split_at(cut);
            ways.push((format!("cut at {cut}"), vec![first.to_owned(), second.to_owned()]));
        }
        for (how, parts) in ways {
            let request = request.clone();
            let room = Arc::clone(&room);
            exchanges.spawn(async move {
                let _room = room.acquire_owned().await.unwrap();
                assert_answered(&request, status, then, &said(server, parts).await, &how).await;
            });
        }
    }
    while let Some(exchange) = exchanges.join_next().await {
        exchange.unwrap();
    }
}

#[tokio::test]
async fn a_host_is_given_once() {
    check(vec![
        (fields(""), 400, Closes),
        (fields("Accept: */*\r\n"), 400, Closes),
        (fields("Host: a\r\nHost: a\r\n"), 400, Closes),
        (fields("Host: a\r\nAccept: */*\r\nhost: b\r\n"), 400, Closes),
        (fields("Host:\r\nHost:\r\n"), 400, Closes),
        // Also where the target says it all (RFC 9112, section 3.2.2).
        (b"GET http://a/healthz HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        (b"HEAD /healthz HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        (b"OPTIONS * HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        (b"FOO /healthz HTTP/1.1\r\n\r\n".to_vec(), 400, Closes),
        // HTTP/1.0 may leave it out, and no more than that.
        (b"GET /healthz HTTP/1.0\r\n\r\n".to_vec(), 200, Closes),
        (b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_vec(), 200, Stays),
        (b"GET /healthz HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n".to_vec(), 400, Closes),
        (b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\nHost: a b\r\n\r\n".to_vec(), 400, Closes),
    ])
    .await;
}

#[tokio::test]
async fn a_host_is_a_host_and_perhaps_a_port() {
    let valid = [
        "Host: a\r\n",
        "Host:a\r\n",
        "Host: \t a \t\r\n",
        "HOST: EXAMPLE.com.\r\n",
        "Host: a:80\r\n",
        "Host: a:\r\n",
        "Host: 127.0.0.1:65535\r\n",
        "Host: [::1]\r\n",
        "Host: [2001:db8::ff]:3000\r\n",
        "Host: [::ffff:192.0.2.1]\r\n",
        "Host: a_b-c~d\r\n",
        "Host: caf%C3%A9.example\r\n",
        // RFC 9112, sections 3.2 and 3.3.
        "Host:\r\n",
        "Host: \r\n",
    ];
    let invalid = [
        "u@a",
        "u:p@a",
        "@",
        "a/",
        "/",
        "a/b",
        "a,b",
        "a, a",
        "a b",
        "a\tb",
        "http://a",
        "http://a/",
        "a?b",
        "?",
        "a#b",
        "a\\b",
        "\\",
        ":80",
        ":",
        "a:x",
        "a:80x",
        "a:+80",
        "a:-80",
        "a:65536",
        "a:80:80",
        "a: 80",
        "[::1",
        "::1",
        "[]",
        "[x]",
        "[::1]x",
        "[::1]:x",
        "[1::2::3]",
        "[::1%25eth0]",
        "[127.0.0.1]",
        "a[::1]",
        "\"a\"",
        "<a>",
        "a|b",
        "a%4",
        "a%zz",
        "é",
        "{a}",
        "a^",
        "`a`",
    ];
    let mut cases: Vec<Case> = Vec::new();
    cases.extend(valid.iter().map(|host| (fields(host), 200, Stays)));
    cases.extend(invalid.iter().map(|host| (fields(&format!("Host: {host}\r\n")), 400, Closes)));
    cases.push((b"GET /healthz HTTP/1.1\r\nHost: a\xff\r\n\r\n".to_vec(), 400, Closes));
    cases.push((b"GET /healthz HTTP/1.1\r\nHost: \xa0\r\n\r\n".to_vec(), 400, Closes));
    check(cases).await;
}

#[tokio::test]
async fn a_target_has_the_form_that_its_method_allows() {
    let mut cases = Vec::new();
    for (target, status) in [
        ("/healthz", 200),
        ("/healthz?", 200),
        ("/healthz?a=/?:@!$&'()*+,;=-._~%20", 200),
        ("/healthz?a[]=1", 200),
        ("/%68ealthz", 404),
        ("//healthz", 404),
        ("/healthz/*", 404),
        ("/http://a/", 404),
        ("http://a/healthz", 200),
        ("HTTP://A:80/healthz?x", 200),
        ("http://a:/healthz", 200),
        ("http://[::1]:3000/healthz", 200),
        ("http://a", 404),
        ("http://a?x", 404),
        // The parser of the URI cuts fragments off before anyone sees them.
        ("/healthz#x", 200),
    ] {
        cases.push((line("GET", target), status, Stays));
        cases.push((line("HEAD", target), status, Stays));
    }
    for target in [
        "*",
        "**",
        "healthz",
        "healthz/",
        "localhost",
        "localhost:80",
        "localhost:80/healthz",
        "?x",
        "#x",
        ".",
        "%2Fhealthz",
        "https://localhost/healthz",
        "ftp://localhost/healthz",
        "ws://localhost/healthz",
        "http:/healthz",
        "http:healthz",
        "http:///healthz",
        "http://",
        "http://?x",
        "http://:80/healthz",
        "http://u@a/healthz",
        "http://u:p@a/healthz",
        "http://@a/healthz",
        "http://a:x/healthz",
        "http://a:65536/healthz",
        "http://a:+80/healthz",
        "http://[::1/healthz",
        "http://[x]/healthz",
        "http://a[::1]/healthz",
        "http://a,b/healthz",
        "://a/healthz",
        "file:///healthz",
    ] {
        cases.push((line("GET", target), 400, Closes));
    }
    for (method, target, status, then) in [
        ("OPTIONS", "*", 204, Stays),
        ("OPTIONS", "/healthz", 204, Stays),
        ("OPTIONS", "http://a/healthz", 204, Stays),
        ("OPTIONS", "**", 400, Closes),
        ("OPTIONS", "http://a*", 404, Stays),
        ("OPTIONS", "a:80", 400, Closes),
        ("POST", "*", 400, Closes),
        ("TRACE", "*", 400, Closes),
        ("FOO", "*", 400, Closes),
        ("HEAD", "*", 400, Closes),
        ("CONNECT", "a:443", 405, Closes),
        ("CONNECT", "[::1]:443", 405, Closes),
        ("CONNECT", "a", 400, Closes),
        ("CONNECT", "a:", 400, Closes),
        ("CONNECT", ":443", 400, Closes),
        ("CONNECT", "a:x", 400, Closes),
        ("CONNECT", "u@a:443", 400, Closes),
        ("CONNECT", "*", 400, Closes),
        ("CONNECT", "/healthz", 400, Closes),
        ("CONNECT", "http://a:443/", 400, Closes),
    ] {
        cases.push((line(method, target), status, then));
    }
    check(cases).await;
}

#[tokio::test]
async fn a_target_has_the_characters_of_a_uri() {
    let mut cases = Vec::new();
    for character in ["\"", "<", ">", "\\", "^", "`", "{", "|", "}", "é", "\u{2028}", "\u{1}", "\t", "\u{7f}"] {
        for target in ["/a?", "/healthz?a", "/healthz?", "http://a/a?", "http://a/healthz?b"] {
            // Behind the path, behind the query, and in either.
            let path = target.strip_suffix('?').unwrap_or(target);
            cases.push((line("GET", &format!("{path}{character}")), 400, Closes));
            cases.push((line("GET", &format!("{path}{character}b")), 400, Closes));
        }
        cases.push((line("OPTIONS", &format!("/{character}")), 400, Closes));
    }
    cases.push((b"GET /healthz?\xff HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), 400, Closes));
    cases.push((b"GET /healthz?\0 HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), 400, Closes));
    check(cases).await;
}

#[tokio::test]
async fn known_methods_are_405_and_unknown_ones_501() {
    let mut cases = Vec::new();
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "ACL", "PROPFIND", "UPDATEREDIRECTREF", "VERSION-CONTROL"]
    {
        cases.push((line(method, "/healthz"), 405, Stays));
        cases.push((line(method, "/nothing"), 404, Stays));
    }
    for method in ["FOO", "get", "Get", "GETT", "GE", "G", "PRI", "connect", "!#$%&'*+-.^_`|~1", &"A".repeat(200)] {
        cases.push((line(method, "/healthz"), 501, Stays));
        cases.push((line(method, "/nothing"), 501, Stays));
    }
    cases.push((line(&"A".repeat(10_000), "/healthz"), 501, Stays));
    check(cases).await;
}

#[tokio::test]
async fn answers_tell_which_methods_are_allowed() {
    let server = serve(&config());
    for (method, target) in [
        ("OPTIONS", "*"),
        ("OPTIONS", "/healthz"),
        ("TRACE", "/api/v1/users"),
        ("POST", "/healthz"),
        ("CONNECT", "a:1"),
    ] {
        let mut client = Client::connect(server).await;
        client.ask(method, target, "").await;
        let response = client.response().await;
        assert_eq!(response.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {target}: {response:?}");
    }
}

/// What stands behind the announcement is a body or a part of one to some, and another request to others.
#[tokio::test]
async fn nothing_is_read_behind_a_body() {
    const CHUNKED: &str = "5\r\nhello\r\n0\r\n\r\n";
    const SMUGGLED: &str = "GET /api/v1/users/4242 HTTP/1.1\r\nHost: s\r\n\r\n";
    let mut cases = Vec::new();
    for (method, status) in
        [("GET", 400), ("HEAD", 400), ("POST", 405), ("PUT", 405), ("TRACE", 405), ("OPTIONS", 204), ("FOO", 501)]
    {
        for (field, behind) in [
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
            cases.push((with(method, field, behind), status, Closes));
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

/// The answer has to arrive although the body is never read.
#[tokio::test]
async fn a_large_body_does_not_hide_the_answer() {
    let server = serve(&config());
    for _ in 0..20 {
        let body = "x".repeat(1_000_000);
        let request = with("POST", "Content-Length: 1000000", &body);
        let said = said(server, vec![request.clone()]).await;
        assert_answered(&request, 405, Closes, &said, "a large body").await;
    }
}

#[tokio::test]
async fn what_is_expected_beyond_100_continue_is_417() {
    let mut cases = Vec::new();
    for expect in ["100-continue", "100-CONTINUE", "", ", 100-continue,,", "100-continue\r\nExpect: 100-continue"] {
        cases.push((with("GET", &format!("Expect: {expect}"), ""), 200, Stays));
    }
    for expect in [
        "x",
        "100",
        "100-continue;x",
        "100-continue, x",
        "x\r\nExpect: 100-continue",
        "100-continue\r\nExpect: x",
        "\"100-continue\"",
        "200-ok",
    ] {
        cases.push((with("GET", &format!("Expect: {expect}"), ""), 417, Stays));
        cases.push((with("HEAD", &format!("Expect: {expect}"), ""), 417, Stays));
        cases.push((with("POST", &format!("Content-Length: 3\r\nExpect: {expect}"), "abc"), 417, Closes));
    }
    check(cases).await;
}

#[tokio::test]
async fn heads_have_limits() {
    fn many(fields: usize) -> Vec<u8> {
        let more: Vec<_> = (1..fields).map(|number| format!("A{number}: x")).collect();
        with("GET", &more.join("\r\n"), "")
    }
    let target = |length: usize| format!("/{}", "x".repeat(length - 1));
    let cases = vec![
        (many(100), 200, Stays),
        (many(101), 431, Closes),
        (line("GET", &target(8000)), 404, Stays),
        (line("GET", &target(8001)), 414, Stays),
        (line("GET", &target(16_000)), 414, Stays),
        (line("GET", &format!("/healthz?{}", target(8001))), 414, Stays),
        (line("GET", &format!("http://a{}", target(8001))), 414, Stays),
    ];
    check_cut_at(cases, &[1, 100, 800]).await;
    let cases = vec![
        (head(16_384), 200, Stays),
        (head(16_385), 431, Closes),
        (head(16_386), 431, Closes),
        (head(16_500), 431, Closes),
        (head(40_000), 431, Closes),
        // Too long to be told from any other head.
        (line("GET", &target(40_000)), 431, Closes),
    ];
    check_cut_at(cases, &[1, 100, 8191, 8192, 16_000, 16_382, 16_383]).await;
}

/// The room that earlier requests have made in hyper's buffer is none for a longer head.
#[tokio::test]
async fn heads_have_the_same_limit_on_a_kept_connection() {
    let server = serve(&config());
    let mut exchanges = JoinSet::new();
    for (before, size) in [(1, 50), (2, 5000), (20, 500), (20, 5000)] {
        for cut in [8000, 16_000, 16_383] {
            for (length, expected) in [(16_384, 200), (16_385, 431), (17_000, 431), (30_000, 431)] {
                exchanges.spawn(async move {
                    let first = head(size).repeat(before);
                    let last = [&head(length)[..], NEXT].concat();
                    let (start, rest) = last.split_at(cut);
                    let said = said(server, vec![[&first[..], start].concat(), rest.to_owned()]).await;
                    let mut said = &said[..];
                    for _ in 0..before {
                        assert_eq!(Response::read(&mut said).await.status, 200);
                    }
                    let status = Response::read(&mut said).await.status;
                    assert_eq!(status, expected, "{length} bytes behind {before} of {size}, cut at {cut}");
                });
            }
        }
    }
    while let Some(exchange) = exchanges.join_next().await {
        exchange.unwrap();
    }
}

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

/// Steele, Lea and Flood's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a [u8]]) -> &'a [u8] {
        choices[self.below(choices.len())]
    }
}

/// Requests to break.
const WHOLE: &[&[u8]] = &[
    b"GET /api/v1/users?limit=3&offset=10 HTTP/1.1\r\nHost: localhost:3000\r\nAccept: application/x-ndjson\r\n\r\n",
    b"HEAD http://[::1]:80/api/v1/users/7 HTTP/1.1\r\nHost: [::1]:80\r\nConnection: keep-alive\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    b"PUT /api/v1/users HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
    b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
    b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"\r\nTRACE /%41?a=%zz HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
];

/// Pieces that mean something somewhere.
const PIECES: &[&[u8]] = &[
    b"\r\n",
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b",",
    b";",
    b"/",
    b"\\",
    b"@",
    b"#",
    b"?",
    b"%",
    b"%0a",
    b"[",
    b"]",
    b"*",
    b"\"",
    b"\xff",
    b"\xc3\xa9",
    b"\x7f",
    b"HTTP/1.1",
    b"HTTP/1.0",
    b"HTTP/2.0",
    b"http://",
    b"https://",
    b"GET ",
    b"HEAD ",
    b"CONNECT ",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"Host: a\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 18446744073709551615\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"Expect: x\r\n",
    b"Accept: ;;\r\n",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"-1",
    b"99999",
];

/// A request with a few things changed.
fn mutated(random: &mut Random) -> Vec<u8> {
    let mut bytes = random.one_of(WHOLE).to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = at + random.below(bytes.len() + 1 - at).min(20);
        match random.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..end, random.one_of(PIECES).iter().copied())),
            3 => drop(bytes.splice(at..at, random.one_of(PIECES).iter().copied())),
            4 => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                drop(bytes.splice(to..to, piece));
            }
            5 => drop(bytes.splice(at..at, random.one_of(PIECES).repeat(random.below(800)))),
            _ if at < bytes.len() => bytes[at] = random.next() as u8,
            _ => bytes.push(random.next() as u8),
        }
    }
    bytes
}

/// Bytes that are no request: the first is never that of a method.
fn garbage(random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![b"\0\x16\x80 (<\x7f\xff"[random.below(8)]];
    bytes.extend((0..random.below(200)).map(|_| random.next() as u8));
    bytes
}

/// Whether the answer to [`NEXT`] has come, to its end.
fn is_next_answered(said: &[u8]) -> bool {
    said.ends_with(b"}") && said.windows(NEXT_ANSWER.len()).any(|window| window == NEXT_ANSWER)
}

/// One after the other on a connection, for as long as the server keeps it.
async fn break_requests(server: SocketAddr, seed: u64, count: usize) {
    // Ends what the broken request left open, and comes through as a request of its own if anything does.
    let probe = [b"\r\n\r\n", &NEXT[..NEXT.len() - b"Connection: close\r\n\r\n".len()], b"\r\n"].concat();
    let mut random = Random(seed);
    let mut kept = None;
    for number in 0..count {
        let is_garbage = random.below(4) == 0;
        let bytes = if is_garbage { garbage(&mut random) } else { mutated(&mut random) };
        let shown =
            || format!("{number} of seed {seed}: {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(1000)]));
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => soon(TcpStream::connect(server)).await.unwrap(),
        };
        let sent = stream.write_all(&[&bytes[..], &probe].concat()).await;
        let mut said = Vec::new();
        loop {
            match soon(stream.read_buf(&mut said)).await {
                Ok(0) | Err(_) => break,
                Ok(_) if sent.is_ok() && is_next_answered(&said) => {
                    kept = Some(stream);
                    break;
                }
                Ok(_) => {}
            }
        }
        // A close without a word will do too, such as that of HTTP/2.
        if !said.is_empty() {
            let status = str::from_utf8(&said[9..12]).unwrap().parse::<u16>().unwrap();
            let allowed: &[u16] =
                if is_garbage { &[400, 431] } else { &[200, 204, 400, 404, 405, 406, 414, 417, 431, 501] };
            assert!(allowed.contains(&status), "{status} for {}", shown());
            assert!(!is_garbage || kept.is_none(), "{}", shown());
        }
    }
}

#[test]
fn a_hundred_thousand_broken_requests_do_no_harm() {
    const THREADS: &str = "broken-requests";
    const CLIENTS: usize = 50;
    const EACH: usize = 2000;
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Other tests have threads of their own.
        if std::thread::current().name() == Some(THREADS) {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        hook(panic);
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name(THREADS)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut config = config();
        config.users = 10;
        config.max_users = 100;
        let server = tokio::spawn(async move { serve(&config) }).await.unwrap();
        let mut clients = JoinSet::new();
        for seed in 0..CLIENTS {
            clients.spawn(break_requests(server, seed as u64, EACH));
        }
        let mut kept = Client::connect(server).await;
        let mut served = 0;
        while !clients.is_empty() {
            while let Some(client) = clients.try_join_next() {
                client.unwrap();
            }
            let fresh = Client::connect(server).await.get("/api/v1/users/1").await;
            let again = kept.get("/api/v1/users?limit=100").await;
            assert_eq!((fresh.status, again.status, again.json().as_array().unwrap().len()), (200, 200, 100));
            served += 1;
            sleep(Duration::from_millis(20)).await;
        }
        assert!(served > 10, "good requests were asked only {served} times");
    });
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}

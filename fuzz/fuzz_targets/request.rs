//! Arbitrary method, target and fields through the routes: no panic, and a response from the documented set.
//!
//! An input is a head without its version: `GET /api/v1/users?limit=1`, then a line per field. A line without a name,
//! such as `text/html`, is an `Accept`; if no line is a `Host`, one is added.
#![no_main]

use std::io::Read;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use chunkwire::CHUNK_SIZE;
use chunkwire_server::{Config, Server};
use flate2::read::GzDecoder;
use http::{HeaderName, Method, Request, Response, header};
use http_body::Body as HttpBody;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};
use tower_service::Service;

/// How much of a body is read: a million users are not needed to see that it continues.
const FRAMES_READ: usize = 3;

fuzz_target!(|data: &[u8]| {
    let Some(request) = request(data) else { return };
    let response = SERVER.with(|(server, _)| {
        let mut responded = pin!(server.service().call(request.clone().map(|()| Body::empty())));
        match responded.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => response,
            _ => panic!("routes wait for nothing and never fail"),
        }
    });
    // The feed waits for samples, which nobody takes here.
    if response.status() != 200 || request.uri().path() != "/live" {
        check(&request, response);
    }
});

thread_local! {
    /// A server that listens, though nobody connects, and the runtime that it listens on.
    static SERVER: (Server, Runtime) = {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut config = Config::default();
        config.listen = vec!["127.0.0.1:0".parse().expect("an address")];
        let server = runtime.block_on(async { Server::bind(&config) }).expect("a port");
        (server, runtime)
    };
}

/// Returns the request, or `None` if hyper would have refused it.
fn request(data: &[u8]) -> Option<Request<()>> {
    let mut lines = data.split(|byte| *byte == b'\n');
    let head = lines.next()?;
    let space = head.iter().position(|byte| *byte == b' ')?;
    let mut request = Request::builder().method(&head[..space]).uri(&head[space + 1..]);
    let mut has_host = false;
    for line in lines {
        let colon = line.windows(2).position(|bytes| bytes == b": ");
        let (name, value) = match colon.map(|colon| (HeaderName::from_bytes(&line[..colon]), &line[colon + 2..])) {
            Some((Ok(name), value)) => (name, value),
            _ => (header::ACCEPT, line),
        };
        has_host |= name == header::HOST;
        request = request.header(name, value);
    }
    if !has_host {
        request = request.header(header::HOST, "localhost");
    }
    request.body(()).ok()
}

fn check(request: &Request<()>, response: Response<impl HttpBody<Data = bytes::Bytes>>) {
    let (head, body) = response.into_parts();
    let content_type = head.headers.get(header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let (bytes, complete) = read(body);
    let bytes = match head.headers.get(header::CONTENT_ENCODING) {
        None => bytes,
        Some(coding) => {
            assert_eq!(coding, "gzip");
            let mut decoded = Vec::new();
            // What is decoded before the end is missing stays.
            let whole = GzDecoder::new(&bytes[..]).read_to_end(&mut decoded);
            assert_eq!(whole.is_ok(), complete && request.method() != Method::HEAD);
            decoded
        }
    };
    let fields = request.headers();
    let has_body = fields.contains_key(header::TRANSFER_ENCODING)
        || fields
            .get_all(header::CONTENT_LENGTH)
            .iter()
            .any(|length| length.as_bytes().iter().any(|byte| *byte != b'0'));
    assert!(!has_body || head.headers[header::CONNECTION] == "close");
    if request.method() == Method::HEAD {
        // axum takes the body off what it routes, and hyper off all else.
        assert!(matches!(head.status.as_u16(), 200 | 400 | 404 | 406 | 414 | 417));
        return;
    }
    match head.status.as_u16() {
        200 => {
            assert_eq!(request.method(), Method::GET);
            assert_eq!(fields.get_all(header::HOST).iter().count(), 1);
            assert!(!has_body && request.uri().scheme_str().is_none_or(|scheme| scheme == "http"));
            match content_type {
                b"application/json" if complete => {
                    serde_json::from_slice::<serde_json::Value>(&bytes).expect("the body is JSON");
                }
                b"application/json" => assert!(bytes.starts_with(b"[{")),
                b"application/x-ndjson" | b"application/ndjson" | b"application/jsonl" => {
                    let whole_lines = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                    assert!(!complete || whole_lines == bytes.len());
                    for line in bytes[..whole_lines].split_inclusive(|byte| *byte == b'\n') {
                        serde_json::from_slice::<serde_json::Value>(line).expect("a line is JSON");
                    }
                }
                b"text/plain" => assert!(["/healthz", "/readyz"].contains(&request.uri().path())),
                b"text/plain; version=0.0.4" => assert_eq!(request.uri().path(), "/metrics"),
                b"text/html; charset=utf-8" => {
                    assert!(["", "/"].contains(&request.uri().path()));
                    assert!(!complete || bytes.ends_with(b"</html>\n"));
                }
                _ => panic!("a type that is not documented: {content_type:?}"),
            }
        }
        204 => {
            assert_eq!(request.method(), Method::OPTIONS);
            assert!(bytes.is_empty() && complete && head.headers.contains_key(header::ALLOW));
        }
        status @ (400 | 404 | 405 | 406 | 414 | 417 | 501) => {
            assert_eq!(content_type, b"application/problem+json");
            let problem: serde_json::Value = serde_json::from_slice(&bytes).expect("a problem is JSON");
            assert_eq!(problem["type"], "about:blank");
            assert_eq!(problem["title"], head.status.canonical_reason().unwrap());
            assert_eq!(problem["status"], status);
            assert!(problem["detail"].is_string());
            assert_eq!(head.headers.contains_key(header::ALLOW), status == 405);
        }
        status => panic!("a status that is not documented: {status}"),
    }
}

/// Returns the first frames of a body, and whether they are all.
fn read(body: impl HttpBody<Data = bytes::Bytes>) -> (Vec<u8>, bool) {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    for _ in 0..FRAMES_READ {
        let hint = body.size_hint();
        match body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(frame)) => {
                let frame = frame.ok().expect("users never fail").into_data().expect("there are no trailers");
                assert!(frame.len() == CHUNK_SIZE || body.is_end_stream());
                assert!(hint.lower() <= frame.len() as u64 || !body.is_end_stream());
                bytes.extend_from_slice(&frame);
            }
            Poll::Ready(None) => return (bytes, true),
            Poll::Pending => panic!("users never pause"),
        }
    }
    let complete = body.is_end_stream();
    (bytes, complete)
}

//! Sends requests in all ways that bytes can be cut into segments, each with another request after it, and checks
//! how both are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::server::{config, serve};
use chunkwire_test_support::client::Response;
use chunkwire_test_support::time::soon;

/// What comes after each request in the same write. It shows where the server thinks that the request ended, and it
/// is the last one.
pub(crate) const NEXT: &[u8] = b"GET /api/v1/users/4242 HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n";

/// How the response to [`NEXT`] begins.
pub(crate) const NEXT_RESPONSE: &[u8] = br#"{"id":4242,"#;

/// How long a part of a request waits for the one before to be read by itself.
const PAUSE: Duration = Duration::from_millis(2);

/// Requests up to this long are cut at every byte, others at the places that a test names.
const CUT_EVERYWHERE: usize = 300;

/// Connections at a time: each has two sockets here.
const CONNECTIONS: usize = 200;

/// What becomes of the connection after a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Then {
    Stays,
    Closes,
}
pub(crate) use Then::{Closes, Stays};

/// A request, the status of its response, and what becomes of the connection.
pub(crate) type Case = (Vec<u8>, u16, Then);

/// A request of a method and a target, with a `Host`.
pub(crate) fn line(method: &str, target: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").into()
}

/// A `GET` that a user answers, with these field lines and nothing else.
pub(crate) fn fields(lines: &str) -> Vec<u8> {
    format!("GET /healthz HTTP/1.1\r\n{lines}\r\n").into()
}

/// A request with a `Host` and one more field line, and what comes after its head.
pub(crate) fn with(method: &str, field: &str, after: &str) -> Vec<u8> {
    format!("{method} /healthz HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n{after}").into()
}

/// All that the server says to these parts, sent one after the other.
pub(crate) async fn said(server: SocketAddr, parts: Vec<Vec<u8>>) -> Vec<u8> {
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
        // It may also cut the rest off, after its response.
        let _ = reader.read_to_end(&mut said).await;
        said
    };
    soon(async { tokio::join!(speak, listen).1 }).await
}

/// Checks that a request is answered, and the next one after it or not.
pub(crate) async fn assert_answered(request: &[u8], status: u16, then: Then, said: &[u8], how: &str) {
    let shown = format!(
        "{how}: {:?}\nanswered by {:?}",
        String::from_utf8_lossy(&request[..request.len().min(300)]),
        String::from_utf8_lossy(&said[..said.len().min(1000)]),
    );
    let mut rest = said;
    assert!(rest.starts_with(b"HTTP/1."), "{shown}");
    let response = if request.starts_with(b"HEAD") {
        Response::read_head(&mut rest).await
    } else {
        let response = Response::read(&mut rest).await;
        assert!(response.complete, "{shown}");
        response
    };
    assert_eq!(response.status, status, "{shown}");
    // hyper's own refusals have no body.
    if status >= 400 && !response.body.is_empty() {
        assert_eq!(response.header("content-type"), Some("application/problem+json"), "{shown}");
        assert_eq!(response.json()["status"], status, "{shown}");
    }
    match then {
        Closes => {
            // HTTP/1.0 closes where nothing else was said.
            assert!(said.starts_with(b"HTTP/1.0") || response.header("connection") == Some("close"), "{shown}");
            assert_eq!(rest, b"", "{shown}");
        }
        Stays => {
            assert_ne!(response.header("connection"), Some("close"), "{shown}");
            assert!(rest.starts_with(b"HTTP/1.1 200"), "{shown}");
            let next = Response::read(&mut rest).await;
            assert!(next.complete && next.body.starts_with(NEXT_RESPONSE), "{shown}");
            assert_eq!(rest, b"", "{shown}");
        }
    }
}

/// Checks each request in one write with the next one after it, byte by byte, and in two parts cut at every byte.
pub(crate) async fn check(cases: Vec<Case>) {
    check_cut_at(cases, &[]).await;
}

/// The same; requests too long for that are cut at `cuts`.
pub(crate) async fn check_cut_at(cases: Vec<Case>, cuts: &[usize]) {
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

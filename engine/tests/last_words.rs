//! Promise: a response that the engine has to end is left open, so that no parser takes what came of it for the whole,
//! whatever a proxy makes of the cut.

mod support;

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll};
use std::time::Duration;

use async_compression::tokio::bufread::GzipDecoder;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use chunkwire::{Compressed, Format, JsonBody, Outcome};
use chunkwire_engine::Config;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::{Client as Http2, WIDE, read};
use chunkwire_test_support::records::{cut_document, texts};
use chunkwire_test_support::time::soon;
use futures_core::Stream;
use support::{engine, next, serve_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

/// How many records come before the pause: none, few, and many chunks of them.
const BEFORE: [usize; 3] = [0, 3, 5000];

/// Yields what it has, tells once that it pauses, and does so for ever.
struct Pausing<I>(I, Option<Sender<()>>);

impl<I: Iterator + Unpin> Stream for Pausing<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        if let Some(record) = self.0.next() {
            return Poll::Ready(Some(record));
        }
        // A test that has ended listens no more.
        let _ = self.1.take().map(|paused| paused.send(()));
        Poll::Pending
    }
}

fn format(name: &str) -> Format {
    if name == "array" { Format::Array } else { Format::Lines }
}

async fn respond(
    State(paused): State<Sender<()>>,
    Path((name, coding, count)): Path<(String, String, usize)>,
) -> Response {
    if name == "other" {
        let records = texts(99, count).map(|text| Ok::<_, Infallible>(Bytes::from(text + "\n")));
        return Response::new(Body::from_stream(Pausing(records, Some(paused))));
    }
    let response = JsonBody::from_stream(format(&name), Pausing(texts(99, count), Some(paused))).into_response();
    if coding != "gzip" {
        return response.map(Body::new);
    }
    let mut response = response.map(|body| Body::new(Compressed::gzip(body)));
    response.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    response
}

fn router() -> (Router, Receiver<()>) {
    let (pauses, paused) = channel();
    (Router::new().route("/{name}/{coding}/{count}", get(respond)).with_state(pauses), paused)
}

#[derive(Clone, Copy, Debug)]
enum Version {
    Http1,
    Http2,
}

impl Version {
    /// Asks over a connection of its own, and returns all that came of a response that was cut.
    async fn part(self, server: SocketAddr, path: String) -> Vec<u8> {
        match self {
            Self::Http1 => {
                let response = Client::connect(server).await.get(&path).await;
                assert!(response.status == 200 && !response.complete, "{path}");
                response.body
            }
            Self::Http2 => {
                let mut client = Http2::connect(server, WIDE).await;
                let (part, reset) = read(client.get(&path).await).await;
                assert!(reset.is_some(), "{path}");
                part
            }
        }
    }
}

/// What a client can make of a part, which is not whole in its coding.
async fn decoded(part: Vec<u8>, coding: &str) -> Vec<u8> {
    if coding != "gzip" {
        return part;
    }
    let mut decoded = Vec::new();
    let whole = GzipDecoder::new(&part[..]).read_to_end(&mut decoded).await;
    assert!(whole.is_err(), "a part decodes as the whole");
    decoded
}

const ASKED: [(&str, &str); 4] = [("lines", "plain"), ("lines", "gzip"), ("array", "plain"), ("array", "gzip")];

/// Asks for everything, and checks what came of it.
async fn all_are_left_open(version: Version, server: SocketAddr, cut: impl AsyncFnOnce(usize)) {
    let mut asked = Vec::new();
    for (name, coding) in ASKED {
        for count in BEFORE {
            let part = tokio::spawn(version.part(server, format!("/{name}/{coding}/{count}")));
            asked.push((name, coding, count, part));
        }
    }
    cut(asked.len()).await;
    for (name, coding, count, part) in asked {
        let sent = decoded(soon(part).await.unwrap(), coding).await;
        let expected = cut_document(format(name), &texts(99, count).collect::<Vec<_>>());
        let end = String::from_utf8_lossy(&sent[sent.len().saturating_sub(9)..]);
        assert!(sent == expected, "{version:?} {name} {coding} {count}: {} bytes, at the end {end:?}", sent.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn at_the_end_of_a_shutdown() {
    let mut config = Config::default();
    config.shutdown_timeout = Duration::ZERO;
    for version in [Version::Http1, Version::Http2] {
        let ((router, paused), stop) = (router(), Arc::new(Notify::new()));
        let stopped = Arc::clone(&stop);
        let (served, serving) = serve_until(engine(&config), router, async move { stopped.notified().await });
        let mut responses = 0;
        all_are_left_open(version, served.address, async |asked| {
            (0..asked).for_each(|_| next(&paused));
            stop.notify_one();
            responses = asked;
        })
        .await;
        assert_eq!(soon(serving).await.unwrap(), responses, "{version:?}: how many were cut");
        for _ in 0..responses {
            assert_eq!(next(&served.responses).3, Outcome::ShutDown, "{version:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn when_a_source_pauses_for_too_long() {
    let mut config = Config::default();
    config.pause_timeout = Duration::from_secs(1);
    for version in [Version::Http1, Version::Http2] {
        let ((router, _paused), mut responses) = (router(), 0);
        let (served, _) = serve_until(engine(&config), router, pending());
        all_are_left_open(version, served.address, async |asked| responses = asked).await;
        for _ in 0..responses {
            assert_eq!(next(&served.responses).3, Outcome::SourceFailed, "{version:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn when_its_client_has_ended_its_side_for_too_long() {
    let mut config = Config::default();
    config.half_close_timeout = Duration::from_secs(1);
    let (router, _paused) = router();
    let (served, _) = serve_until(engine(&config), router, pending());
    let mut client = Client::connect(served.address).await;
    client.ask("GET", "/lines/plain/3", "").await;
    client.stream.shutdown().await.unwrap();
    let response = client.response().await;
    assert!(!response.complete && response.body == cut_document(Format::Lines, &texts(99, 3).collect::<Vec<_>>()));
    assert_eq!(next(&served.responses).3, Outcome::ClientGone);
}

/// Nothing is waited for that has nothing to say.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_body_that_knows_no_last_words_is_cut_as_it_is() {
    let mut config = Config::default();
    config.pause_timeout = Duration::from_secs(1);
    for version in [Version::Http1, Version::Http2] {
        let (router, _paused) = router();
        let (served, _) = serve_until(engine(&config), router, pending());
        let sent = version.part(served.address, "/other/plain/3".to_owned()).await;
        assert_eq!(sent.len(), 3 * 100 - 6, "{version:?}");
        assert_eq!(next(&served.responses).3, Outcome::SourceFailed, "{version:?}");
    }
}

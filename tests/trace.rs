//! Promise: tower-http's trace layer sees every chunk and changes nothing.
//!
//! It does not see how a body ends: the hook of `on_end` reports a failure after the head of a 200, and with the feature
//! `tracing` the library logs it.

use std::io;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::get;
use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, JsonBody, LeastRate, OneChunk, Outcome};
use chunkwire_test_support::axum::serve;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tower_http::trace::TraceLayer;

#[tokio::test]
async fn chunks_are_traced_and_the_hook_tells_of_the_failure() {
    let (chunks, mut traced) = mpsc::unbounded_channel();
    let (ends, mut told) = mpsc::unbounded_channel();
    let trace = TraceLayer::new_for_http()
        .on_body_chunk(move |chunk: &Bytes, _: Duration, _: &tracing::Span| chunks.send(chunk.len()).unwrap());
    let records = || texts(99, 500).map(Ok).chain([Err("the database went away")]);
    let answer = async move || {
        let body = JsonBody::new(Format::Array, records());
        body.on_end(move |end| ends.send((end.outcome, end.records)).unwrap()).into_response()
    };
    let server = serve(get(answer).layer(trace)).await;

    let response = Client::connect(server).await.get("/").await;
    let whole = document(Format::Array, &texts(99, 500).collect::<Vec<_>>());
    assert!(!response.complete && response.body == whole[..whole.len() - 1]);
    for size in [CHUNK_SIZE, CHUNK_SIZE, CHUNK_SIZE, 50_000 - 3 * CHUNK_SIZE] {
        assert_eq!(soon(traced.recv()).await, Some(size));
    }
    assert_eq!(soon(told.recv()).await, Some((Outcome::SourceFailed, 500)));
    assert!(traced.is_empty());
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_body_that_fails_is_logged_with_its_cause() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || written.clone()).with_ansi(false).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let logged = || String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();

    assert!(JsonBody::new(Format::Array, texts(99, 500)).collect().await.is_ok());
    assert_eq!(logged(), "", "nothing went wrong");
    drop(JsonBody::new(Format::Array, texts(99, 500)));
    assert_eq!(logged(), "", "its client went away");
    assert!(JsonBody::new(Format::Array, [Err::<u8, _>("no such table")]).ready().await.is_err());
    assert_eq!(logged(), "", "the caller has the error before anything is sent");

    let is_told = |parts: &[&str]| {
        let line = logged();
        assert_eq!(line.lines().count(), 1, "{line}");
        for part in [" WARN ", "a response was cut"].iter().chain(parts) {
            assert!(line.contains(part), "{part}: {line}");
        }
    };
    let records = texts(99, 500).map(Ok).chain([Err("the database went away")]);
    assert!(JsonBody::new(Format::Array, records).collect().await.is_err());
    is_told(&["after 500 records", "the database went away"]);
    let rate = LeastRate::new(Duration::ZERO, NonZeroU32::MAX);
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 500))).timeout(rate, sleep);
    assert!(body.collect().await.is_err());
    is_told(&["its client does not read"]);
}

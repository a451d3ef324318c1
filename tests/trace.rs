//! Promise: tower-http's trace layer sees every chunk and changes nothing.
//!
//! It does not see how a body ends: the hook of `on_end` reports a failure after the head of a 200, and the library
//! logs it with the feature `tracing` (logged_failures.rs).

use std::time::Duration;

use axum::routing::get;
use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, JsonBody, Outcome};
use chunkwire_test_support::axum::serve;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use tokio::sync::mpsc;
use tower_http::trace::TraceLayer;

#[tokio::test]
async fn chunks_are_traced_and_the_hook_tells_of_the_failure() {
    let (chunks, mut traced) = mpsc::unbounded_channel();
    let (ends, mut told) = mpsc::unbounded_channel();
    let trace = TraceLayer::new_for_http()
        .on_body_chunk(move |chunk: &Bytes, _: Duration, _: &tracing::Span| chunks.send(chunk.len()).unwrap());
    let records = || texts(99, 500).map(Ok).chain([Err("the database went away")]);
    let handler = async move || {
        let body = JsonBody::new(Format::Array, records());
        body.on_end(move |end| ends.send((end.outcome, end.records)).unwrap()).into_response()
    };
    let server = serve(get(handler).layer(trace)).await;

    let response = Client::connect(server).await.get("/").await;
    let whole = document(Format::Array, &texts(99, 500).collect::<Vec<_>>());
    assert!(!response.complete && response.body == whole[..whole.len() - 1]);
    for size in [CHUNK_SIZE, CHUNK_SIZE, CHUNK_SIZE, 50_000 - 3 * CHUNK_SIZE] {
        assert_eq!(soon(traced.recv()).await, Some(size));
    }
    assert_eq!(soon(told.recv()).await, Some((Outcome::SourceFailed, 500)));
    assert!(traced.is_empty());
}

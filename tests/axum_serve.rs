//! Promise: under `axum::serve`, whose hyper can't be tuned, still only one chunk is alive, and a client that does not
//! read is given up.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::get;
use chunkwire::{
    APPLICATION_JSON, APPLICATION_X_NDJSON, ChunkGauge, DropOutcome, Envelope, Format, JsonBody, LeastRate,
    NO_PROXY_BUFFERING, OneChunk, Outcome,
};
use chunkwire_test_support::axum::serve;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use http::Response;
use tokio::sync::oneshot;
use tokio::time::sleep;

#[tokio::test]
async fn a_handler_returns_a_body_as_a_response() {
    let array = get(async || JsonBody::new(Format::Array, 1..=3).into_response());
    let response = Client::connect(serve(array).await).await.get("/").await;
    assert_eq!(response.header("content-type"), Some(APPLICATION_JSON));
    assert_eq!((response.complete, &*response.body), (true, &b"[1,2,3]"[..]));

    let lines =
        get(async || ([NO_PROXY_BUFFERING], JsonBody::new(Format::Lines, 1..=3).on_end(|_| ()).into_response()));
    let response = Client::connect(serve(lines).await).await.get("/").await;
    assert_eq!(response.header("content-type"), Some(APPLICATION_X_NDJSON));
    assert_eq!(response.header("x-accel-buffering"), Some("no"));
    assert_eq!((response.complete, &*response.body), (true, &b"1\n2\n3\n"[..]));

    let object = get(async || JsonBody::new(Envelope::new("ids"), 1..=3).into_response());
    let response = Client::connect(serve(object).await).await.get("/").await;
    assert_eq!(response.header("content-type"), Some(APPLICATION_JSON));
    assert_eq!((response.complete, &*response.body), (true, &br#"{"ids":[1,2,3]}"#[..]));
}

#[tokio::test]
async fn one_chunk_is_alive_though_hyper_would_take_many() {
    let gauge = Arc::new(ChunkGauge::default());
    let counting = Arc::clone(&gauge);
    let handler = get(async move || {
        let body = JsonBody::new(Format::Array, texts(99, 100_000));
        Response::new(OneChunk::counted(body, counting))
    });
    let mut client = Client::with_little_room(serve(handler).await).await;
    let response = client.get("/").await;
    assert!(response.complete);
    assert_eq!(response.body.len(), 10_000_001);
    assert_eq!((gauge.alive(), gauge.peak()), (0, 1));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let (told, outcome) = oneshot::channel();
    let told = Arc::new(Mutex::new(Some(told)));
    let handler = get(async move || {
        let outcome = DropOutcome::default();
        let told = told.lock().unwrap().take().unwrap();
        let endless = JsonBody::new(Format::Array, texts(99, usize::MAX));
        let body = endless.on_end(|end| told.send(end.outcome).unwrap()).drop_outcome(outcome.clone());
        let rate = LeastRate::new(Duration::from_millis(50), NonZeroU32::MAX);
        Response::new(OneChunk::new(body).timeout(rate, move |allowed| {
            let outcome = outcome.clone();
            async move {
                sleep(allowed).await;
                outcome.set(Outcome::Stalled);
            }
        }))
    });
    let mut client = Client::with_little_room(serve(handler).await).await;
    client.ask("GET", "/", "").await;
    assert_eq!(soon(outcome).await.unwrap(), Outcome::Stalled);
    assert!(!client.response().await.complete, "it ends without the final chunk");
}

/// hyper polls for all its chunks while one is on its way.
#[tokio::test]
async fn a_client_that_reads_is_not_given_up() {
    let handler = get(async || {
        let body = JsonBody::new(Format::Array, texts(99, 100_000));
        let rate = LeastRate::new(Duration::from_secs(60), NonZeroU32::new(1000).unwrap());
        Response::new(OneChunk::new(body).timeout(rate, sleep))
    });
    let response = Client::with_little_room(serve(handler).await).await.get("/").await;
    assert!(response.complete && response.body.len() == 10_000_001);
}

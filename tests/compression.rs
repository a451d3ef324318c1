//! Promise: under tower-http's compression a body has the same bytes, the same ends, and memory that does not grow.
//!
//! A compressor keeps the chunk that it has read until it gets the next. `OneChunk` goes around it, not under it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::routing::{MethodRouter, get};
use chunkwire::{ChunkGauge, Format, JsonBody, OneChunk};
use chunkwire_test_support::allocations::{CountChunks, Tally};
use chunkwire_test_support::axum::serve;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use tokio::io::AsyncReadExt;
use tower_http::compression::CompressionLayer;
use tower_http::map_response_body::MapResponseBodyLayer;

#[global_allocator]
static ALLOCATOR: CountChunks = CountChunks;

/// Starts a service that sends `count` texts, and returns a gauge of the compressed frames that are alive in it.
async fn service(count: usize, end: Option<&'static str>) -> (SocketAddr, Arc<ChunkGauge>) {
    let gauge = Arc::new(ChunkGauge::default());
    let counting = Arc::clone(&gauge);
    let handler = async move || Body::new(JsonBody::new(Format::Array, texts(99, count).map(Ok).chain(end.map(Err))));
    let one_chunk = move |body: Body| OneChunk::counted(body, Arc::clone(&counting));
    let compressed: MethodRouter = get(handler).layer(CompressionLayer::new());
    (serve(compressed.layer(MapResponseBodyLayer::new(one_chunk))).await, gauge)
}

fn client(coding: &str) -> reqwest::Client {
    reqwest::Client::builder().gzip(coding == "gzip").brotli(coding == "br").build().unwrap()
}

#[tokio::test]
async fn what_is_decoded_are_the_same_bytes() {
    let (server, _) = service(5000, None).await;
    for coding in ["gzip", "br"] {
        let mut raw = Client::connect(server).await;
        raw.ask("GET", "/", &format!("accept-encoding: {coding}\r\n")).await;
        let raw = raw.response().await;
        assert_eq!(raw.header("content-encoding"), Some(coding));

        let response = soon(client(coding).get(format!("http://{server}")).send()).await.unwrap();
        let decoded = soon(response.bytes()).await.unwrap();
        assert!(decoded == document(Format::Array, &texts(99, 5000).collect::<Vec<_>>()), "{} bytes", decoded.len());
        assert!(raw.complete && raw.body.len() < decoded.len() / 2, "{} bytes", raw.body.len());
    }
}

#[tokio::test]
async fn a_failure_is_an_error_for_a_client_that_decodes() {
    let (server, _) = service(5000, Some("the database went away")).await;
    for coding in ["gzip", "br"] {
        let response = soon(client(coding).get(format!("http://{server}")).send()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(soon(response.bytes()).await.is_err(), "a cut {coding} response was taken for a whole one");
    }
}

/// Reads a compressed response of `count` texts, and returns the most large allocations that were alive at once.
async fn peak(count: usize) -> isize {
    let (server, gauge) = service(count, None).await;
    let mut client = Client::with_little_room(server).await;
    Tally::restart();
    client.ask("GET", "/", "accept-encoding: gzip\r\nconnection: close\r\n").await;
    let head = soon(Response::read_head(&mut client.stream)).await;
    assert_eq!(head.header("content-encoding"), Some("gzip"));
    let mut part = [0; 4096];
    while soon(client.stream.read(&mut part)).await.unwrap() > 0 {}
    assert_eq!((gauge.alive(), gauge.peak()), (0, 1));
    Tally::now().peak
}

#[tokio::test]
async fn a_long_response_takes_no_more_memory_than_a_short_one() {
    // From the first response on, the thread keeps a buffer for the next.
    peak(2000).await;
    // The compressor holds a chunk while the next is filled.
    assert_eq!(peak(200_000).await, peak(2000).await);
}

//! Promise: an axum handler returns a body like any other response.
//!
//! What `axum::serve` needs is in `axum_serve.rs`.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::get;
use chunkwire::{Format, JsonBody, Outcome};
use chunkwire_test_support::axum::serve;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use tokio::sync::mpsc;

#[tokio::test]
async fn a_handler_returns_a_response_of_each_format() {
    for format in [Format::Array, Format::Lines] {
        let answer = async move || JsonBody::new(format, texts(99, 5000)).into_response();
        let server = serve(get(answer)).await;
        let response = Client::connect(server).await.get("/").await;
        assert_eq!((response.status, response.header("content-type")), (200, Some(format.content_type())));
        assert!(response.complete && response.body == document(format, &texts(99, 5000).collect::<Vec<_>>()));
        let (full, [_, end]) = response.chunk_lines.split_last_chunk().unwrap();
        assert!(full.iter().all(|size| size == "4000") && end == "0", "{:?}", response.chunk_lines);
    }
}

#[tokio::test]
async fn a_handler_returns_another_response_if_the_first_record_fails() {
    let answer = async || {
        let body = JsonBody::new(Format::Array, [Err::<u8, _>("no such table")]).ready().await;
        body.map(JsonBody::into_response).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    };
    let server = serve(get(answer)).await;
    assert_eq!(Client::connect(server).await.get("/").await.status, 503);
}

#[tokio::test]
async fn a_failure_cuts_the_response() {
    let records = || texts(99, 5000).map(Ok).chain([Err("the database went away")]);
    let answer = async move || JsonBody::new(Format::Array, records()).into_response();
    let server = serve(get(answer)).await;
    let response = Client::connect(server).await.get("/").await;
    let whole = document(Format::Array, &texts(99, 5000).collect::<Vec<_>>());
    assert!(!response.complete && response.body == whole[..whole.len() - 1], "{} bytes", response.body.len());
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_source() {
    let (sender, gone) = tokio::sync::oneshot::channel::<()>();
    let kept = Arc::new(std::sync::Mutex::new(Some(sender)));
    let answer = async move || {
        let sender = kept.lock().unwrap().take();
        let records = texts(99, usize::MAX).inspect(move |_| assert!(sender.is_some()));
        JsonBody::new(Format::Lines, records).into_response()
    };
    let server = serve(get(answer)).await;
    let mut client = Client::connect(server).await;
    client.ask("GET", "/", "").await;
    client.wait_for_data().await;
    drop(client);
    assert!(soon(gone).await.is_err(), "the source was dropped");
}

/// axum drops the body of a response to HEAD, and hyper that of one with a status that has none.
#[tokio::test]
async fn the_hook_tells_that_nobody_asked_for_a_body() {
    for (method, status) in
        [("HEAD", StatusCode::OK), ("GET", StatusCode::NOT_MODIFIED), ("GET", StatusCode::NO_CONTENT)]
    {
        let (ends, mut told) = mpsc::unbounded_channel();
        let answer = async move || {
            let body = JsonBody::new(Format::Array, texts(99, 5000));
            let response = body.on_end(move |end| ends.send(end.outcome).unwrap()).into_response();
            (status, response.map(axum::body::Body::new))
        };
        let mut client = Client::connect(serve(get(answer)).await).await;
        client.ask(method, "/", "").await;
        assert_eq!(soon(told.recv()).await, Some(Outcome::Unpolled), "{method} {status}");
    }
}

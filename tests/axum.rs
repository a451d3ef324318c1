//! Promise: an axum handler returns a body like any other response.
//!
//! What `axum::serve` needs is in `axum_serve.rs`.

use std::sync::Arc;

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::routing::{MethodRouter, get};
use chunkwire::{
    APPLICATION_JSON, APPLICATION_JSONL, APPLICATION_X_NDJSON, Format, JsonBody, NO_PROXY_BUFFERING, Outcome,
};
use chunkwire_test_support::axum::serve;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use tokio::sync::mpsc;

#[tokio::test]
async fn a_handler_returns_a_response_of_each_format() {
    for format in [Format::Array, Format::Lines] {
        let handler = async move || JsonBody::new(format, texts(99, 5000)).into_response();
        let server = serve(get(handler)).await;
        let response = Client::connect(server).await.get("/").await;
        assert_eq!((response.status, response.header("content-type")), (200, Some(format.content_type())));
        assert!(response.complete && response.body == document(format, &texts(99, 5000).collect::<Vec<_>>()));
        let (full, [_, end]) = response.chunk_lines.split_last_chunk().unwrap();
        assert!(full.iter().all(|size| size == "4000") && end == "0", "{:?}", response.chunk_lines);
    }
}

/// Returns the status, the content type, `x-accel-buffering` and the body of what a handler returns.
async fn returned(handler: MethodRouter) -> (u16, String, Option<String>, Vec<u8>) {
    let response = Client::connect(serve(handler).await).await.get("/").await;
    let header = |name| response.header(name).map(str::to_owned);
    assert!(response.complete);
    (response.status, header("content-type").unwrap(), header("x-accel-buffering"), response.body)
}

#[tokio::test]
async fn a_handler_returns_a_body_itself() {
    let body = |format| JsonBody::new(format, 1..=3);
    let (json, ndjson) = (APPLICATION_JSON.to_owned(), APPLICATION_X_NDJSON.to_owned());
    let (array, lines) = (b"[1,2,3]".to_vec(), b"1\n2\n3\n".to_vec());

    let plain = returned(get(async move || body(Format::Array))).await;
    assert_eq!(plain, (200, json.clone(), None, array.clone()));
    let told = returned(get(async move || body(Format::Lines).on_end(|_| ()))).await;
    assert_eq!(told, (200, ndjson, None, lines.clone()));
    let parts = returned(get(async move || (StatusCode::CREATED, [NO_PROXY_BUFFERING], body(Format::Array)))).await;
    assert_eq!(parts, (201, json.clone(), Some("no".to_owned()), array.clone()));
    let jsonl = [(CONTENT_TYPE, HeaderValue::from_static(APPLICATION_JSONL))];
    let replaced = returned(get(async move || (jsonl, body(Format::Lines)))).await;
    assert_eq!(replaced, (200, APPLICATION_JSONL.to_owned(), None, lines));
    let ready = async move || body(Format::Array).ready().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(returned(get(ready)).await, (200, json, None, array));
}

#[tokio::test]
async fn a_handler_returns_another_response_if_the_first_record_fails() {
    let handler = async || {
        let body = JsonBody::new(Format::Array, [Err::<u8, _>("no such table")]).ready().await;
        body.map(JsonBody::into_response).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    };
    let server = serve(get(handler)).await;
    assert_eq!(Client::connect(server).await.get("/").await.status, 503);
}

#[tokio::test]
async fn a_failure_cuts_the_response() {
    let records = || texts(99, 5000).map(Ok).chain([Err("the database went away")]);
    let handler = async move || JsonBody::new(Format::Array, records()).into_response();
    let server = serve(get(handler)).await;
    let response = Client::connect(server).await.get("/").await;
    let whole = document(Format::Array, &texts(99, 5000).collect::<Vec<_>>());
    assert!(!response.complete && response.body == whole[..whole.len() - 1], "{} bytes", response.body.len());
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_source() {
    let (sender, gone) = tokio::sync::oneshot::channel::<()>();
    let kept = Arc::new(std::sync::Mutex::new(Some(sender)));
    let handler = async move || {
        let sender = kept.lock().unwrap().take();
        let records = texts(99, usize::MAX).inspect(move |_| assert!(sender.is_some()));
        JsonBody::new(Format::Lines, records).into_response()
    };
    let server = serve(get(handler)).await;
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
        let handler = async move || {
            let body = JsonBody::new(Format::Array, texts(99, 5000));
            let response = body.on_end(move |end| ends.send(end.outcome).unwrap()).into_response();
            (status, response.map(axum::body::Body::new))
        };
        let mut client = Client::connect(serve(get(handler)).await).await;
        client.ask(method, "/", "").await;
        assert_eq!(soon(told.recv()).await, Some(Outcome::Unpolled), "{method} {status}");
    }
}

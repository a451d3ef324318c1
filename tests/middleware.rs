//! Promise: a response may stand under any layers, and ends there with all its bytes: nothing waits for ever.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use chunkwire::{Envelope, Format, JsonBody, OneChunk};
use chunkwire_test_support::axum::serve_router;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use http_body_util::BodyExt;
use tokio_stream::StreamExt;
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;
use tower_http::map_response_body::MapResponseBodyLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

/// A few chunks.
const RECORDS: usize = 1000;

fn whole(format: Format) -> Vec<u8> {
    document(format, &texts(99, RECORDS).collect::<Vec<_>>())
}

/// Handlers that return a response of each kind.
fn app() -> Router {
    let body = |format: Format| JsonBody::new(format, texts(99, RECORDS));
    Router::new()
        .route("/array", get(async move || body(Format::Array).into_response()))
        .route("/lines", get(async move || body(Format::Lines).into_response()))
        .route("/told", get(async move || body(Format::Array).on_end(|_| ()).into_response()))
        .route("/ready", get(async move || body(Format::Array).ready().await.unwrap().into_response()))
        .route("/object", get(async || JsonBody::new(Envelope::new("all"), texts(99, RECORDS)).into_response()))
}

const PATHS: [&str; 5] = ["/array", "/lines", "/told", "/ready", "/object"];

fn expected(path: &str) -> Vec<u8> {
    match path {
        "/lines" => whole(Format::Lines),
        "/object" => [b"{\"all\":", &*whole(Format::Array), b"}"].concat(),
        _ => whole(Format::Array),
    }
}

async fn response(app: Router, path: &str) -> Response {
    soon(app.oneshot(Request::get(path).body(Body::empty()).unwrap())).await.unwrap()
}

/// As a test of a service, or an adapter for functions as a service, does.
#[tokio::test]
async fn it_can_be_collected() {
    for path in PATHS {
        let collected = soon(to_bytes(response(app(), path).await.into_body(), usize::MAX)).await.unwrap();
        assert!(collected == expected(path), "{path}");
        let stream = response(app(), path).await.into_body().into_data_stream();
        let frames: Vec<Bytes> = soon(StreamExt::collect::<Result<_, _>>(stream)).await.unwrap();
        assert!(frames.len() > 5 && frames.concat() == expected(path), "{path}");
    }
}

/// A layer that needs all of a body before it passes on any of it.
async fn buffered(request: Request, next: Next) -> Response {
    let (head, body) = next.run(request).await.into_parts();
    let collected = body.collect().await.unwrap().to_bytes();
    Response::from_parts(head, Body::from(collected))
}

#[tokio::test]
async fn it_goes_through_layers_over_the_whole_router() {
    let layered = app()
        .layer(from_fn(buffered))
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(http::StatusCode::REQUEST_TIMEOUT, std::time::Duration::from_secs(60)))
        .layer(TraceLayer::new_for_http());
    let at_the_edge = layered.clone().layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    for app in [layered, at_the_edge] {
        let server = serve_router(app).await;
        for path in PATHS {
            let plain = Client::connect(server).await.get(path).await;
            assert!(plain.complete && plain.body == expected(path), "{path}");
            let client = reqwest::Client::builder().gzip(true).build().unwrap();
            let decoded = soon(client.get(format!("http://{server}{path}")).send()).await.unwrap();
            assert!(soon(decoded.bytes()).await.unwrap() == expected(path), "{path}, compressed");
        }
    }
}

//! Promise: under each layer of FRAMEWORKS.md, a streamed response does what stands there.
//!
//! `middleware.rs` has stacks of layers, `compression.rs` and `trace.rs` more of those two.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk};
use chunkwire_test_support::axum::serve_router;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::{Unending, document, texts};
use chunkwire_test_support::time::soon;
use http::header::{ACCEPT_ENCODING, SERVER};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt;
use tokio::sync::Notify;
use tokio::time::{advance, timeout};
use tower::buffer::Buffer;
use tower::limit::ConcurrencyLimitLayer;
use tower::{ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::map_response_body::MapResponseBodyLayer;
use tower_http::metrics::InFlightRequestsLayer;
use tower_http::on_early_drop::{OnBodyDropFn, OnEarlyDropLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{ResponseBodyDeadlineLayer, ResponseBodyTimeoutLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
/// A few chunks.
const RECORDS: usize = 1000;

/// A layer's own test begins with its name, as the first column of the table has it.
#[test]
fn every_row_has_a_test() {
    let section = include_str!("../FRAMEWORKS.md").split("\n## Under layers\n").nth(1).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | ")).skip(1);
    let layers: Vec<_> = rows.flat_map(|(layers, _)| layers.split(", ")).collect();
    assert!(layers.len() > 10, "{layers:?}");
    let tested: HashSet<_> = include_str!("layers.rs").lines().filter_map(|line| line.strip_prefix("/// `")).collect();
    let tested: HashSet<_> =
        tested.iter().flat_map(|line| line.split(", ")).map(|name| name.trim_matches('`')).collect();
    assert_eq!(layers.iter().map(|name| name.trim_matches('`')).collect::<HashSet<_>>(), tested);
}

/// A service with `/whole`, `/failing` and `/pausing`, which yields a record and then nothing.
fn app() -> Router {
    let records = || texts(99, RECORDS).map(Ok);
    Router::new()
        .route("/whole", get(async || JsonBody::new(Format::Array, texts(99, RECORDS))))
        .route("/failing", get(async move || JsonBody::new(Format::Array, records().chain([Err("it went away")]))))
        .route("/pausing", get(async || JsonBody::from_stream(Format::Lines, Unending(texts(99, 1)))))
}

fn whole() -> Vec<u8> {
    document(Format::Array, &texts(99, RECORDS).collect::<Vec<_>>())
}

fn request(path: &str) -> Request {
    Request::get(path).header(ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap()
}

async fn response(app: &Router, path: &str) -> Response {
    soon(app.clone().oneshot(request(path))).await.unwrap()
}

/// Awaits the data of the next frame.
async fn data(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    Some(body.frame().await?.map(|frame| frame.into_data().unwrap()))
}

/// Returns a hook that counts its calls.
fn count(calls: Arc<AtomicUsize>) -> impl Fn() + Clone {
    move || _ = calls.fetch_add(1, SeqCst)
}

/// Where frames are in memory.
type Places = Arc<Mutex<Vec<usize>>>;

/// Returns a layer that notes where the frames of what is under it are.
fn noting() -> (Places, MapResponseBodyLayer<impl Fn(Body) -> Body + Clone>) {
    let places = Places::default();
    let noted = Arc::clone(&places);
    let note = move |body: Body| {
        let noted = Arc::clone(&noted);
        Body::new(body.map_frame(move |frame| {
            noted.lock().unwrap().push(frame.data_ref().unwrap().as_ptr().addr());
            frame
        }))
    };
    (places, MapResponseBodyLayer::new(note))
}

/// `CorsLayer`, `SetResponseHeaderLayer`, `RequestBodyLimitLayer`
#[tokio::test]
async fn most_layers_pass_frames_as_they_are() {
    let (inside, inner) = noting();
    let (outside, outer) = noting();
    let app = app()
        .layer(inner)
        .layer(CorsLayer::permissive())
        .layer(SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("ours")))
        .layer(RequestBodyLimitLayer::new(1))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, HOUR))
        .layer(TraceLayer::new_for_http())
        .layer(CatchPanicLayer::new())
        .layer(InFlightRequestsLayer::pair().0)
        .layer(ConcurrencyLimitLayer::new(1))
        .layer(outer);
    let response = response(&app, "/whole").await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert_eq!(response.headers()[SERVER], "ours");
    let collected = response.into_body().collect().await.unwrap().to_bytes();
    assert!(collected == whole());
    assert_eq!(*inside.lock().unwrap(), *outside.lock().unwrap());
    assert_eq!(inside.lock().unwrap().len(), whole().len().div_ceil(CHUNK_SIZE));
}

/// `TimeoutLayer`
#[tokio::test(start_paused = true)]
async fn a_timeout_ends_with_the_head() {
    let limit = TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SECOND);
    let app = app().route("/silent", get(std::future::pending::<()>)).layer(limit);
    assert_eq!(response(&app, "/silent").await.status(), StatusCode::GATEWAY_TIMEOUT);

    let mut body = response(&app, "/pausing").await.into_body();
    assert_eq!(data(&mut body).await.unwrap().unwrap().len(), 100);
    assert!(timeout(HOUR, data(&mut body)).await.is_err(), "the body may take any time");
}

/// `ResponseBodyTimeoutLayer`
#[tokio::test(start_paused = true)]
async fn a_timeout_of_the_body_is_about_pauses_of_the_source() {
    let app = app().layer(ResponseBodyTimeoutLayer::new(SECOND));
    let mut body = response(&app, "/pausing").await.into_body();
    assert_eq!(data(&mut body).await.unwrap().unwrap().len(), 100);
    assert!(timeout(2 * SECOND, data(&mut body)).await.unwrap().unwrap().is_err());

    let mut body = response(&app, "/whole").await.into_body();
    let mut collected = Vec::new();
    while let Some(frame) = data(&mut body).await {
        collected.extend(frame.unwrap());
        advance(HOUR).await; // While the frame is on its way to the client.
    }
    assert!(collected == whole());
}

/// `ResponseBodyDeadlineLayer`
#[tokio::test(start_paused = true)]
async fn a_deadline_of_the_body_cuts_slow_clients_too() {
    let app = app().layer(ResponseBodyDeadlineLayer::new(SECOND));
    let mut body = response(&app, "/whole").await.into_body();
    assert_eq!(data(&mut body).await.unwrap().unwrap().len(), CHUNK_SIZE);
    advance(2 * SECOND).await; // While the frame is on its way to the client.
    assert!(data(&mut body).await.unwrap().is_err());
}

/// `CompressionLayer`
#[tokio::test]
async fn a_compressor_sends_what_it_has_when_its_source_pauses() {
    let server = serve_router(app().layer(CompressionLayer::new())).await;
    let client = reqwest::Client::builder().gzip(true).brotli(true).build().unwrap();
    for coding in ["gzip", "br"] {
        let request = client.get(format!("http://{server}/pausing")).header(ACCEPT_ENCODING, coding);
        let mut response = soon(request.send()).await.unwrap();
        let first = soon(response.chunk()).await.unwrap().unwrap();
        assert_eq!(first, document(Format::Lines, &texts(99, 1).collect::<Vec<_>>()), "{coding}");
    }
}

/// `TraceLayer`
#[tokio::test]
async fn a_trace_sees_chunks_and_complete_ends_and_no_failure_after_the_head() {
    let counts: [Arc<AtomicUsize>; 3] = Default::default();
    let [chunks, ends, failures] = counts.clone().map(count);
    let trace = TraceLayer::new_for_http()
        .on_body_chunk(move |_: &Bytes, _: Duration, _: &tracing::Span| chunks())
        .on_eos(move |_: Option<&HeaderMap>, _: Duration, _: &tracing::Span| ends())
        .on_failure(move |_, _: Duration, _: &tracing::Span| failures());
    let app = app().layer(trace);
    let told = || counts.each_ref().map(|count| count.load(SeqCst));

    drop(response(&app, "/whole").await.into_body().collect().await.unwrap());
    let chunks = whole().len().div_ceil(CHUNK_SIZE);
    assert_eq!(told(), [chunks, 1, 0]);
    assert!(response(&app, "/failing").await.into_body().collect().await.is_err());
    assert_eq!(told(), [2 * chunks, 1, 0]);
}

/// `CatchPanicLayer`
#[tokio::test]
async fn a_panic_of_a_record_cuts_and_is_not_caught() {
    // After more than hyper queues, so that it has sent the head.
    let panics =
        || texts(99, 20_000).map(|text| if text.ends_with("19999") { resume_unwind(Box::new(())) } else { text });
    let app = app()
        .route("/handler", get(async || -> () { resume_unwind(Box::new(())) }))
        .route("/record", get(async move || JsonBody::new(Format::Array, panics())))
        .layer(CatchPanicLayer::new());
    let server = serve_router(app).await;
    let handler = Client::connect(server).await.get("/handler").await;
    assert_eq!((handler.status, handler.complete), (500, true));
    let record = Client::connect(server).await.get("/record").await;
    assert_eq!((record.status, record.complete), (200, false));
    assert!(!record.body.is_empty());
}

/// `MapResponseBodyLayer`
#[tokio::test(start_paused = true)]
async fn a_body_is_mapped_where_one_chunk_is_kept() {
    let app = app().layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    let mut body = response(&app, "/whole").await.into_body();
    let first = data(&mut body).await.unwrap().unwrap();
    assert!(timeout(HOUR, data(&mut body)).await.is_err(), "the first frame is alive");
    drop(first);
    assert!(data(&mut body).await.unwrap().is_ok());
}

/// `ConcurrencyLimitLayer`
#[tokio::test(start_paused = true)]
async fn a_limit_of_concurrency_ends_with_the_head() {
    let go_on = Arc::new(Notify::new());
    let waits = Arc::clone(&go_on);
    let held = get(async move || waits.notified().await);
    let app = app().route("/held", held).layer(ConcurrencyLimitLayer::new(1));

    let streams = [response(&app, "/whole").await, response(&app, "/whole").await];
    assert_eq!(streams.len(), 2, "at once, both unread");
    let first = tokio::spawn(app.clone().oneshot(request("/held")));
    tokio::task::yield_now().await;
    let mut second = std::pin::pin!(app.clone().oneshot(request("/held")));
    assert!(timeout(HOUR, &mut second).await.is_err(), "a handler of that route is at work");
    go_on.notify_one();
    soon(first).await.unwrap().unwrap();
    go_on.notify_one();
    soon(second).await.unwrap();
}

/// `Buffer`
#[tokio::test]
async fn a_buffer_is_of_requests() {
    let (inside, inner) = noting();
    let app = app().layer(inner);
    let buffer = Buffer::new(service_fn(move |request| app.clone().oneshot(request)), 4);
    let body = soon(buffer.oneshot(request("/whole"))).await.unwrap().into_body();
    assert!(inside.lock().unwrap().is_empty(), "no frame was asked for");
    assert!(body.collect().await.unwrap().to_bytes() == whole());
}

/// `InFlightRequestsLayer`
#[tokio::test]
async fn requests_are_in_flight_until_their_bodies_end() {
    let (layer, counter) = InFlightRequestsLayer::pair();
    let app = app().layer(layer);
    let response = response(&app, "/whole").await;
    assert_eq!(counter.get(), 1);
    drop(response);
    assert_eq!(counter.get(), 0);
}

/// `OnEarlyDropLayer`
#[tokio::test]
async fn an_early_drop_is_of_a_client_that_left_and_not_of_a_source_that_failed() {
    let drops = Arc::new(AtomicUsize::new(0));
    let dropped = count(Arc::clone(&drops));
    let told = OnBodyDropFn::new(move |_: &Request| {
        let dropped = dropped.clone();
        move |_: &Parts| dropped
    });
    let app = app().layer(OnEarlyDropLayer::builder().on_body_drop(told));
    drop(response(&app, "/whole").await.into_body().collect().await.unwrap());
    assert!(response(&app, "/failing").await.into_body().collect().await.is_err());
    assert_eq!(drops.load(SeqCst), 0);
    drop(response(&app, "/whole").await);
    assert_eq!(drops.load(SeqCst), 1);
}

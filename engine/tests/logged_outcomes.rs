//! Promise: a service that uses only the engine can log how every response ended, and why if it failed.
//!
//! It is alone in its process: the engine's workers are threads, which know only the process's own subscriber.

mod support;

use std::io;
use std::num::NonZeroU32;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use chunkwire::{Format, JsonBody};
use chunkwire_engine::{Config, serve};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::{Client as Http2, WIDE, read};
use chunkwire_test_support::records::{Unending, texts};
use chunkwire_test_support::time::soon;
use support::next;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_http::trace::TraceLayer;

/// Passes on each line that is logged.
struct Lines(Sender<String>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A test that has ended listens no more.
        let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn router() -> Router {
    let texts = || texts(99, 100_000);
    let failing =
        move || JsonBody::new(Format::Array, texts().take(500).map(Ok).chain([Err("the database went away")]));
    let short = || ([("content-length", "9")], JsonBody::new(Format::Array, 0..3).into_response());
    Router::new()
        .route("/few", get(async || ([("x-request-id", "7f")], JsonBody::new(Format::Array, 0..3).into_response())))
        .route("/many", get(async move || JsonBody::new(Format::Array, texts()).into_response()))
        .route("/failing", get(async move || failing().into_response()))
        .route("/short", get(async move || short()))
        .route("/silent", get(async || JsonBody::from_stream(Format::Array, Unending(0..3)).into_response()))
        .route("/panic", get(async || JsonBody::new(Format::Array, (0..9).map(|n| 1 / (5 - n))).into_response()))
        .layer(TraceLayer::new_for_http())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_end_of_every_response_is_logged() {
    let (lines, logged) = channel();
    let writer = move || Lines(lines.clone());
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_ansi(false);
    subscriber.with_writer(writer).init();
    let end = || loop {
        let line = next(&logged);
        if line.contains("chunkwire_engine::response: ") {
            return line;
        }
    };

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = Config::default();
    config.stall_timeout = Duration::from_millis(300);
    config.min_rate = NonZeroU32::MAX;
    config.pause_timeout = Duration::from_millis(200);
    config.shutdown_timeout = Duration::ZERO;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = serve(listener, router()).config(config).with_graceful_shutdown(async { drop(stopped.await) });
    let serving = tokio::spawn(serving.into_future());

    let mut client = Client::connect(address).await;
    let peer = client.tcp().local_addr().unwrap();
    let is_logged = |parts: &[&str]| {
        let line = end();
        for part in ["elapsed="].iter().chain(parts) {
            assert!(line.contains(part), "{part}: {line}");
        }
    };
    assert_eq!(client.get("/few").await.body, b"[0,1,2]");
    let ids = [&format!("peer={peer}")[..], "request_id=\"7f\""];
    is_logged(&[" DEBUG ", ids[0], ids[1], "version=HTTP/1.1", "status=200", "bytes=7", "outcome=Complete"]);
    let mut http2 = Http2::connect(address, WIDE).await;
    assert_eq!(read(http2.get("/few").await).await.0, b"[0,1,2]");
    is_logged(&[" DEBUG ", "version=HTTP/2.0", "status=200", "bytes=7", "outcome=Complete"]);
    drop(http2);
    assert_eq!(client.get("/nowhere").await.status, 404);
    is_logged(&[" DEBUG ", "status=404", "bytes=0", "outcome=Complete"]);

    for (path, cause) in [
        ("/failing", "the database went away"),
        ("/short", "after 7 of 9 bytes"),
        ("/silent", "kept the client waiting"),
        ("/panic", "the body panicked"),
    ] {
        let response = Client::connect(address).await.get(path).await;
        assert!(!response.complete, "{path}");
        is_logged(&[" ERROR ", "version=HTTP/1.1", "status=200", "outcome=SourceFailed", cause]);
    }

    let ask = async || {
        let mut client = Client::with_little_room(address).await;
        client.ask("GET", "/many", "").await;
        client.wait_for_data().await;
        client
    };
    drop(ask().await);
    is_logged(&[" DEBUG ", "status=200", "outcome=ClientGone"]);
    let stalled = ask().await;
    is_logged(&[" DEBUG ", "status=200", "outcome=Stalled"]);
    let cut = ask().await;
    stop.send(()).unwrap();
    is_logged(&[" DEBUG ", "status=200", "outcome=ShutDown"]);
    drop((stalled, cut));
    assert_eq!(soon(serving).await.unwrap().unwrap(), 1);
}

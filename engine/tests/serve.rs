//! Promise: one line stands in place of `axum::serve`, and each limit can be set.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, WebSocketUpgrade};
use axum::routing::get;
use axum::{Extension, Router};
use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use chunkwire_engine::{Config, ConnectionEnd, Observe, Peer, serve};
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use http::Request;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::{Notify, mpsc};
use tower_http::compression::CompressionLayer;
use tower_http::trace::TraceLayer;

const RECORDS: usize = 1000;

fn router() -> Router {
    let records = async || JsonBody::new(Format::Array, texts(99, RECORDS)).into_response();
    Router::new().route("/", get(records)).layer(CompressionLayer::new()).layer(TraceLayer::new_for_http())
}

#[tokio::test]
async fn a_router_under_layers_is_served_until_it_is_told_to_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let serving = serve(listener, router()).with_graceful_shutdown(async move { stopped.notified().await });
    let serving = tokio::spawn(serving.into_future());

    let mut client = Client::connect(address).await;
    let response = client.get("/").await;
    assert!(response.complete && response.body == document(Format::Array, &texts(99, RECORDS).collect::<Vec<_>>()));
    assert_eq!(usize::from_str_radix(&response.chunk_lines[0], 16), Ok(CHUNK_SIZE));
    client.ask("GET", "/", "accept-encoding: gzip\r\n").await;
    assert_eq!(client.response().await.header("content-encoding"), Some("gzip"));

    stop.notify_one();
    assert_eq!(soon(serving).await.unwrap().unwrap(), 0);
    assert!(client.is_closed().await);
}

struct Ends(mpsc::UnboundedSender<ConnectionEnd>);

impl Observe for Ends {
    type Kept = ();

    fn request<B>(&self, _: &Request<B>, _: &Peer) {}

    fn connection_end(&self, end: ConnectionEnd) {
        self.0.send(end).unwrap();
    }
}

#[tokio::test]
async fn limits_and_an_observer_can_be_set() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = Config::default();
    config.head_timeout = Duration::from_millis(100);
    let (ends, mut ended) = mpsc::unbounded_channel();
    tokio::spawn(serve(listener, router()).config(config).observer(Ends(ends)).into_future());
    let silent = Client::connect(address).await;
    assert_eq!(soon(ended.recv()).await, Some(ConnectionEnd::HeadTimeout));
    drop(silent);
}

#[tokio::test]
async fn a_limit_that_leaves_no_time_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = Config::default();
    config.stall_timeout = Duration::ZERO;
    let error = serve(listener, router()).config(config).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

/// What a handler says about the connection of its request.
fn who() -> Router {
    let who = async |ConnectInfo(who): ConnectInfo<SocketAddr>| who.to_string();
    Router::new().route("/", get(who))
}

#[tokio::test]
async fn handlers_are_told_whom_a_connection_is_with() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, who()).connect_info(|peer| peer.tcp().map(ConnectInfo)).into_future());
    let mut client = Client::connect(address).await;
    let own = client.tcp().local_addr().unwrap();
    for _ in 0..2 {
        assert_eq!(client.get("/").await.body, own.to_string().as_bytes());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_served_as_tcp_is() {
    let path = std::env::temp_dir().join(format!("chunkwire-engine-{}.sock", std::process::id()));
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let who = async |peer: Extension<String>| peer.0;
    let router = router().route("/who", get(who));
    let serving = serve(listener, router)
        .connect_info(|peer| Some(peer.address().to_string()))
        .with_graceful_shutdown(async move { stopped.notified().await });
    let serving = tokio::spawn(serving.into_future());

    let mut client = BufReader::new(UnixStream::connect(&path).await.unwrap());
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let response = soon(Response::read(&mut client)).await;
    assert!(response.complete && response.body == document(Format::Array, &texts(99, RECORDS).collect::<Vec<_>>()));
    client.write_all(b"GET /who HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    assert_eq!(soon(Response::read(&mut client)).await.body, b"unix");

    stop.notify_one();
    assert_eq!(soon(serving).await.unwrap().unwrap(), 0);
    std::fs::remove_file(&path).unwrap();
}

/// What the docs of `serve` say of upgrades.
#[tokio::test]
async fn an_upgrade_is_answered_by_426() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let upgrade = async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(async |_| {});
    tokio::spawn(serve(listener, Router::<()>::new().route("/", get(upgrade))).into_future());
    let asks = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut client = Client::connect(address).await;
    client.ask("GET", "/", asks).await;
    assert_eq!(client.response().await.status, 426);
}

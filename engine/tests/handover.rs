//! Promise: an engine whose sockets another one has taken over as well leaves no client without a response.
#![cfg(unix)]

mod support;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use chunkwire_engine::{Config, Engine, Handle, Listener};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::{self, WIDE, read};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use support::engine;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// More than the sockets of both ends hold.
const LONG: usize = 100 * CHUNK_SIZE / 100;

/// An engine that serves.
struct Serving {
    address: SocketAddr,
    handle: Handle,
    stop: Arc<Notify>,
    /// For the one that comes after it.
    sockets: Vec<Listener>,
    cut: JoinHandle<usize>,
}

impl Serving {
    /// Serves who it is, and something long.
    fn new(engine: Engine, name: &'static str) -> Self {
        let (address, handle) = (engine.local_addr().unwrap(), engine.handle().clone());
        let sockets = engine.sockets().unwrap().into_iter().map(|socket| TcpListener::from(socket).into()).collect();
        let router = Router::new()
            .route("/name", get(async move || name))
            .route("/long", get(async || JsonBody::new(Format::Array, texts(99, LONG)).into_response()));
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let cut = tokio::spawn(engine.serve(router, (), async move { stopped.notified().await }));
        Self { address, handle, stop, sockets, cut }
    }

    /// Lets another engine take over.
    fn hand_over(&mut self, config: &Config) -> Self {
        let sockets = std::mem::take(&mut self.sockets);
        let successor = Self::new(Engine::new(sockets, config).unwrap(), "second");
        self.handle.hand_over();
        successor
    }
}

fn first(config: &Config) -> Serving {
    Serving::new(engine(config), "first")
}

async fn says(client: &mut Client, name: &str, is_last: bool) {
    let response = client.get("/name").await;
    assert_eq!(response.body, name.as_bytes());
    assert_eq!(response.header("connection"), is_last.then_some("close"), "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_connection_is_served_once_more_and_new_ones_by_the_next() {
    let config = Config::default();
    let mut old = first(&config);
    let mut kept = Client::connect(old.address).await;
    says(&mut kept, "first", false).await;
    let mut fresh = Client::connect(old.address).await;
    while old.handle.connections() < 2 {
        tokio::task::yield_now().await;
    }
    let mut successor = old.hand_over(&config);
    // Those of the first engine find out by its responses.
    soon(async {
        loop {
            let mut client = Client::connect(old.address).await;
            if client.get("/name").await.body == b"second" {
                break;
            }
        }
    })
    .await;
    assert!(!old.cut.is_finished(), "it has connections that may ask");
    says(&mut fresh, "first", true).await;
    says(&mut kept, "first", true).await;
    assert!(kept.is_closed().await && fresh.is_closed().await);
    assert_eq!(soon(old.cut).await.unwrap(), 0);

    says(&mut Client::connect(successor.address).await, "second", false).await;
    // And once more.
    let third = successor.hand_over(&config);
    assert_eq!(soon(successor.cut).await.unwrap(), 0);
    drop(third.sockets);
    third.stop.notify_one();
    assert_eq!(soon(third.cut).await.unwrap(), 0);
    assert!(tokio::net::TcpStream::connect(third.address).await.is_err(), "the last copy of the socket is closed");
}

/// Longer than a shutdown would wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_response_finishes_in_the_old_one() {
    let mut config = Config::default();
    config.shutdown_timeout = Duration::ZERO;
    let mut old = first(&config);
    let mut reader = Client::with_little_room(old.address).await;
    reader.ask("GET", "/long", "").await;
    reader.wait_for_data().await;
    let _successor = old.hand_over(&config);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(reader.response().await.complete);
    says(&mut reader, "first", true).await;
    assert_eq!(soon(old.cut).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_one_ends_after_its_time_or_when_it_is_told() {
    for is_told in [false, true] {
        let mut config = Config::default();
        (config.shutdown_timeout, config.shutdown_delay) = (Duration::ZERO, Config::LONGEST);
        if !is_told {
            config.handover_timeout = Duration::from_millis(100);
        }
        let mut old = first(&config);
        let mut reader = Client::with_little_room(old.address).await;
        reader.ask("GET", "/long", "").await;
        reader.wait_for_data().await;
        let idle = Client::connect(old.address).await;
        let _successor = old.hand_over(&config);
        if is_told {
            old.stop.notify_one();
        }
        assert_eq!(soon(old.cut).await.unwrap(), 1, "told: {is_told}");
        assert!(!reader.response().await.complete);
        drop(idle);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_of_http2_finish_and_their_clients_are_told() {
    let mut config = Config::default();
    (config.head_timeout, config.idle_timeout) = (Config::LONGEST, Config::LONGEST);
    let mut old = first(&config);
    let mut client = http2_client::Client::connect(old.address, 1000).await;
    let begun = client.get("/long").await;
    // It has not said anything yet, and will speak HTTP/2.
    let silent = tokio::net::TcpStream::connect(old.address).await.unwrap();
    while old.handle.connections() < 2 {
        tokio::task::yield_now().await;
    }
    let _successor = old.hand_over(&config);
    let (body, reset) = read(begun).await;
    assert!(reset.is_none() && body.ends_with(b"]"));
    client.is_dismissed().await;
    http2_client::Client::over(silent, &old.address.into(), WIDE).await.is_dismissed().await;
    assert_eq!(soon(old.cut).await.unwrap(), 0);
}

/// A load balancer that keeps its connections would send the next request to one that closes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_shutdown_each_response_is_the_last_of_its_connection() {
    let mut config = Config::default();
    config.shutdown_delay = Duration::from_secs(1);
    let old = first(&config);
    let mut kept = Client::connect(old.address).await;
    says(&mut kept, "first", false).await;
    old.stop.notify_one();
    while !old.handle.is_stopping() {
        tokio::task::yield_now().await;
    }
    says(&mut kept, "first", true).await;
    assert!(kept.is_closed().await);
    says(&mut Client::connect(old.address).await, "first", true).await;
    assert_eq!(soon(old.cut).await.unwrap(), 0);
}

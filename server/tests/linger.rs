//! Promise: the response that ends a connection arrives whole, also if the client is still sending; and nobody waits
//! long for that.

#[macro_use]
mod support;

use std::time::{Duration, Instant};

use chunkwire_server::{Config, Server};
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::remote::{Remote, Stream};
use chunkwire_test_support::time::soon;
use support::server::{config, metric_becomes};
use support::wire::Wire;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const CONNECTIONS: &str = "chunkwire_connections_open";

/// The connection that asks for the metrics is one.
const NONE_ELSE: f64 = 1.0;

/// How long the server listens on.
const LIMIT: Duration = Duration::from_secs(2);

const BODY: usize = 1_000_000;

fn post() -> Vec<u8> {
    let head = format!("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: {BODY}\r\n\r\n");
    [head.as_bytes(), &[b'x'; BODY]].concat()
}

fn head(length: usize) -> Vec<u8> {
    format!("GET /healthz HTTP/1.1\r\nHost: a\r\nA: {}\r\n\r\n", "x".repeat(length)).into_bytes()
}

/// Sends all of a request, of which its kernel keeps little, and only then listens. Returns the status of the response,
/// which has to be whole.
async fn status_of(remote: &Remote, request: &[u8]) -> u16 {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(4096).unwrap();
    let client = soon(socket.connect(remote.address)).await.unwrap();
    let mut client = soon(Stream::over(client, remote)).await.unwrap();
    soon(client.write_all(request)).await.expect("the server takes what is sent");
    soon(client.flush()).await.expect("the server takes what is sent");
    let mut said = Vec::new();
    soon(client.read_to_end(&mut said)).await.expect("an end without a reset");
    let mut said = &said[..];
    let response = Response::read(&mut said).await;
    assert!(response.complete && said.is_empty(), "{response:?}");
    assert_eq!(response.header("connection"), Some("close"));
    response.status
}

on_every_wire!(
    the_response_to_a_body_that_is_not_read_arrives,
    the_response_to_a_head_that_is_not_understood_arrives,
    the_last_response_arrives_before_requests_that_have_none,
    a_client_that_never_closes_has_its_time,
    a_connection_on_which_nothing_is_under_way_ends_at_once,
    listening_on_ends_with_the_time_to_shut_down,
);

async fn the_response_to_a_body_that_is_not_read_arrives(wire: &Wire) {
    let server = &wire.serve(&config());
    for _ in 0..10 {
        assert_eq!(status_of(server, &post()).await, 405);
    }
    metric_becomes(server, CONNECTIONS, NONE_ELSE).await;
}

async fn the_response_to_a_head_that_is_not_understood_arrives(wire: &Wire) {
    let server = &wire.serve(&config());
    for _ in 0..10 {
        assert_eq!(status_of(server, &head(20_000)).await, 431);
        assert_eq!(status_of(server, &head(1_000_000)).await, 431);
        assert_eq!(status_of(server, &[b"GET /a b c\r\n", &[b'x'; 1_000_000][..]].concat()).await, 400);
    }
}

/// Pipelined requests after the last one that is answered are such bytes too.
async fn the_last_response_arrives_before_requests_that_have_none(wire: &Wire) {
    let server = &wire.serve(&config());
    let last = b"GET /api/v1/users?limit=100 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let more = head(100).repeat(10_000);
    assert_eq!(status_of(server, &[&last[..], &more].concat()).await, 200);
}

async fn a_client_that_never_closes_has_its_time(wire: &Wire) {
    let server = &wire.serve(&config());
    let mut client = Client::connect(server).await;
    client.ask("POST", "/healthz", "Content-Length: 1000000\r\n").await;
    assert_eq!(client.response().await.status, 405);
    assert!(client.is_closed().await);
    let start = Instant::now();
    client.send("still sending").await;
    metric_becomes(server, CONNECTIONS, NONE_ELSE).await;
    assert!(start.elapsed() > LIMIT / 4, "it did not wait");
    // What comes now is answered by a reset.
    while client.stream.write_all(b"and on").await.is_ok() {
        tokio::task::yield_now().await;
    }
}

fn stoppable(wire: &Wire, config: &Config) -> (Remote, oneshot::Sender<()>, JoinHandle<usize>) {
    let server = Server::bind(&wire.config(config)).unwrap();
    let remote = wire.remote(server.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(server.serve(async { stopped.await.unwrap() }));
    (remote, stop, serving)
}

async fn a_connection_on_which_nothing_is_under_way_ends_at_once(wire: &Wire) {
    let (remote, stop, serving) = stoppable(wire, &config());
    let mut idle = Client::connect(&remote).await;
    assert_eq!(idle.get("/api/v1/users").await.status, 200);
    let mut quiet = Client::connect(&remote).await;
    // By the time that this is answered, the server has seen the one before.
    assert_eq!(Client::connect(&remote).await.get("/healthz").await.status, 200);
    let start = Instant::now();
    stop.send(()).unwrap();
    assert_eq!(soon(serving).await.unwrap(), 0);
    assert!(start.elapsed() < LIMIT, "it waited for clients to whom nothing is owed");
    assert!(idle.is_closed().await && quiet.is_closed().await);
}

async fn listening_on_ends_with_the_time_to_shut_down(wire: &Wire) {
    let mut config = config();
    config.engine.shutdown_timeout = Duration::from_millis(100);
    let (remote, stop, serving) = stoppable(wire, &config);
    let mut client = Client::connect(&remote).await;
    client.ask("POST", "/healthz", "Content-Length: 1000000\r\n").await;
    assert_eq!(client.response().await.status, 405);
    assert!(client.is_closed().await);
    let start = Instant::now();
    stop.send(()).unwrap();
    assert_eq!(soon(serving).await.unwrap(), 0, "no response was cut");
    let elapsed = start.elapsed();
    assert!(elapsed >= config.engine.shutdown_timeout && elapsed < LIMIT, "it waited {elapsed:?}");
}

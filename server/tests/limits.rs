//! Promise: at its limits the server waits, and neither fails those it has nor comes down.
#![cfg(target_os = "linux")]

#[macro_use]
mod support;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use support::program::with_open_files;
use support::server::{config, metric_over};
use support::wire::Wire;
use tokio::net::TcpStream;

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];
const ACCEPT_ERRORS: &str = "chunkwire_accept_errors_total";

/// Asks over a connection that is there until accepting has failed more often than `before`.
async fn more_accept_errors(client: &mut Client, before: f64) {
    soon(async { while metric_over(client, ACCEPT_ERRORS).await <= before {} }).await;
}

on_every_wire!(
    at_the_cap_the_next_client_waits_for_a_place,
    the_limit_of_open_files_is_raised,
    running_out_of_open_files_is_waited_out,
);

async fn at_the_cap_the_next_client_waits_for_a_place(wire: &Wire) {
    let mut config = config();
    config.engine.max_connections = NonZeroUsize::new(2);
    let remote = &wire.serve(&config);
    let mut first = Client::connect(remote).await;
    let mut second = Client::connect(remote).await;
    assert_eq!(first.get("/healthz").await.status, 200);
    assert_eq!(second.get("/healthz").await.status, 200);

    let stream = TcpStream::connect(remote.address).await.unwrap();
    let third = tokio::spawn({
        let remote = remote.clone();
        async move { Client::try_over(stream, &remote).await.unwrap().get("/healthz").await.status }
    });
    // The others are served many times meanwhile.
    for _ in 0..100 {
        assert_eq!(first.get("/healthz").await.status, 200);
        assert_eq!(second.get("/healthz").await.status, 200);
    }
    assert!(!third.is_finished(), "a third was served");
    drop(second);
    assert_eq!(soon(third).await.unwrap(), 200);
}

async fn the_limit_of_open_files_is_raised(wire: &Wire) {
    let server = Process::start(with_open_files("-Sn 50", &wire.options(&ANY_PORT))).await;
    let remote = &wire.remote(server.address);
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client = Client::connect(remote).await;
        assert_eq!(client.get("/healthz").await.status, 200);
        clients.push(client);
    }
}

async fn running_out_of_open_files_is_waited_out(wire: &Wire) {
    let arguments = [&ANY_PORT[..], &["--max-connections", "1000"]].concat();
    let mut server = Process::start(with_open_files("-n 40", &wire.options(&arguments))).await;
    let remote = &wire.remote(server.address);
    let mut first = Client::connect(remote).await;
    let connected = async || TcpStream::connect(remote.address).await.unwrap();
    let mut others = Vec::new();
    for _ in 0..60 {
        others.push(connected().await);
    }
    server.logs("accepting connections fails").await;
    let start = Instant::now();
    assert_eq!(first.get("/api/v1/users").await.status, 200, "those that it has are served");
    let seen = metric_over(&mut first, ACCEPT_ERRORS).await;
    more_accept_errors(&mut first, seen + 4.0).await;
    // The pauses after each are 10 ms at first and double. Some may have been over before the first was counted.
    assert!(start.elapsed() > Duration::from_millis(100), "5 errors in {:?}: that is no back-off", start.elapsed());

    others.truncate(2);
    let mut late = Client::connect(remote).await;
    assert_eq!(late.get("/healthz").await.status, 200);
    let errors = metric_over(&mut late, ACCEPT_ERRORS).await;

    // It happens again, which is the same episode and no further line.
    for _ in 0..60 {
        others.push(connected().await);
    }
    more_accept_errors(&mut late, errors).await;
    drop(first);
    others.clear();
    assert_eq!(soon(Client::connect(remote)).await.get("/healthz").await.status, 200);
    drop(late);
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(log.contains("stopping") && !log.contains("accepting"), "{log}");
}

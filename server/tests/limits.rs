//! Promise: at its limits the server waits, and neither fails those it has nor comes down.
#![cfg(target_os = "linux")]

mod support;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use support::program::with_open_files;
use support::server::{config, metric_over, serve};
use tokio::time::timeout;

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];
const ACCEPT_ERRORS: &str = "chunkwire_accept_errors_total";

/// Asks over a connection that is there until accepting has failed more often than `before`.
async fn more_accept_errors(client: &mut Client, before: f64) {
    soon(async { while metric_over(client, ACCEPT_ERRORS).await <= before {} }).await;
}

#[tokio::test]
async fn at_the_cap_the_next_client_waits_for_a_place() {
    let mut config = config();
    config.engine.max_connections = NonZeroUsize::new(2);
    let address = serve(&config);
    let mut first = Client::connect(address).await;
    let mut second = Client::connect(address).await;
    assert_eq!(first.get("/healthz").await.status, 200);
    assert_eq!(second.get("/healthz").await.status, 200);

    let mut third = Client::connect(address).await;
    third.ask("GET", "/healthz", "").await;
    // The others are served many times meanwhile.
    for _ in 0..100 {
        assert_eq!(first.get("/healthz").await.status, 200);
        assert_eq!(second.get("/healthz").await.status, 200);
    }
    assert!(timeout(Duration::ZERO, third.wait_for_data()).await.is_err(), "a third was served");
    drop(second);
    assert_eq!(third.response().await.status, 200);
}

#[tokio::test]
async fn the_limit_of_open_files_is_raised() {
    let server = Process::start(with_open_files("-Sn 50", &ANY_PORT)).await;
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client = Client::connect(server.address).await;
        assert_eq!(client.get("/healthz").await.status, 200);
        clients.push(client);
    }
}

#[tokio::test]
async fn running_out_of_open_files_is_waited_out() {
    let arguments = [&ANY_PORT[..], &["--max-connections", "1000"]].concat();
    let mut server = Process::start(with_open_files("-n 40", &arguments)).await;
    let mut clients = Vec::new();
    for _ in 0..60 {
        clients.push(Client::connect(server.address).await);
    }
    server.logs("accepting connections fails").await;
    let start = Instant::now();
    assert_eq!(clients[0].get("/api/v1/users").await.status, 200, "those that it has are served");
    let seen = metric_over(&mut clients[0], ACCEPT_ERRORS).await;
    more_accept_errors(&mut clients[0], seen + 4.0).await;
    // The pauses after each are 10 ms at first and double. Some may have been over before the first was counted.
    assert!(start.elapsed() > Duration::from_millis(100), "5 errors in {:?}: that is no back-off", start.elapsed());

    clients.truncate(3);
    let mut late = Client::connect(server.address).await;
    assert_eq!(late.get("/healthz").await.status, 200);
    let errors = metric_over(&mut late, ACCEPT_ERRORS).await;

    // It happens again, which is the same episode and no further line.
    for _ in 0..60 {
        clients.push(Client::connect(server.address).await);
    }
    more_accept_errors(&mut late, errors).await;
    clients.clear();
    assert_eq!(soon(Client::connect(server.address)).await.get("/healthz").await.status, 200);
    drop(late);
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(log.contains("stopping") && !log.contains("accepting"), "{log}");
}

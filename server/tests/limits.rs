//! Promise: at its limits the server waits, and neither fails those it has nor comes down.
#![cfg(target_os = "linux")]

mod support;

use std::num::NonZeroUsize;
use std::time::Duration;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use support::program::with_open_files;
use support::server::{config, metric, serve};
use tokio::time::{sleep, timeout};

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

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
    assert!(timeout(Duration::from_millis(300), third.wait_for_data()).await.is_err(), "a third was served");
    assert_eq!(first.get("/healthz").await.status, 200);
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
    assert_eq!(clients[0].get("/api/v1/users").await.status, 200, "those that it has are served");
    sleep(Duration::from_millis(700)).await;
    assert_eq!(clients[1].get("/healthz").await.status, 200);

    clients.truncate(3);
    let mut late = Client::connect(server.address).await;
    assert_eq!(late.get("/healthz").await.status, 200);
    let errors = metric(server.address, "chunkwire_accept_errors_total").await;
    assert!((1.0..50.0).contains(&errors), "{errors} attempts: that is no back-off");

    // It happens again, which is the same episode and no further line.
    for _ in 0..60 {
        clients.push(Client::connect(server.address).await);
    }
    sleep(Duration::from_millis(300)).await;
    clients.clear();
    assert_eq!(soon(Client::connect(server.address)).await.get("/healthz").await.status, 200);
    drop(late);
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(log.contains("stopping") && !log.contains("accepting"), "{log}");
}

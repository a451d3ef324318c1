//! How it ends.

use std::sync::Arc;
use std::time::Duration;

use chunkwire_engine::Config;
use chunkwire_test_support::client::Client as Http1;
use chunkwire_test_support::http2_client::{Client, WIDE, read};
use chunkwire_test_support::time::soon;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::frames::PREFACE;
use crate::service::router;
use crate::support::engine;

/// Serves until it is told to stop, and returns how many responses were cut.
fn stoppable(config: &Config) -> (std::net::SocketAddr, Arc<Notify>, tokio::task::JoinHandle<usize>) {
    let engine = engine(config);
    let (address, stop) = (engine.local_addr().unwrap(), Arc::new(Notify::new()));
    let stopped = Arc::clone(&stop);
    let serving = tokio::spawn(engine.serve(router(), (), async move { stopped.notified().await }));
    (address, stop, serving)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn streams_finish_after_goaway() {
    let (address, stop, serving) = stoppable(&Config::default());
    let mut client = Client::connect(address, 1000).await;
    let begun = client.get("/records").await;
    stop.notify_one();
    let (body, reset) = read(begun).await;
    assert!(reset.is_none() && body.ends_with(b"]"));
    assert_eq!(soon(serving).await.unwrap(), 0);
    client.is_dismissed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn streams_that_do_not_finish_are_cut_and_counted() {
    let mut config = Config::default();
    config.shutdown_timeout = Duration::from_millis(200);
    let (address, stop, serving) = stoppable(&config);
    let mut client = Client::connect(address, 0).await;
    let stalled = [client.get("/records").await, client.get("/records").await, client.get("/few").await];
    stop.notify_one();
    assert_eq!(soon(serving).await.unwrap(), stalled.len());
    for stalled in stalled {
        assert!(!read(stalled).await.0.ends_with(b"]"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_without_streams_does_not_hold_a_shutdown_up() {
    let (address, stop, serving) = stoppable(&Config::default());
    let mut client = Client::connect(address, WIDE).await;
    read(client.get("/few").await).await;
    stop.notify_one();
    assert_eq!(soon(serving).await.unwrap(), 0);
    client.is_dismissed().await;
}

/// Nothing else would end it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_part_of_a_preface_does_not_hold_a_shutdown_up() {
    let mut config = Config::default();
    (config.head_timeout, config.shutdown_timeout) = (Config::LONGEST, Config::LONGEST);
    let (address, stop, serving) = stoppable(&config);
    let mut client = soon(TcpStream::connect(address)).await.unwrap();
    client.write_all(&PREFACE[..8]).await.unwrap();
    assert_eq!(Http1::connect(address).await.get("/method").await.status, 200);
    stop.notify_one();
    assert_eq!(soon(serving).await.unwrap(), 0);
}

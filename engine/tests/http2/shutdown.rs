//! How it ends.

use std::sync::Arc;
use std::time::Duration;

use chunkwire_engine::Config;
use chunkwire_test_support::client::Client as Http1;
use chunkwire_test_support::http2_client::{Client, WIDE, read};
use chunkwire_test_support::time::soon;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::frames::{GOAWAY, PREFACE, Raw, SETTINGS, frame};
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
    assert!(soon(client.end).await.unwrap().is_ok());
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
    assert!(soon(client.end).await.unwrap().is_ok());
}

/// The rest of its preface comes when the engine has begun to stop.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_that_has_begun_to_speak_is_told() {
    let mut config = Config::default();
    // Nothing else ends it.
    (config.head_timeout, config.shutdown_timeout) = (Config::LONGEST, Config::LONGEST);
    config.half_close_timeout = Duration::from_millis(100);
    let (address, stop, serving) = stoppable(&config);
    let mut client = BufReader::new(soon(TcpStream::connect(address)).await.unwrap());
    let mut begun = Http1::connect(address).await;
    client.write_all(&PREFACE[..8]).await.unwrap();
    // This response is under way when the engine stops, and by then those eight bytes were read.
    begun.ask("GET", "/never", "").await;
    assert_eq!(Http1::connect(address).await.get("/method").await.status, 200);
    stop.notify_one();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    client.write_all(&PREFACE[8..]).await.unwrap();
    client.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    let mut client = Raw::from(client);
    assert!(client.next_of(GOAWAY).await.is_some());
    drop((begun, client));
    soon(serving).await.unwrap();
}

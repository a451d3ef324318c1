//! Clients that open no window, and services that say nothing.

use std::num::NonZeroU32;
use std::time::Duration;

use chunkwire::{CHUNK_SIZE, Outcome};
use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::http2_client::{Client, WIDE, read};
use chunkwire_test_support::time::soon;
use h2::Reason;
use http::Request;

use crate::frames::{END_HEADERS, END_STREAM, GOAWAY, HEADERS, Raw, frame, get};
use crate::service::{router, serve};
use crate::support::{self, engine, next};

/// Streams are given up soon.
fn impatient() -> Config {
    let mut config = Config::default();
    config.stall_timeout = Duration::from_millis(300);
    config.min_rate = NonZeroU32::MAX;
    config
}

/// Promise: one chunk, by stream.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stream_whose_window_is_closed_holds_one_chunk() {
    let engine = engine(&Config::default());
    let handle = engine.handle().clone();
    let served = support::serve(engine, router());
    let mut client = Client::connect(served.address, 0).await;
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(client.get("/records").await);
    }
    let all = async {
        while handle.chunks().alive() < 20 {
            tokio::task::yield_now().await;
        }
    };
    soon(all).await;
    assert_eq!((handle.connections(), handle.streams()), (1, 20));
    // Whatever is served now comes after all that they were given.
    assert_eq!(client.get("/nothing").await.status(), 204);
    assert_eq!(handle.chunks().alive(), 20);
    drop((stalled, client));
    assert_eq!(next(&served.connections), ConnectionEnd::Closed);
    assert_eq!((handle.chunks().alive(), handle.streams()), (0, 0));
}

/// A last chunk as well, at which hyper forgets the body.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stream_whose_window_stays_closed_is_reset_and_others_go_on() {
    let served = serve(&impatient());
    let mut client = Client::connect(served.address, 5).await;
    for path in ["/records", "/few"] {
        let mut stalled = client.get(path).await.into_body();
        assert_eq!(soon(stalled.data()).await.unwrap().unwrap().len(), 5);
        assert_eq!(read(client.get("/method").await).await, (b"GET".to_vec(), None));
        assert_eq!(next(&served.responses).3, Outcome::Complete);
        let reset = soon(stalled.data()).await.unwrap().unwrap_err();
        assert_eq!(reset.reason(), Some(Reason::CANCEL));
        let (told, _, _, outcome) = next(&served.responses);
        assert_eq!((&*told, outcome), (path, Outcome::Stalled));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_reader_of_small_windows_that_goes_on_gets_it_all() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, 100).await;
    let response = client.get("/few").await;
    assert_eq!(read(response).await, (b"[0,1,2]".to_vec(), None));
    let mut body = client.get("/records").await.into_body();
    let mut read = 0;
    while read < 3 * CHUNK_SIZE {
        let data = soon(body.data()).await.unwrap().unwrap();
        assert!(data.len() <= 100);
        read += data.len();
        body.flow_control().release_capacity(data.len()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_service_that_never_responds_is_not_waited_for_for_ever() {
    let mut config = Config::default();
    config.pause_timeout = Duration::from_millis(200);
    let served = serve(&config);
    let mut client = Client::connect(served.address, WIDE).await;
    let request = Request::get("http://localhost/never").body(()).unwrap();
    let (response, _) = client.requests.send_request(request, true).unwrap();
    assert_eq!(soon(response).await.unwrap_err().reason(), Some(Reason::CANCEL));
    assert_eq!(read(client.get("/few").await).await, (b"[0,1,2]".to_vec(), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_without_streams_is_told_that_it_ends() {
    let mut config = Config::default();
    config.idle_timeout = Duration::from_millis(200);
    let served = serve(&config);
    let mut client = Client::connect(served.address, WIDE).await;
    assert_eq!(read(client.get("/few").await).await.0, b"[0,1,2]");
    client.is_dismissed().await;
    assert_eq!(next(&served.connections), ConnectionEnd::IdleTimeout);
}

/// Nor one that goes on to open streams and never says that it has seen the end announced.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_that_is_to_end_does() {
    let mut config = Config::default();
    (config.idle_timeout, config.head_timeout) = (Duration::from_millis(200), Duration::from_millis(200));
    let served = serve(&config);
    let mut client = Raw::connect(served.address).await;
    client.next_of(GOAWAY).await.unwrap();
    client.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &get("/few"))).await.unwrap();
    assert_eq!(client.next_of(HEADERS).await.unwrap().stream, 1);
    while client.next().await.is_some() {}
    assert_eq!(next(&served.connections), ConnectionEnd::IdleTimeout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_client_that_leaves_ends_its_responses() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, 0).await;
    let (stalled, other) = (client.get("/records").await, client.get("/records").await);
    // One is reset by the client, the other goes with the connection.
    drop(stalled);
    assert_eq!(next(&served.responses).3, Outcome::ClientGone);
    client.end.abort();
    assert_eq!(next(&served.responses).3, Outcome::ClientGone);
    drop(other);
}

//! A server that is asked to stop cuts no stream that can finish in time, and says so when it had to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chunkwire_test_support::http2_client::{Client, WIDE, ask, read};
use chunkwire_test_support::process::Process;
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use h2::client::SendRequest;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::streams::ENDLESS;
use crate::support::program::chunkwire;
use crate::support::wire::Wire;

/// How many clients ask at once, and by how many streams each.
const CLIENTS: u32 = 5;
const STREAMS: u32 = 4;

const TARGET: &str = "/api/v1/users?limit=5000";

on_every_wire!(
    no_response_is_cut_under_load,
    clients_that_wait_to_be_accepted_are_served,
    waiting_clients_do_not_prolong_the_shutdown,
    a_load_balancer_is_told_first,
    what_can_not_finish_is_cut_and_the_exit_status_says_so,
    a_second_signal_ends_it_at_once,
);

async fn start(wire: &Wire, options: &[&str]) -> (Process, Remote) {
    let options = [&["--listen", "127.0.0.1:0"], options].concat();
    let server = Process::start(chunkwire(&wire.options(&options))).await;
    let remote = wire.remote(server.address);
    (server, remote)
}

/// What streams of a server that is under load, and is told to stop, know of each other.
#[derive(Debug)]
struct Load {
    expected: Vec<u8>,
    /// A permit for each whole response.
    whole: Semaphore,
    /// Whether the server may have been told.
    is_stopping: AtomicBool,
}

/// Asks again and again until the server is gone, and checks that each response that began is whole. Only a server that
/// was told to stop may leave a request without a response (RFC 9113, section 6.8).
async fn ask_on(requests: SendRequest<Bytes>, load: Arc<Load>) {
    while let Ok(response) = ask(&requests, "GET", TARGET).await {
        let (body, reset) = read(response).await;
        assert!(reset.is_none() && body == load.expected, "cut after {} bytes", body.len());
        load.whole.add_permits(1);
    }
    assert!(load.is_stopping.load(Ordering::SeqCst), "a request without a response");
}

async fn no_response_is_cut_under_load(wire: &Wire) {
    let (mut server, remote) = start(wire, &[]).await;
    let (expected, _) = read(Client::connect(&remote, WIDE).await.get(TARGET).await).await;
    let load = Arc::new(Load { expected, whole: Semaphore::new(0), is_stopping: AtomicBool::new(false) });
    let (mut clients, mut streams) = (Vec::new(), Vec::new());
    for _ in 0..CLIENTS {
        let client = Client::connect(&remote, WIDE).await;
        streams.extend((0..STREAMS).map(|_| tokio::spawn(ask_on(client.requests.clone(), Arc::clone(&load)))));
        clients.push(client);
    }
    drop(soon(load.whole.acquire_many(5 * CLIENTS * STREAMS)).await);
    load.is_stopping.store(true, Ordering::SeqCst);
    server.signal("TERM").await;
    server.logs("stopping").await;
    assert_eq!(server.exit().await.code(), Some(0));
    for stream in streams {
        stream.await.unwrap();
    }
}

/// Connects a client that asks as soon as somebody serves it, and then closes. Returns its response, if it has one.
async fn waits(remote: &Remote, target: &'static str) -> JoinHandle<Option<Vec<u8>>> {
    let (remote, stream) = (remote.clone(), TcpStream::connect(remote.address).await.unwrap());
    tokio::spawn(async move {
        let client = Client::try_over(stream, &remote, WIDE).await.ok()?;
        Some(read(ask(&client.requests, "GET", target).await.ok()?).await.0)
    })
}

/// Only one is served at a time. The others wait in the system's queue, and would be reset if that were closed.
async fn clients_that_wait_to_be_accepted_are_served(wire: &Wire) {
    let (mut server, remote) = start(wire, &["--max-connections", "1"]).await;
    let mut first = Client::connect(&remote, 1000).await;
    let begun = first.get(TARGET).await;
    let mut waiting = Vec::new();
    for _ in 0..20 {
        waiting.push(waits(&remote, TARGET).await);
    }
    server.signal("TERM").await;
    server.logs("stopping").await;
    let (expected, reset) = read(begun).await;
    assert!(reset.is_none() && expected.ends_with(b"]"));
    drop(first);
    for client in waiting {
        assert!(client.await.unwrap().expect("a response") == expected);
    }
    assert_eq!(server.exit().await.code(), Some(0));
}

/// Those that no one serves before the end of the time are let go, whether their turn came or not.
async fn waiting_clients_do_not_prolong_the_shutdown(wire: &Wire) {
    let (mut server, remote) = start(wire, &["--max-connections", "1", "--shutdown-timeout", "0.3"]).await;
    let mut first = Client::connect(&remote, 0).await;
    let _stalled = first.get(ENDLESS).await;
    let waiting = waits(&remote, ENDLESS).await;
    server.signal("TERM").await;
    server.logs("cut what had not finished").await;
    assert_eq!(server.exit().await.code(), Some(3));
    assert!(waiting.await.unwrap().is_none());
}

async fn a_load_balancer_is_told_first(wire: &Wire) {
    let (server, remote) = start(wire, &["--shutdown-delay", "1.5"]).await;
    let mut client = Client::connect(&remote, WIDE).await;
    assert_eq!(client.get("/readyz").await.status(), 200);
    server.signal("TERM").await;
    let start = Instant::now();
    while client.get("/readyz").await.status() == 200 {
        assert!(start.elapsed() < Duration::from_secs(1), "it stays ready");
    }
    let mut late = Client::connect(&remote, WIDE).await;
    assert_eq!(late.get("/healthz").await.status(), 200, "connections are accepted until the delay is over");
    assert_eq!(server.exit().await.code(), Some(0));
    for client in [client, late] {
        client.is_dismissed().await;
    }
}

async fn what_can_not_finish_is_cut_and_the_exit_status_says_so(wire: &Wire) {
    let (server, remote) = start(wire, &["--shutdown-timeout", "0.3"]).await;
    let mut client = Client::connect(&remote, 0).await;
    let stalled = [client.get(ENDLESS).await, client.get("/api/v1/users?limit=1").await];
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(3));
    for stalled in stalled {
        let end = soon(stalled.into_body().data()).await;
        assert!(matches!(end, Some(Err(_))), "a client saw an end: {end:?}");
    }
}

async fn a_second_signal_ends_it_at_once(wire: &Wire) {
    let (mut server, remote) = start(wire, &[]).await;
    let mut client = Client::connect(&remote, 0).await;
    let stalled = client.get(ENDLESS).await;
    server.signal("TERM").await;
    server.logs("stopping").await;
    let start = Instant::now();
    server.signal("INT").await;
    assert_eq!(server.exit().await.code(), Some(128 + 2));
    assert!(start.elapsed() < Duration::from_secs(5), "after {:?}", start.elapsed());
    let end = soon(stalled.into_body().data()).await;
    assert!(matches!(end, Some(Err(_))), "a client saw an end: {end:?}");
}

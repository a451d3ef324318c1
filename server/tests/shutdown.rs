//! Promise: a server that is asked to stop cuts nothing that can finish in time, and says so when it had to.

#[macro_use]
mod support;

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::process::{Process, is_installed};
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use support::program::chunkwire;
use support::wire::Wire;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];
const ENDLESS: &str = "/api/v1/users?limit=1000000";

/// Clients that ask at once.
const CLIENTS: u32 = 20;

/// What clients of a server that is under load, and is told to stop, know of each other.
#[derive(Debug)]
struct Load {
    /// A permit for each whole response.
    whole: Semaphore,
    /// Whether the server may have been told.
    is_stopping: AtomicBool,
}

/// Asks again and again, for more than sockets hold, until the server is gone, and checks that each response that began
/// is whole. Only a server that was told to stop may leave a request without a response: one that comes as the server
/// closes a connection on which nothing was under way (RFC 9112, section 9.6).
async fn ask_on(remote: Remote, load: Arc<Load>) {
    while let Ok(mut client) = Client::try_connect(&remote).await {
        loop {
            let request = b"GET /api/v1/users?limit=20000 HTTP/1.1\r\nHost: localhost\r\n\r\n";
            let sent = client.stream.write_all(request).await;
            let sent = if sent.is_ok() { client.stream.flush().await } else { sent };
            if sent.is_err() || client.is_closed().await {
                assert!(load.is_stopping.load(Ordering::SeqCst), "a request without a response");
                break;
            }
            let response = soon(Response::read(&mut client.stream)).await;
            assert!(response.complete, "cut after {} bytes", response.body.len());
            load.whole.add_permits(1);
        }
    }
}

on_every_wire!(
    no_response_is_cut_under_load,
    clients_that_wait_to_be_accepted_are_served,
    waiting_clients_do_not_prolong_the_shutdown,
    a_load_balancer_is_told_first,
    what_can_not_finish_is_cut_and_the_exit_status_says_so,
    a_second_signal_ends_it_at_once,
);

async fn no_response_is_cut_under_load(wire: &Wire) {
    let mut server = Process::start(chunkwire(&wire.options(&ANY_PORT))).await;
    let wrk = if is_installed("wrk").await {
        let url = format!("{}://{}/api/v1/users", wire.scheme(), server.address);
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "-c50", "-d2s", &url]).stdout(Stdio::null()).kill_on_drop(true);
        Some(wrk.spawn().unwrap())
    } else {
        None
    };
    let load = Arc::new(Load { whole: Semaphore::new(0), is_stopping: AtomicBool::new(false) });
    let clients: Vec<_> =
        (0..CLIENTS).map(|_| tokio::spawn(ask_on(wire.remote(server.address), Arc::clone(&load)))).collect();
    let responses = soon(load.whole.acquire_many(5 * CLIENTS)).await;
    drop(responses);
    load.is_stopping.store(true, Ordering::SeqCst);
    server.signal("TERM").await;
    server.logs("stopping").await;
    assert_eq!(server.exit().await.code(), Some(0));
    for client in clients {
        client.await.unwrap();
    }
    if let Some(mut wrk) = wrk {
        soon(wrk.wait()).await.unwrap();
    }
}

/// Connects a client that asks as soon as somebody serves it, and then closes. Returns its response, if it has one.
async fn waits(remote: &Remote, target: &'static str) -> JoinHandle<Option<Response>> {
    let (remote, stream) = (remote.clone(), TcpStream::connect(remote.address).await.unwrap());
    tokio::spawn(async move {
        let mut client = Client::try_over(stream, &remote).await.ok()?;
        client.ask("GET", target, "").await;
        let response = if client.is_closed().await { None } else { Some(client.response().await) };
        assert!(client.is_closed().await);
        response
    })
}

/// Only one is served at a time. The others wait in the system's queue, and would be reset if that were closed.
async fn clients_that_wait_to_be_accepted_are_served(wire: &Wire) {
    let mut server =
        Process::start(chunkwire(&wire.options(&[&ANY_PORT[..], &["--max-connections", "1"]].concat()))).await;
    let remote = &wire.remote(server.address);
    let mut first = Client::with_little_room(remote).await;
    first.ask("GET", "/api/v1/users?limit=150000", "").await;
    first.wait_for_data().await;
    let mut waiting = Vec::new();
    for _ in 0..20 {
        waiting.push(waits(remote, "/api/v1/users?limit=10").await);
    }
    server.signal("TERM").await;
    server.logs("stopping").await;
    assert!(first.response().await.complete);
    drop(first);
    for client in waiting {
        assert_eq!(client.await.unwrap().unwrap().json().as_array().unwrap().len(), 10);
    }
    assert_eq!(server.exit().await.code(), Some(0));
}

/// Those that no one serves before the end of the time are let go, whether their turn came or not.
async fn waiting_clients_do_not_prolong_the_shutdown(wire: &Wire) {
    let arguments = [&ANY_PORT[..], &["--max-connections", "1", "--shutdown-timeout", "0.3"]].concat();
    let mut server = Process::start(chunkwire(&wire.options(&arguments))).await;
    let remote = &wire.remote(server.address);
    let mut first = Client::with_little_room(remote).await;
    first.ask("GET", ENDLESS, "").await;
    first.wait_for_data().await;
    let waiting = waits(remote, ENDLESS).await;
    server.signal("TERM").await;
    server.logs("cut what had not finished").await;
    assert_eq!(server.exit().await.code(), Some(3));
    assert!(waiting.await.unwrap().is_none());
}

async fn a_load_balancer_is_told_first(wire: &Wire) {
    let server =
        Process::start(chunkwire(&wire.options(&[&ANY_PORT[..], &["--shutdown-delay", "1.5"]].concat()))).await;
    let remote = &wire.remote(server.address);
    let mut client = Client::connect(remote).await;
    assert_eq!(client.get("/readyz").await.status, 200);
    server.signal("TERM").await;
    let start = Instant::now();
    while client.get("/readyz").await.status == 200 {
        assert!(start.elapsed() < Duration::from_secs(1), "it stays ready");
    }
    let mut late = Client::connect(remote).await;
    assert_eq!(late.get("/healthz").await.status, 200, "connections are accepted until the delay is over");
    let address = server.address;
    assert_eq!(server.exit().await.code(), Some(0));
    assert!(start.elapsed() >= Duration::from_secs(1), "after {:?}", start.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
}

async fn what_can_not_finish_is_cut_and_the_exit_status_says_so(wire: &Wire) {
    let server =
        Process::start(chunkwire(&wire.options(&[&ANY_PORT[..], &["--shutdown-timeout", "0.3"]].concat()))).await;
    let remote = &wire.remote(server.address);
    let mut reader = Client::with_little_room(remote).await;
    reader.ask("GET", ENDLESS, "").await;
    reader.wait_for_data().await;
    let mut old = Client::with_little_room(remote).await;
    old.send(&format!("GET {ENDLESS} HTTP/1.0\r\n\r\n")).await;
    old.wait_for_data().await;
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(3));
    assert!(!reader.response().await.complete);
    let mut rest = Vec::new();
    let read = soon(tokio::io::AsyncReadExt::read_to_end(&mut old.stream, &mut rest)).await;
    assert!(read.is_err(), "an HTTP/1.0 client saw an end after {} bytes", rest.len());
}

async fn a_second_signal_ends_it_at_once(wire: &Wire) {
    let mut server = Process::start(chunkwire(&wire.options(&ANY_PORT))).await;
    let remote = &wire.remote(server.address);
    let mut reader = Client::with_little_room(remote).await;
    reader.ask("GET", ENDLESS, "").await;
    reader.wait_for_data().await;
    server.signal("TERM").await;
    server.logs("stopping").await;
    let start = Instant::now();
    server.signal("INT").await;
    assert_eq!(server.exit().await.code(), Some(128 + 2));
    assert!(start.elapsed() < Duration::from_secs(5), "after {:?}", start.elapsed());
}

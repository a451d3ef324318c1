//! Promise: clients that vanish leave nothing behind.
#![cfg(target_os = "linux")]

#[macro_use]
mod support;

use std::time::Duration;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use socket2::SockRef;
use support::program::chunkwire;
use support::server::metric_over;
use support::wire::Wire;
use tokio::io::AsyncReadExt;

/// Asks for 1,000 users, reads as many bytes as it is told, and resets the connection.
async fn vanish(remote: &Remote, bytes: usize) {
    let mut client = Client::connect(remote).await;
    client.ask("GET", "/api/v1/users", "").await;
    let mut part = [0; 4096];
    let mut left = bytes;
    while left > 0 {
        let size = left.min(part.len());
        let read = soon(client.stream.read(&mut part[..size])).await.unwrap();
        assert_ne!(read, 0, "the server closed");
        left -= read;
    }
    SockRef::from(client.tcp()).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Lets `count` clients vanish, 40 at a time, at points that look random and are always the same.
async fn vanish_often(remote: &Remote, count: usize, state: &mut u64) {
    for _ in 0..count / 40 {
        let mut clients = Vec::new();
        for _ in 0..40 {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            clients.push((*state >> 33) as usize % 100_000);
        }
        let vanishing = clients.into_iter().map(|bytes| vanish(remote, bytes));
        let mut set: Vec<_> = vanishing.map(Box::pin).collect();
        std::future::poll_fn(|cx| {
            set.retain_mut(|client| client.as_mut().poll(cx).is_pending());
            if set.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

/// Awaits that the client that stays has the only connection, and that the server has as many files open as then.
async fn nothing_is_left(server: &Process, stays: &mut Client, files: usize) {
    let left = soon(async {
        while metric_over(stays, "chunkwire_connections_open").await > 1.0 {}
        while server.open_files() > files {
            tokio::task::yield_now().await;
        }
        metric_over(stays, "chunkwire_chunks_alive").await
    });
    assert_eq!(left.await, 0.0, "chunks are alive");
    assert_eq!(server.open_files(), files);
}

on_every_wire!(ten_thousand_clients_that_vanish_leave_nothing_behind);

async fn ten_thousand_clients_that_vanish_leave_nothing_behind(wire: &Wire) {
    let server = Process::start(chunkwire(&wire.options(&["--listen", "127.0.0.1:0"]))).await;
    let remote = &wire.remote(server.address);
    let mut stays = Client::connect(remote).await;
    assert!(stays.get("/api/v1/users").await.complete);
    let files = server.open_files();
    let mut state = 20_260_101;
    vanish_often(remote, 1000, &mut state).await;
    nothing_is_left(&server, &mut stays, files).await;
    let rss = server.rss();

    vanish_often(remote, 10_000, &mut state).await;
    nothing_is_left(&server, &mut stays, files).await;
    assert!(metric_over(&mut stays, "chunkwire_responses_total{format=\"array\",outcome=\"client_gone\"}").await > 0.0);
    let grown = server.rss().saturating_sub(rss);
    assert!(grown < 2_000_000, "{grown} bytes more than the {rss} before");
    assert!(stays.get("/api/v1/users").await.complete);
}

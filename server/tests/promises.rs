//! The promises of the library that the server has to keep over its own connections: one chunk, fixed, lazy, same
//! bytes.
//!
//! They are tested where they live in the tests of the library; what is alive is counted there as here.

mod support;

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use axum::http::Method;
use axum::routing::get;
use chunkwire::CHUNK_SIZE;
use chunkwire_server::Server;
use chunkwire_test_support::allocations::{CountChunks, Tally, count_besides_one};
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::time::soon;
use support::server::{config, serve};
use tokio::io::AsyncReadExt;

#[global_allocator]
static ALLOCATOR: CountChunks = CountChunks;

#[tokio::test]
async fn every_chunk_but_the_last_is_4000() {
    let mut client = Client::connect(serve(&config())).await;
    for media_type in ["application/json", "application/x-ndjson"] {
        for limit in [1, 153, 154, 155, 156, 157, 1000, 1001, 20_000] {
            let target = format!("/api/v1/users?limit={limit}");
            client.ask("GET", &target, &format!("Accept: {media_type}\r\n")).await;
            let response = client.response().await;

            assert!(response.complete);
            let (end, chunks) = response.chunk_lines.split_last().unwrap();
            assert_eq!(end, "0");
            let (_, full) = chunks.split_last().unwrap();
            assert!(full.iter().all(|line| line == "4000"), "{target}: {chunks:?}");
            assert_eq!(chunks.len(), response.body.len().div_ceil(CHUNK_SIZE), "{target}: {chunks:?}");
        }
    }
}

/// A body would be taken for the head of the second response.
#[tokio::test]
async fn head_has_no_body_on_the_server() {
    let mut client = Client::connect(serve(&config())).await;
    client.ask("HEAD", "/api/v1/users?limit=1000000", "").await;
    client.ask("HEAD", "/api/v1/users/1", "").await;
    client.ask("GET", "/healthz", "").await;
    let users = Response::read_head(&mut client.stream).await;
    assert_eq!((users.status, users.header("content-type")), (200, Some("application/json")));
    let user = Response::read_head(&mut client.stream).await;
    assert_eq!((user.status, user.header("content-length")), (200, Some("103")));
    assert_eq!(client.response().await.body, b"ok\n");
}

#[tokio::test]
async fn a_client_that_reads_single_bytes_gets_the_same() {
    let address = serve(&config());
    for media_type in ["application/json", "application/x-ndjson"] {
        for limit in [155, 156, 1000] {
            let target = format!("/api/v1/users?limit={limit}");
            let headers = format!("Accept: {media_type}\r\n");
            let mut at_once = Client::connect(address).await;
            at_once.ask("GET", &target, &headers).await;
            let expected = at_once.response().await;

            let mut slow = Client::with_little_room(address).await;
            slow.ask("GET", &target, &headers).await;
            let mut wire = Vec::new();
            while !wire.ends_with(b"\r\n0\r\n\r\n") {
                wire.push(soon(slow.stream.get_mut().read_u8()).await.unwrap());
            }
            let response = Response::read(&mut &wire[..]).await;
            assert!(response.body == expected.body, "{target} differs when it is read byte by byte");
            assert_eq!(response.chunk_lines, expected.chunk_lines);
        }
    }
}

/// A server with one worker that also tells what was counted on the worker's thread.
fn serve_counted() -> SocketAddr {
    let mut config = config();
    config.engine.workers = NonZeroUsize::new(1);
    let server = Server::bind(&config).unwrap();
    let address = server.local_addr().unwrap();
    let tally = async |method: Method| {
        if method == Method::HEAD {
            count_besides_one();
        }
        let Tally { live, peak, .. } = Tally::now();
        format!("[{live},{peak}]")
    };
    let router = server.router().route("/tally", get(tally));
    tokio::spawn(server.serve_router(router, std::future::pending()));
    address
}

/// How many chunks are alive on the worker's thread, and how many were at most, since that was asked for with `HEAD`.
async fn tally(client: &mut Client) -> (i64, i64) {
    let tally = client.get("/tally").await.json();
    (tally[0].as_i64().unwrap(), tally[1].as_i64().unwrap())
}

/// Reads `bytes` and drops them.
async fn skip(client: &mut Client, mut bytes: usize) {
    let mut part = [0; 1000];
    while bytes > 0 {
        let size = part.len().min(bytes);
        bytes -= soon(client.stream.read(&mut part[..size])).await.unwrap();
    }
}

#[tokio::test]
async fn the_server_holds_at_most_one_chunk_for_each_slow_reader_and_none_for_those_who_left() {
    const READERS: i64 = 20;
    let address = serve_counted();
    let mut observer = Client::connect(address).await;
    observer.head("/tally").await;
    let mut clients = Vec::new();
    for _ in 0..READERS {
        let mut client = Client::with_little_room(address).await;
        client.ask("GET", "/api/v1/users?limit=1000000", "").await;
        clients.push(client);
    }
    for _ in 0..30 {
        for client in &mut clients {
            skip(client, 5000).await;
        }
    }
    let (live, peak) = tally(&mut observer).await;
    assert!(peak > 0 && peak < READERS, "{live} alive, {peak} at most");

    drop(clients);
    // What ends a connection is seen by its task some time later.
    let none = b"\nchunkwire_chunks_alive 0\n";
    soon(async { while !observer.get("/metrics").await.body.windows(none.len()).any(|line| line == none) {} }).await;
    // The thread keeps their buffers for the responses that come, and so makes none for them.
    let made = tally(&mut observer).await.0;
    for _ in 0..READERS {
        assert!(Client::connect(address).await.get("/api/v1/users").await.complete);
    }
    assert!(tally(&mut observer).await.0 <= made);
}

#[tokio::test]
async fn idle_connections_hold_no_chunk() {
    let address = serve_counted();
    Client::connect(address).await.head("/tally").await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut client = Client::connect(address).await;
        assert_eq!(client.get("/api/v1/users").await.json().as_array().unwrap().len(), 1000);
        assert_eq!(client.head("/api/v1/users").await.status, 200);
        assert_eq!(tally(&mut client).await, (0, 0));
        clients.push(client);
    }
}

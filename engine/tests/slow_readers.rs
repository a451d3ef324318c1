//! Promise: a service under the usual layers serves a million records to slow readers, compressed or not, in bounded
//! memory, and those that read on get all of it. It is `examples/service.rs`, run as a program.
#![cfg(target_os = "linux")]

#[path = "../examples/service.rs"]
#[allow(dead_code, reason = "a program, of which the routes are tested")]
mod service;

use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use async_compression::tokio::bufread::GzipDecoder;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use chunkwire::CHUNK_SIZE;
use chunkwire_engine::raise_open_files;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::example::Example;
use chunkwire_test_support::tcp_table::tcp_table;
use chunkwire_test_support::time::soon;
use tokio::io::{AsyncReadExt, BufReader};
use tokio::time::sleep;
use tower::ServiceExt;

/// What the process may hold for a reader: its chunk, the buffers in which hyper has and makes heads (8 KiB each at
/// first), and as much again for tasks, states, the boxes of the layers, and what glibc's allocator needs. There is no
/// room for a second chunk; hyper alone would queue sixteen.
const PLAIN: usize = 3 * CHUNK_SIZE;

/// What the process may hold for a reader of gzip: the same, the chunk that the compressor keeps while the next one is
/// filled, what it has written (`INTERNAL_BUF_CAPACITY` of tower-http, at most doubled), and the state of miniz_oxide
/// (`deflate/buffer.rs`): the window, two tables for it, codes, output, and 8 KiB for the statistics of symbols.
const GZIP: usize = PLAIN + CHUNK_SIZE + 2 * 4096 + DEFLATE;
const DEFLATE: usize = (32_768 + 258) + 2 * 2 * 32_768 + 65_536 + 65_536 * 13 / 10 + 8192;

/// What the kernel may hold unsent: it takes a chunk while less than one is unsent (`tests/bounded_in_the_kernel.rs`).
const UNSENT: usize = 2 * CHUNK_SIZE;

const GZIPPED: &str = "accept-encoding: gzip\r\n";

/// Asks as often as wanted, each over a connection of its own, and reads a little of each response, in turn.
async fn slow_readers(server: SocketAddr, headers: &str, count: usize) -> Vec<Client> {
    let mut readers = Vec::new();
    for _ in 0..count {
        let mut reader = Client::with_little_room(server).await;
        reader.ask("GET", "/readings", headers).await;
        readers.push(reader);
    }
    for reader in &mut readers {
        let head = soon(Response::read_head(&mut reader.stream)).await;
        assert_eq!(head.status, 200);
        assert_eq!(head.header("content-encoding"), headers.contains("gzip").then_some("gzip"));
    }
    for _ in 0..10 {
        for reader in &mut readers {
            soon(reader.stream.read(&mut [0; 1000])).await.unwrap();
        }
    }
    readers
}

/// Awaits that all of so many readers are waited for, and returns the most that the kernel holds unsent for one.
async fn unsent(server: SocketAddr, readers: usize) -> usize {
    let waits = async {
        loop {
            let sockets = tcp_table().into_iter().filter(|socket| socket.local_port == server.port());
            let unsent: Vec<_> = sockets.map(|socket| socket.unsent).filter(|unsent| *unsent > 0).collect();
            if unsent.len() == readers {
                return unsent.into_iter().max().unwrap_or(0);
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    soon(waits).await
}

/// Returns what the kernel holds for all TCP sockets of the system, those of the readers included, in bytes.
fn tcp_memory() -> usize {
    let text = fs::read_to_string("/proc/net/sockstat").unwrap();
    let line = text.lines().find(|line| line.starts_with("TCP:")).unwrap();
    line.rsplit(' ').next().unwrap().parse::<usize>().unwrap() * 4096
}

/// Reads all that there is as a client does that is not slow.
async fn all(server: SocketAddr, headers: &str) -> Vec<u8> {
    let mut client = Client::connect(server).await;
    client.ask("GET", "/readings", headers).await;
    let response = client.response().await;
    assert!(response.complete && response.status == 200);
    response.body
}

/// What a test of the service gets, that has no server.
async fn collected() -> Bytes {
    let response = service::app().oneshot(Request::get("/readings").body(Body::empty()).unwrap()).await.unwrap();
    soon(to_bytes(response.into_body(), usize::MAX)).await.unwrap()
}

/// How many readers don't ask for gzip, and how many do.
const EACH: usize = 500;

#[tokio::test]
async fn a_thousand_slow_readers_are_served_in_bounded_memory() {
    raise_open_files().unwrap();
    let mut service = Example::start("service", &[]).await;
    let server = service.address;
    let expected = collected().await;
    let records = expected.windows(10).filter(|window| window == b"{\"number\":").count();
    assert!(records == 1_000_000 && expected.ends_with(b"}]"), "{records} records");
    assert!(all(server, "").await == expected);
    let mut decoded = Vec::new();
    let gzipped = all(server, GZIPPED).await;
    GzipDecoder::new(BufReader::new(&*gzipped)).read_to_end(&mut decoded).await.unwrap();
    assert!(decoded == expected);

    let mut readers = Vec::new();
    let (mut before, mut kernel_before) = (service.peak_rss(), tcp_memory());
    for (name, headers, most) in [("plain", "", PLAIN), ("gzip", GZIPPED, GZIP)] {
        readers.extend(slow_readers(server, headers, EACH).await);
        let unsent = unsent(server, readers.len()).await;
        let (peak, kernel) = (service.peak_rss(), tcp_memory());
        let grown = (peak - before) / EACH;
        println!(
            "{EACH} readers, {name}: {grown} bytes each on {before}; at most {unsent} unsent; all TCP sockets of the \
             system, both ends: {kernel_before} to {kernel}"
        );
        assert!(grown <= most, "{grown} bytes for each reader, {name}; {most} may be");
        assert!(unsent <= UNSENT, "{unsent} bytes unsent for a reader");
        (before, kernel_before) = (peak, kernel);
    }
    drop(readers);
    assert!(Command::new("kill").args(["-INT", &service.pid().to_string()]).status().unwrap().success());
    assert_eq!(service.prints().await, "stopped; 0 responses were cut");
}

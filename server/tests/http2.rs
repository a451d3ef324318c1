//! Promise: the program bears with clients of HTTP/2 what it bears with those of HTTP/1.1.
#![cfg(target_os = "linux")]

mod support;

use std::time::Duration;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::{Client as Http2, WIDE, read};
use chunkwire_test_support::process::{Process, is_installed, output};
use chunkwire_test_support::time::soon;
use h2::RecvStream;
use http::Response;
use socket2::SockRef;
use support::program::{chunkwire, with_open_files};
use support::server::metric_over;
use tokio::net::TcpStream;
use tokio::process::Command;

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];
const STREAMS: usize = 100;
const ENDLESS: &str = "/api/v1/users?limit=1000000";

/// Opens streams whose windows are closed.
async fn stall(client: &mut Http2) -> Vec<Response<RecvStream>> {
    let mut stalled = Vec::new();
    for _ in 0..STREAMS {
        stalled.push(client.get(ENDLESS).await);
    }
    stalled
}

/// Awaits that as many chunks are alive.
async fn chunks_become(client: &mut Client, expected: usize) {
    soon(async { while metric_over(client, "chunkwire_chunks_alive").await != expected as f64 {} }).await;
}

#[tokio::test]
async fn running_out_of_open_files_ends_no_stream() {
    let arguments = [&ANY_PORT[..], &["--max-connections", "1000"]].concat();
    let mut server = Process::start(with_open_files("-n 40", &arguments)).await;
    let mut client = Http2::connect(server.address, WIDE).await;
    let begun = client.get("/api/v1/users?limit=20000").await;
    let mut others = Vec::new();
    for _ in 0..60 {
        others.push(TcpStream::connect(server.address).await.unwrap());
    }
    server.logs("accepting connections fails").await;
    for response in [begun, client.get("/api/v1/users").await] {
        let (body, reset) = read(response).await;
        assert!(reset.is_none() && body.ends_with(b"]"));
    }
    others.clear();
    let mut late = Http2::connect(server.address, WIDE).await;
    assert_eq!(late.get("/healthz").await.status(), 200);
    drop((client, late));
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(0));
}

/// The connection of a client that does not know HTTP/2's ways out, and resets TCP.
async fn vanish(server: &Process) {
    let stream = soon(TcpStream::connect(server.address)).await.unwrap();
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    let mut client = Http2::over(stream, 0).await;
    let stalled = stall(&mut client).await;
    client.end.abort();
    assert!(client.end.await.is_err_and(|error| error.is_cancelled()));
    drop(stalled);
}

#[tokio::test]
async fn clients_that_vanish_with_a_hundred_streams_leave_nothing_behind() {
    let server = Process::start(chunkwire(&ANY_PORT)).await;
    let mut stays = Client::connect(server.address).await;
    assert!(stays.get("/api/v1/users").await.complete);
    let files = server.open_files();
    let mut first = None;
    for _ in 0..10 {
        for _ in 0..10 {
            vanish(&server).await;
        }
        soon(async { while metric_over(&mut stays, "chunkwire_connections_open").await > 1.0 {} }).await;
        chunks_become(&mut stays, 0).await;
        soon(async {
            while server.open_files() > files {
                tokio::task::yield_now().await;
            }
        })
        .await;
        first.get_or_insert(server.rss());
    }
    let grown = server.rss().saturating_sub(first.unwrap());
    assert!(grown < 2_000_000, "{grown} bytes more after 9,000 streams");
    let gone = "chunkwire_responses_total{format=\"array\",outcome=\"client_gone\"}";
    assert_eq!(metric_over(&mut stays, gone).await, 10_000.0);
}

/// What the kernel holds for the server's ends of its connections, in bytes: the queues, and what is set aside for them
/// (ss(8), `skmem`).
async fn kernel_memory(server: &Process) -> usize {
    let mut ss = Command::new("ss");
    ss.args(["-tmnHO", "state", "established", &format!("sport = :{}", server.address.port())]);
    let lines = String::from_utf8(output(ss).await.stdout).unwrap();
    let memory = lines.lines().filter_map(|line| line.split_once("skmem:(")?.1.split_once(')'));
    let fields = memory.flat_map(|(memory, _)| memory.split(','));
    fields.filter_map(|field| field.strip_prefix(['r', 'w', 'f'])?.parse::<usize>().ok()).sum()
}

/// `cargo test --release --package chunkwire-server --test http2 costs -- --nocapture` prints what it costs.
#[tokio::test]
async fn a_stalled_stream_costs_two_chunks_at_most() {
    const CONNECTIONS: usize = 50;
    if !is_installed("ss").await {
        return;
    }
    let server = Process::start(chunkwire(&ANY_PORT)).await;
    let mut stays = Client::connect(server.address).await;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Http2::connect(server.address, 0).await);
        assert_eq!(clients.last_mut().unwrap().get("/readyz").await.status(), 200);
    }
    let (idle, idle_kernel) = (server.rss(), kernel_memory(&server).await);
    let mut stalled = Vec::new();
    for client in &mut clients {
        stalled.extend(stall(client).await);
    }
    chunks_become(&mut stays, CONNECTIONS * STREAMS).await;
    let process = server.rss() - idle;
    let kernel = kernel_memory(&server).await.saturating_sub(idle_kernel);
    println!(
        "{CONNECTIONS} connections with {STREAMS} stalled streams each: {} B of the process by stream and {} by \
         connection, {} B of the kernel by connection",
        process / CONNECTIONS / STREAMS,
        process / CONNECTIONS,
        kernel / CONNECTIONS,
    );
    let (by_stream, by_connection) = (process / CONNECTIONS / STREAMS, kernel / CONNECTIONS);
    assert!(by_stream < 35_000, "{by_stream} B of the process by stream");
    assert!(by_connection < 50_000, "{by_connection} B of the kernel by connection");
}

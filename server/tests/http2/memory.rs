//! What a stalled stream costs.

use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::Client as Http2;
use chunkwire_test_support::process::{Process, is_installed, output};
use tokio::process::Command;

use crate::streams::{STREAMS, becomes, stall};
use crate::support::program::chunkwire;

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
    let server = Process::start(chunkwire(&["--listen", "127.0.0.1:0"])).await;
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
    becomes(&mut stays, "chunkwire_chunks_alive", CONNECTIONS * STREAMS).await;
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

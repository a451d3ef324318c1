//! Clients that vanish leave nothing behind.

use std::time::Duration;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::Client as Http2;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use socket2::SockRef;
use tokio::net::TcpStream;

use crate::streams::{STREAMS, becomes, stall};
use crate::support::program::chunkwire;
use crate::support::server::metric_over;
use crate::support::wire::Wire;

/// How many clients vanish before somebody looks, and how often.
const CLIENTS: usize = 10;
const TIMES: usize = 10;

/// The connection of a client that does not know HTTP/2's ways out, and resets TCP.
async fn vanish(remote: &Remote) {
    let stream = soon(TcpStream::connect(remote.address)).await.unwrap();
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    let mut client = Http2::over(stream, remote, 0).await;
    let stalled = stall(&mut client).await;
    client.end.abort();
    assert!(client.end.await.is_err_and(|error| error.is_cancelled()));
    drop(stalled);
}

on_every_wire!(clients_that_vanish_with_a_hundred_streams_leave_nothing_behind);

async fn clients_that_vanish_with_a_hundred_streams_leave_nothing_behind(wire: &Wire) {
    let server = Process::start(chunkwire(&wire.options(&["--listen", "127.0.0.1:0"]))).await;
    let remote = &wire.remote(server.address);
    let mut stays = Client::connect(remote).await;
    assert!(stays.get("/api/v1/users").await.complete);
    let files = server.open_files();
    let mut first = None;
    for _ in 0..TIMES {
        for _ in 0..CLIENTS {
            vanish(remote).await;
        }
        becomes(&mut stays, "chunkwire_connections_open", 1).await;
        becomes(&mut stays, "chunkwire_chunks_alive", 0).await;
        soon(async {
            while server.open_files() > files {
                tokio::task::yield_now().await;
            }
        })
        .await;
        first.get_or_insert(server.rss());
    }
    let grown = server.rss().saturating_sub(first.unwrap());
    let streams = TIMES * CLIENTS * STREAMS;
    assert!(grown < 2_000_000, "{grown} bytes more after {streams} streams");
    let gone = "chunkwire_responses_total{format=\"array\",outcome=\"client_gone\"}";
    assert_eq!(metric_over(&mut stays, gone).await, streams as f64);
}

//! Promise: memory does not depend on how much is sent, seen from outside the process.
#![cfg(target_os = "linux")]

mod support;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use support::program::chunkwire;
use tokio::io::AsyncReadExt;

/// Reads a response of many users to its end and returns its size.
async fn drain(client: &mut Client, users: u64) -> usize {
    client.ask("GET", &format!("/api/v1/users?limit={users}"), "Connection: close\r\n").await;
    let mut size = 0;
    let mut end = Vec::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        let read = soon(client.stream.get_mut().read(&mut part)).await.unwrap();
        if read == 0 {
            assert!(end.ends_with(b"}]\r\n0\r\n\r\n"), "the response is incomplete");
            return size;
        }
        size += read;
        end.extend_from_slice(&part[..read]);
        end.drain(..end.len().saturating_sub(10));
    }
}

#[tokio::test]
async fn a_million_users_take_less_than_a_megabyte_more_than_a_thousand() {
    let server = Process::start(chunkwire(&["--listen", "127.0.0.1:0"])).await;
    drain(&mut Client::connect(server.address).await, 1000).await;
    let before = server.peak_rss();

    let size = drain(&mut Client::connect(server.address).await, 1_000_000).await;
    assert!(size > 100_000_000, "{size} bytes are not a million users");
    let grown = server.peak_rss() - before;
    assert!(grown < 1_000_000, "the peak grew by {grown} bytes over {before}");
}

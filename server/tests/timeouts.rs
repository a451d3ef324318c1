//! Promise: slow and silent clients cost little for as long as they are allowed to, and then nothing.
#![cfg(target_os = "linux")]

#[macro_use]
mod support;

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use chunkwire_engine::raise_open_files;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::tcp_table::{LISTEN, TIME_WAIT, TcpSocket, tcp_table};
use chunkwire_test_support::time::soon;
use support::server::{config, metric, metric_becomes};
use support::wire::Wire;
use tokio::io::AsyncReadExt;
use tokio::time::{sleep, timeout};

/// How many sockets the kernel keeps on the server's side, beside the listener and those that wait out their time.
fn server_sockets(server: &Remote) -> usize {
    let others =
        |socket: &TcpSocket| socket.local_port == server.address.port() && ![TIME_WAIT, LISTEN].contains(&socket.state);
    tcp_table().into_iter().filter(others).count()
}

on_every_wire!(
    a_thousand_readers_that_stop_are_gone_a_second_after_the_limit,
    slow_readers_that_move_live,
    readers_too_slow_for_a_write_to_show_it_live,
    a_connection_on_which_nothing_comes_is_cut,
    a_head_that_drips_is_cut,
    an_idle_connection_lives_longer_than_a_head,
);

async fn a_thousand_readers_that_stop_are_gone_a_second_after_the_limit(wire: &Wire) {
    const READERS: usize = 1000;
    raise_open_files().unwrap();
    let mut config = config();
    config.engine.stall_timeout = Duration::from_secs(3);
    // What was sent to them is worth no time.
    config.engine.min_rate = NonZeroU32::MAX;
    let remote = &wire.serve(&config);
    let mut clients = Vec::new();
    for _ in 0..READERS {
        clients.push(Client::with_little_room(remote).await);
    }
    for client in &mut clients {
        client.ask("GET", "/api/v1/users?limit=1000000", "").await;
    }
    for client in &mut clients {
        client.wait_for_data().await;
    }
    let stopped = Instant::now();
    // Before the client beside them, whose last chunk may outlive its response for a moment.
    assert!(metric(remote, "chunkwire_chunks_alive").await <= READERS as f64);
    let beside = Client::connect(remote).await.get("/api/v1/users").await;
    assert!(beside.complete, "a client beside them is not served");

    metric_becomes(remote, "chunkwire_stalls_total", READERS as f64).await;
    let late = stopped.elapsed().saturating_sub(config.engine.stall_timeout);
    assert!(late < Duration::from_secs(1), "the last one was gone {late:?} after the limit");
    assert_eq!(metric(remote, "chunkwire_chunks_alive").await, 0.0);
    let told = metric(remote, "chunkwire_responses_total{format=\"array\",outcome=\"stalled\"}").await;
    assert_eq!(told, READERS as f64);
    soon(async {
        while server_sockets(remote) > 2 {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    assert!(stopped.elapsed() < config.engine.stall_timeout + Duration::from_secs(2), "the kernel keeps their memory");
    drop(clients);
}

/// Twenty readers that take so many bytes at a time, with a pause in between, for so many times the limit. They are
/// twice as fast as they have to be.
async fn move_slowly(wire: &Wire, limit: Duration, bytes: usize, pause: Duration, limits: u32) {
    let mut config = config();
    config.engine.stall_timeout = limit;
    config.engine.min_rate = NonZeroU32::new((bytes as f64 / pause.as_secs_f64() / 2.0) as u32).unwrap();
    let remote = wire.serve(&config);
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let remote = remote.clone();
            tokio::spawn(async move {
                let mut client = Client::with_little_room(remote).await;
                client.ask("GET", "/api/v1/users?limit=1000000", "").await;
                let start = Instant::now();
                while start.elapsed() < limit * limits {
                    soon(client.stream.read_exact(&mut vec![0; bytes])).await.expect("it moves");
                    sleep(pause).await;
                }
            })
        })
        .collect();
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(metric(remote, "chunkwire_stalls_total").await, 0.0);
}

/// As many bytes in the limit as 1 KiB/s are in 30 s.
async fn slow_readers_that_move_live(wire: &Wire) {
    move_slowly(wire, Duration::from_secs(3), 1024, Duration::from_millis(100), 3).await;
}

/// In the limit they take less than the kernel reports as room for a write.
async fn readers_too_slow_for_a_write_to_show_it_live(wire: &Wire) {
    move_slowly(wire, Duration::from_millis(1500), 1500, Duration::from_millis(300), 5).await;
}

/// Awaits the end of a connection, which has to come between two times.
async fn ends_between(client: &mut Client, least: Duration, most: Duration) {
    let start = Instant::now();
    assert!(client.is_closed().await);
    let elapsed = start.elapsed();
    assert!(elapsed >= least && elapsed < most, "it took {elapsed:?} and not {least:?} to {most:?}");
}

const HEAD: Duration = Duration::from_millis(600);
const IDLE: Duration = Duration::from_millis(2500);
const SOON: Duration = Duration::from_millis(900);

fn impatient(wire: &Wire) -> Remote {
    let mut config = config();
    config.engine.head_timeout = HEAD;
    config.engine.idle_timeout = IDLE;
    wire.serve(&config)
}

async fn a_connection_on_which_nothing_comes_is_cut(wire: &Wire) {
    let mut client = Client::connect(impatient(wire)).await;
    ends_between(&mut client, HEAD / 2, HEAD + SOON).await;
}

async fn a_head_that_drips_is_cut(wire: &Wire) {
    let remote = &impatient(wire);
    let mut client = Client::connect(remote).await;
    let start = Instant::now();
    for byte in "GET /healthz HTTP/1.1\r\nHost: a-long-name.example\r\n".chars() {
        let drop_of = async {
            client.send(&byte.to_string()).await;
            client.is_closed().await
        };
        if timeout(Duration::from_millis(100), drop_of).await == Ok(true) {
            let elapsed = start.elapsed();
            assert!(elapsed < HEAD + SOON, "{elapsed:?}");
            metric_becomes(remote, "chunkwire_connections_total{outcome=\"head_timeout\"}", 1.0).await;
            return;
        }
    }
    panic!("the head dripped for {:?}", start.elapsed());
}

/// A connection may be idle for longer than a head may take, but a second head may take no longer than the first.
async fn an_idle_connection_lives_longer_than_a_head(wire: &Wire) {
    let remote = &impatient(wire);
    let mut client = Client::connect(remote).await;
    assert_eq!(client.get("/healthz").await.status, 200);
    sleep(2 * HEAD).await;
    assert_eq!(client.get("/healthz").await.status, 200);
    sleep(2 * HEAD).await;
    client.send("GET /heal").await;
    ends_between(&mut client, HEAD / 2, HEAD + SOON).await;

    let mut client = Client::connect(remote).await;
    assert_eq!(client.get("/healthz").await.status, 200);
    ends_between(&mut client, IDLE / 2, IDLE + SOON).await;
    metric_becomes(remote, "chunkwire_connections_total{outcome=\"idle_timeout\"}", 1.0).await;
}

//! Slow and silent clients cost little for as long as they are allowed to, and then nothing.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chunkwire_engine::raise_open_files;
use chunkwire_server::Config;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::{Client as Http2, WIDE, ask, settings};
use chunkwire_test_support::remote::{Remote, Stream};
use chunkwire_test_support::time::soon;
use h2::RecvStream;
use h2::client::Connection;
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::time::{sleep, timeout};

use crate::streams::{ENDLESS, STREAMS, stall};
use crate::support::server::{config, metric, metric_becomes};
use crate::support::wire::Wire;

const STALL: Duration = Duration::from_secs(3);
const HEAD: Duration = Duration::from_millis(600);
const IDLE: Duration = Duration::from_millis(1500);
const SOON: Duration = Duration::from_secs(2);

const STALLED: &str = "chunkwire_responses_total{format=\"array\",outcome=\"stalled\"}";

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
/// By which the windows of streams are closed.
const NO_WINDOW: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0";
/// A head with its end: the first 1,000 users.
const WHOLE_HEAD: &[u8] = b"\0\0\x1c\x01\x05\0\0\0\x01\x82\x86\x04\x0d/api/v1/users\x01\x09localhost";
/// A head without its end, in a frame that is whole.
const HALF_HEAD: &[u8] = b"\0\0\x01\x01\x01\0\0\0\x03\x82";
/// The beginning of a frame that is to have a head of 200 bytes.
const LONG_HEAD: &[u8] = b"\0\0\xc8\x01\x05\0\0\0\x01";

on_every_wire!(
    a_thousand_streams_that_stop_are_gone_soon_after_the_limit,
    clients_that_read_nothing_are_gone_soon_after_the_limit,
    slow_readers_that_move_live,
    half_a_head_is_not_waited_for,
    half_a_head_is_not_waited_for_beside_a_stream,
    a_head_that_drips_is_cut,
);

/// What was sent to a client is worth no time.
fn impatient() -> Config {
    let mut config = config();
    config.engine.stall_timeout = STALL;
    config.engine.min_rate = NonZeroU32::MAX;
    config
}

/// The windows stay closed, and the connections go on.
async fn a_thousand_streams_that_stop_are_gone_soon_after_the_limit(wire: &Wire) {
    const CLIENTS: usize = 10;
    let remote = &wire.serve(&impatient());
    let (mut clients, mut stalled) = (Vec::new(), Vec::new());
    for _ in 0..CLIENTS {
        let mut client = Http2::connect(remote, 0).await;
        stalled.extend(stall(&mut client).await);
        clients.push(client);
    }
    let stopped = Instant::now();
    // Before the client beside them, whose last chunk may outlive its response for a moment.
    assert!(metric(remote, "chunkwire_chunks_alive").await <= (CLIENTS * STREAMS) as f64);
    assert!(Client::connect(remote).await.get("/api/v1/users").await.complete, "a client beside them is not served");
    metric_becomes(remote, STALLED, (CLIENTS * STREAMS) as f64).await;
    let late = stopped.elapsed().saturating_sub(STALL);
    assert!(late < SOON, "the last one was gone {late:?} after the limit");
    assert_eq!(metric(remote, "chunkwire_chunks_alive").await, 0.0);
    for client in &mut clients {
        assert_eq!(client.get("/healthz").await.status(), 200);
    }
}

/// A client that gives its streams all the windows that there are, and reads no more when they have begun.
async fn stops_reading(remote: &Remote, streams: usize) -> (Connection<Stream, Bytes>, Vec<Response<RecvStream>>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(Client::LITTLE_ROOM).unwrap();
    let stream = soon(socket.connect(remote.address)).await.unwrap();
    let stream = soon(Stream::over(stream, &remote.http2())).await.unwrap();
    let (requests, mut connection) = soon(settings(WIDE).handshake(stream)).await.unwrap();
    let mut begun = Vec::new();
    let asking = async {
        for _ in 0..streams {
            begun.push(ask(&requests, "GET", ENDLESS).await.unwrap());
        }
    };
    tokio::select! {
        biased;
        () = asking => {}
        ended = &mut connection => panic!("{ended:?}"),
    }
    (connection, begun)
}

async fn clients_that_read_nothing_are_gone_soon_after_the_limit(wire: &Wire) {
    const CLIENTS: usize = 100;
    const STREAMS: usize = 5;
    raise_open_files().unwrap();
    let remote = &wire.serve(&impatient());
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(stops_reading(remote, STREAMS).await);
    }
    let stopped = Instant::now();
    assert!(Client::connect(remote).await.get("/api/v1/users").await.complete, "a client beside them is not served");
    metric_becomes(remote, STALLED, (CLIENTS * STREAMS) as f64).await;
    metric_becomes(remote, "chunkwire_connections_open", 1.0).await;
    let late = stopped.elapsed().saturating_sub(STALL);
    assert!(late < SOON, "the last one was gone {late:?} after the limit");
    assert_eq!(metric(remote, "chunkwire_stalls_total").await, CLIENTS as f64);
    assert_eq!(metric(remote, "chunkwire_chunks_alive").await, 0.0);
}

/// Twenty readers that open a small window at a time, with a pause in between, for some times the limit. They are twice
/// as fast as they have to be.
async fn slow_readers_that_move_live(wire: &Wire) {
    const LIMIT: Duration = Duration::from_millis(1500);
    const PAUSE: Duration = Duration::from_millis(300);
    const WINDOW: u32 = 1500;
    let mut config = config();
    config.engine.stall_timeout = LIMIT;
    config.engine.min_rate = NonZeroU32::new((f64::from(WINDOW) / PAUSE.as_secs_f64() / 2.0) as u32).unwrap();
    let remote = wire.serve(&config);
    let readers: Vec<_> = (0..20)
        .map(|_| {
            let remote = remote.clone();
            tokio::spawn(async move {
                let mut body = Http2::connect(&remote, WINDOW).await.get(ENDLESS).await.into_body();
                let start = Instant::now();
                while start.elapsed() < 5 * LIMIT {
                    let data = soon(body.data()).await.expect("it goes on").expect("it moves");
                    sleep(PAUSE).await;
                    body.flow_control().release_capacity(data.len()).unwrap();
                }
            })
        })
        .collect();
    for reader in readers {
        reader.await.unwrap();
    }
}

/// A server that does not wait long for heads.
fn in_a_hurry(wire: &Wire) -> Remote {
    let mut config = impatient();
    config.engine.head_timeout = HEAD;
    config.engine.idle_timeout = IDLE;
    wire.serve(&config)
}

/// Says this and nothing more. Returns how long the server bore with it.
async fn borne(remote: &Remote, said: &[&[u8]]) -> Duration {
    let mut client = Client::connect(&remote.http2()).await;
    soon(client.stream.write_all(&said.concat())).await.unwrap();
    soon(client.stream.flush()).await.unwrap();
    let start = Instant::now();
    // A reset is as good an end as another.
    let _ = soon(client.stream.read_to_end(&mut Vec::new())).await;
    start.elapsed()
}

/// It has the time of a head, and after the end was announced once more.
async fn half_a_head_is_not_waited_for(wire: &Wire) {
    let remote = &in_a_hurry(wire);
    for said in [
        &[][..],
        &[&PREFACE[..20]],
        &[PREFACE],
        &[PREFACE, SETTINGS],
        &[PREFACE, SETTINGS, HALF_HEAD],
        &[PREFACE, SETTINGS, LONG_HEAD, b"\x82"],
    ] {
        let borne = borne(remote, said).await;
        assert!(borne >= HEAD / 2 && borne < 2 * HEAD + SOON, "{borne:?} after {said:?}");
    }
    metric_becomes(remote, "chunkwire_connections_open", 1.0).await;
}

/// Which the client then can't open a window for. The stream has its time, and the connection that of one without.
async fn half_a_head_is_not_waited_for_beside_a_stream(wire: &Wire) {
    let remote = &in_a_hurry(wire);
    let borne = borne(remote, &[PREFACE, NO_WINDOW, WHOLE_HEAD, HALF_HEAD]).await;
    assert!(borne >= STALL && borne < STALL + IDLE + HEAD + SOON, "{borne:?}");
    assert_eq!(metric(remote, STALLED).await, 1.0);
    metric_becomes(remote, "chunkwire_connections_open", 1.0).await;
}

async fn a_head_that_drips_is_cut(wire: &Wire) {
    let remote = &in_a_hurry(wire);
    let mut client = Client::connect(&remote.http2()).await;
    client.stream.write_all(&[PREFACE, SETTINGS, LONG_HEAD].concat()).await.unwrap();
    let start = Instant::now();
    let mut received = Vec::new();
    for _ in 0..199 {
        let sent = async {
            client.stream.write_all(b"\x82").await?;
            client.stream.flush().await
        };
        if soon(sent).await.is_err() {
            break;
        }
        let read = timeout(Duration::from_millis(50), client.stream.read_to_end(&mut received)).await;
        if read.is_ok() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let elapsed = start.elapsed();
    assert!(elapsed < 2 * HEAD + SOON, "the head dripped for {elapsed:?}");
    metric_becomes(remote, "chunkwire_connections_open", 1.0).await;
}

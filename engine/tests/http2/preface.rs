//! A client that says slowly what it speaks (RFC 9113, section 3.4): a network may cut anywhere.

use std::net::SocketAddr;
use std::time::Duration;

use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::client::Response;
use chunkwire_test_support::tcp_table::is_read;
use chunkwire_test_support::time::soon;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::frames::{PREFACE, Raw, SETTINGS, frame};
use crate::service::serve;
use crate::support::next;

/// Sends pieces, each when the server has read what was sent before.
async fn send_pieces<'a>(server: SocketAddr, pieces: impl IntoIterator<Item = &'a [u8]>) -> TcpStream {
    let mut client = soon(TcpStream::connect(server)).await.unwrap();
    client.set_nodelay(true).unwrap();
    for piece in pieces {
        client.write_all(piece).await.unwrap();
        let (local, remote) = (client.local_addr().unwrap().port(), server.port());
        let read = async {
            while !is_read(local, remote) {
                tokio::task::yield_now().await;
            }
        };
        soon(read).await;
    }
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_preface_may_come_in_pieces() {
    let served = serve(&Config::default());
    let settings = frame(SETTINGS, 0, 0, &[]);
    let in_two = (1..PREFACE.len()).map(|cut| vec![&PREFACE[..cut], &PREFACE[cut..], &settings]);
    let in_bytes = PREFACE.chunks(1).chain([&*settings]).collect();
    for pieces in in_two.chain([in_bytes]) {
        let client = send_pieces(served.address, pieces.clone()).await;
        let first = Raw::over(client).next().await;
        assert!(first.as_ref().is_some_and(|frame| frame.kind == SETTINGS), "{pieces:?}: {first:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_only_begins_like_a_preface_is_http_1_1() {
    const POST: &[u8] = b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    const PRI: &[u8] = b"PRI * HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    let served = serve(&Config::default());
    for (pieces, status, body) in [
        (vec![&POST[..1], &POST[1..]], 200, "3"),
        (vec![&PRI[..3], &PRI[3..12], &PRI[12..]], 404, ""),
        (vec![&PREFACE[..22], b"\n\n"], 400, ""),
    ] {
        let mut client = BufReader::new(send_pieces(served.address, pieces.clone()).await);
        let response = soon(Response::read(&mut client)).await;
        assert_eq!((response.status, &*response.body), (status, body.as_bytes()), "{pieces:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_preface_that_never_ends_is_a_head_that_never_ends() {
    let mut config = Config::default();
    config.head_timeout = Duration::from_millis(200);
    let served = serve(&config);
    let mut client = send_pieces(served.address, [&PREFACE[..20]]).await;
    let mut received = Vec::new();
    soon(client.read_to_end(&mut received)).await.unwrap();
    assert_eq!(next(&served.connections), ConnectionEnd::HeadTimeout, "{received:?}");
}

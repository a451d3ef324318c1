//! Clients that make the server work more than they do. Each is answered by the end of its connection.

use std::num::NonZeroU32;
use std::time::Duration;

use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::http2_client::{Client, WIDE};
use chunkwire_test_support::time::soon;
use http::Request;

use crate::frames::{
    CONTINUATION, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, GOAWAY, HEADERS, PING, REFUSED_STREAM, RST_STREAM, Raw,
    WINDOW_UPDATE, frame, get, streams,
};
use crate::service::serve;
use crate::support::next;

const CANCEL: [u8; 4] = [0, 0, 0, 8];

/// CVE-2023-44487.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rapid_resets_end_the_connection() {
    let served = serve(&Config::default());
    let mut client = Raw::connect(served.address).await;
    let request = get("/never");
    let flood: Vec<u8> = streams(1000)
        .flat_map(|stream| {
            let opened = frame(HEADERS, END_STREAM | END_HEADERS, stream, &request);
            [opened, frame(RST_STREAM, 0, stream, &CANCEL)].concat()
        })
        .collect();
    let _ = client.send(&flood).await;
    assert_eq!(client.next_of(GOAWAY).await.unwrap().reason(), ENHANCE_YOUR_CALM);
    assert_eq!(next(&served.connections), ConnectionEnd::Broken);
}

/// CVE-2025-8671: the client makes the server reset its streams.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn resets_that_the_client_provokes_end_the_connection() {
    let served = serve(&Config::default());
    let mut client = Raw::connect(served.address).await;
    let request = get("/never");
    let mut last = None;
    for stream in streams(2000) {
        let opened = frame(HEADERS, END_STREAM | END_HEADERS, stream, &request);
        // More than a window can be.
        let provoked = frame(WINDOW_UPDATE, 0, stream, &[0x7f, 0xff, 0xff, 0xff]);
        if client.send(&[opened, provoked].concat()).await.is_err() {
            break;
        }
        let received = loop {
            match client.next().await {
                Some(received) if received.kind == GOAWAY || received.kind == RST_STREAM => break Some(received),
                Some(_) => {}
                None => break None,
            }
        };
        let Some(received) = received else { break };
        let is_last = received.kind == GOAWAY;
        last = Some(received);
        if is_last {
            break;
        }
    }
    let last = last.unwrap();
    assert_eq!((last.kind, last.reason()), (GOAWAY, ENHANCE_YOUR_CALM));
    assert_eq!(next(&served.connections), ConnectionEnd::Broken);
}

/// VU#421644.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_head_without_an_end_ends_the_connection() {
    let served = serve(&Config::default());
    let mut client = Raw::connect(served.address).await;
    client.send(&frame(HEADERS, END_STREAM, 1, &get("/few"))).await.unwrap();
    // A field that is not indexed: x: and a hundred bytes.
    let field = [&b"\x00\x01x\x64"[..], &[b'y'; 100]].concat();
    let _ = client.send(&frame(CONTINUATION, 0, 1, &field).repeat(10_000)).await;
    assert_eq!(client.next_of(GOAWAY).await.unwrap().reason(), ENHANCE_YOUR_CALM);
    assert_eq!(next(&served.connections), ConnectionEnd::Broken);
}

/// CVE-2019-9512: replies that the client does not read are not kept for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn pings_of_a_client_that_does_not_read_end_the_connection() {
    let mut config = Config::default();
    config.stall_timeout = Duration::from_millis(300);
    config.min_rate = NonZeroU32::MAX;
    let served = serve(&config);
    let mut client = Raw::connect(served.address).await;
    let pings = frame(PING, 0, 0, &[7; 8]).repeat(1000);
    while client.send(&pings).await.is_ok() {}
    assert_eq!(next(&served.connections), ConnectionEnd::Stalled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn streams_above_the_limit_are_refused() {
    let mut config = Config::default();
    config.max_streams = NonZeroU32::new(10).unwrap();
    let served = serve(&config);
    let mut client = Raw::connect(served.address).await;
    let request = get("/never");
    let opened = streams(11).flat_map(|stream| frame(HEADERS, END_STREAM | END_HEADERS, stream, &request));
    client.send(&opened.collect::<Vec<_>>()).await.unwrap();
    let refused = client.next_of(RST_STREAM).await.unwrap();
    assert_eq!((refused.stream, refused.reason()), (21, REFUSED_STREAM));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_head_that_is_too_long_is_refused() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, WIDE).await;
    let request = Request::get("http://localhost/few").header("x", "y".repeat(20_000)).body(()).unwrap();
    let (response, _) = client.requests.send_request(request, true).unwrap();
    assert_eq!(soon(response).await.unwrap().status(), 431);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_client_that_asks_for_nothing_has_the_time_of_a_head() {
    let mut config = Config::default();
    config.head_timeout = Duration::from_millis(200);
    let served = serve(&config);
    let mut client = Raw::connect(served.address).await;
    assert!(client.next_of(GOAWAY).await.is_some());
    assert!(client.next_of(GOAWAY).await.is_none_or(|last| last.reason() == 0));
    drop(client);
    next(&served.connections);
}

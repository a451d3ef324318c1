//! How much of its requests' bodies a client may send before a service reads them (RFC 9113, section 5.2).

use chunkwire_engine::Config;

use crate::frames::{
    DATA, END_HEADERS, FLOW_CONTROL_ERROR, Frame, GOAWAY, HEADERS, PING, RST_STREAM, Raw, SETTINGS, WINDOW_UPDATE,
    frame, post, streams,
};
use crate::service::serve;

/// Of a stream, in bytes: the initial value of RFC 9113, section 6.5.2. A connection has that of four.
const WINDOW: usize = 65_535;

/// How many streams it takes to fill the window of their connection.
const STREAMS: u32 = 4;

/// The largest payload of a frame (RFC 9113, section 6.5.2).
const LARGEST: usize = 16_384;

/// The setting of the window that streams begin with (RFC 9113, section 6.5.2).
const INITIAL_WINDOW_SIZE: u16 = 4;

/// Sends bytes of a body, and returns what the server says until it has replied to two `PING`s that follow them: the
/// first reply goes ahead of what else the server has to say then, the second comes after it.
async fn said_to(client: &mut Raw, stream: u32, bytes: usize) -> Vec<Frame> {
    let body = vec![b'x'; bytes];
    let data = body.chunks(LARGEST).flat_map(|part| frame(DATA, 0, stream, part));
    client.send(&data.collect::<Vec<_>>()).await.unwrap();
    let mut said = Vec::new();
    for _ in 0..2 {
        // If the connection has ended, so does what follows.
        let _ = client.send(&frame(PING, 0, 0, &[7; 8])).await;
        while let Some(next) = client.next().await {
            if next.kind == PING {
                break;
            }
            said.push(next);
        }
    }
    said
}

fn number(payload: &[u8]) -> usize {
    u32::from_be_bytes(payload.try_into().unwrap()) as usize
}

/// Asserts that the server takes the window of the connection, and of each stream the one that it begins with.
fn assert_windows(said: &[Frame]) {
    let updates: Vec<_> = said.iter().filter(|frame| frame.kind == WINDOW_UPDATE).collect();
    assert!(updates.iter().all(|update| update.stream == 0), "{updates:?}");
    let more: usize = updates.iter().map(|update| number(&update.payload)).sum();
    assert_eq!(WINDOW + more, STREAMS as usize * WINDOW, "{updates:?}");
    let settings = said.iter().filter(|frame| frame.kind == SETTINGS).flat_map(|frame| frame.payload.chunks(6));
    for setting in settings {
        let name = u16::from_be_bytes([setting[0], setting[1]]);
        assert!(name != INITIAL_WINDOW_SIZE || number(&setting[2..]) == WINDOW, "{setting:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bodies_that_no_service_reads_take_a_window_and_no_more() {
    let served = serve(&Config::default());
    let mut client = Raw::connect(served.address).await;
    let opened = streams(STREAMS + 1).flat_map(|stream| frame(HEADERS, END_HEADERS, stream, &post("/unread")));
    client.send(&opened.collect::<Vec<_>>()).await.unwrap();
    let mut said = Vec::new();
    for stream in streams(STREAMS) {
        said.extend(said_to(&mut client, stream, WINDOW).await);
    }
    let ends: Vec<_> = said.iter().filter(|frame| [GOAWAY, RST_STREAM].contains(&frame.kind)).collect();
    assert!(ends.is_empty(), "the windows are smaller than they are said to be: {ends:?}");
    assert_windows(&said);

    // The window of this stream is open, and that of the connection is full.
    let last = streams(STREAMS + 1).last().unwrap();
    let said = said_to(&mut client, last, 1).await;
    let end = said.iter().find(|frame| frame.kind == GOAWAY).expect("the connection takes more than its window");
    assert_eq!(end.reason(), FLOW_CONTROL_ERROR);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_body_that_is_longer_than_its_window_resets_its_stream() {
    let served = serve(&Config::default());
    let mut client = Raw::connect(served.address).await;
    client.send(&frame(HEADERS, END_HEADERS, 1, &post("/unread"))).await.unwrap();
    // The connection begins with this window as well, and has more only after it has said so.
    said_to(&mut client, 1, WINDOW).await;
    let said = said_to(&mut client, 1, 1).await;
    let end = said.iter().find(|frame| frame.kind == RST_STREAM).expect("it takes more");
    assert_eq!((end.stream, end.reason()), (1, FLOW_CONTROL_ERROR));
    assert!(said.iter().all(|frame| frame.kind != GOAWAY), "the connection goes on");
}

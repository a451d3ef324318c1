//! Promise: when a source pauses, its client has all that it yielded; with `full_chunks`, chunks wait until they are
//! full.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use chunkwire_test_support::frames;
use chunkwire_test_support::records::{Counted, Pausing, Unending, texts};
use http_body::Body;

/// A source that pauses before every record and before its end.
const ALWAYS: u64 = u64::MAX;

#[test]
fn a_record_is_sent_before_the_next_is_pulled() {
    let (records, pulled) = Counted::new(texts(99, 500));
    let mut body = pin!(JsonBody::from_stream(Format::Array, Pausing::new(records, ALWAYS)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(body.as_mut().poll_frame(&mut cx).is_pending(), "nothing is there yet");
    for record in 1..=500 {
        let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(&mut cx) else { panic!("a record is there") };
        assert_eq!((frame.into_data().unwrap().len(), pulled.get()), (100, record));
    }
}

#[tokio::test]
async fn full_chunks_wait_for_the_source() {
    for format in [Format::Array, Format::Lines] {
        for count in [0, 1, 163, 164, 165, 1000] {
            let body = |pauses| JsonBody::from_stream(format, Pausing::new(texts(99, count), pauses)).full_chunks();
            let paused = frames(body(ALWAYS)).await;
            assert_eq!(paused, frames(body(0)).await, "{count} records in {format:?}");
            if let Some((_, full)) = paused.split_last() {
                assert!(full.iter().all(|frame| frame.len() == CHUNK_SIZE), "{count} records in {format:?}");
            }
        }
    }
}

#[test]
fn a_chunk_that_waits_is_held_until_its_source_goes_on() {
    let mut body = pin!(JsonBody::from_stream(Format::Lines, Unending(texts(99, 200))).full_chunks());
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(&mut cx) else { panic!("a chunk is full") };
    assert_eq!(frame.into_data().unwrap().len(), CHUNK_SIZE);
    for _ in 0..3 {
        assert!(body.as_mut().poll_frame(&mut cx).is_pending());
        assert_eq!(body.size_hint().lower(), (200 * 100 - CHUNK_SIZE) as u64, "it holds what was yielded");
    }
}

mod over_http {
    use std::pin::Pin;

    use chunkwire::OneChunk;
    use futures_core::Stream;
    use hyper_util::rt::TokioIo;
    use tokio::io::AsyncBufReadExt;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;
    use chunkwire_test_support::client::Client;
    use chunkwire_test_support::connection::{GET, connection};
    use chunkwire_test_support::time::soon;

    struct Channel(mpsc::Receiver<u32>);

    impl Stream for Channel {
        type Item = u32;

        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u32>> {
            self.0.poll_recv(cx)
        }
    }

    /// The source yields a record only when the client has read the one before.
    #[tokio::test]
    async fn a_client_has_a_record_while_the_source_waits_for_it_to_ask_for_more() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = Client::connect(listener.local_addr().unwrap()).await;
        client.send(GET).await;
        let (socket, _) = soon(listener.accept()).await.unwrap();
        let (numbers, source) = mpsc::channel(1);
        let body = OneChunk::new(JsonBody::from_stream(Format::Lines, Channel(source)));
        let served = connection(TokioIo::new(socket), body);

        let reads = async {
            for number in 1000..1020 {
                numbers.send(number).await.unwrap();
                let mut line = String::new();
                while !line.starts_with(&number.to_string()) {
                    line.clear();
                    soon(client.stream.read_line(&mut line)).await.unwrap();
                }
            }
            drop(numbers);
            let mut rest = String::new();
            while soon(client.stream.read_line(&mut rest)).await.unwrap() > 0 {}
            assert!(rest.ends_with("\r\n0\r\n\r\n"), "{rest:?}");
        };
        let (served, ()) = tokio::join!(served, reads);
        served.unwrap();
    }
}

//! Promise: no record is produced before there is room for it in the chunk being filled.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk};
use chunkwire_test_support::records::{Counted, texts};
use http_body::Body;

/// Sizes of a record and the byte between it and the next; 128 and 16,384 fill a chunk to its last byte.
const SIZES: [usize; 7] = [11, 100, 128, 1000, CHUNK_SIZE - 1, CHUNK_SIZE, 3 * CHUNK_SIZE + 5];

fn poll<B: Body<Data = Bytes, Error: std::fmt::Debug>>(body: std::pin::Pin<&mut B>) -> Poll<Option<Bytes>> {
    let polled = body.poll_frame(&mut Context::from_waker(Waker::noop()));
    polled.map(|frame| frame.map(|frame| frame.unwrap().into_data().unwrap()))
}

#[test]
fn a_record_is_pulled_when_its_first_byte_has_room() {
    for format in [Format::Array, Format::Lines] {
        for size in SIZES {
            let (records, pulled) = Counted::new(texts(size - 1, usize::MAX));
            let mut body = pin!(JsonBody::new(format, records));
            assert_eq!(pulled.get(), 0, "before the first poll");
            for frames in 1..=20 {
                assert!(poll(body.as_mut()).is_ready());
                // Record number n begins at byte n × size.
                let begun = (frames * CHUNK_SIZE).div_ceil(size);
                assert_eq!(pulled.get(), begun, "{format:?}, {frames} frames of records of {size} bytes");
            }
        }
    }
}

#[test]
fn no_record_is_pulled_while_a_chunk_is_on_its_way() {
    let (records, pulled) = Counted::new(texts(99, usize::MAX));
    let mut body = pin!(OneChunk::new(JsonBody::new(Format::Lines, records)));
    for frames in 1..=20 {
        let on_its_way = poll(body.as_mut());
        assert!(on_its_way.is_ready());
        for _ in 0..3 {
            assert!(poll(body.as_mut()).is_pending(), "a second frame");
        }
        assert_eq!(pulled.get(), (frames * CHUNK_SIZE).div_ceil(100));
    }
}

#[test]
fn a_body_asked_for_its_size_pulls_nothing() {
    let (records, pulled) = Counted::new(texts(99, 100));
    let body = JsonBody::new(Format::Array, records);
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().lower(), 2);
    assert_eq!(pulled.get(), 0);
}

mod over_http {
    use super::*;
    use chunkwire_test_support::connection::{ByHand, connection};
    use chunkwire_test_support::transport::Pipe;

    #[test]
    fn head_produces_no_record() {
        let (records, pulled) = Counted::new(texts(99, usize::MAX));
        let body = OneChunk::new(JsonBody::new(Format::Array, records));
        let pipe = Pipe::new("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 1000);
        pipe.make_room(usize::MAX);
        let mut connection = ByHand::new(connection(pipe.clone(), body));
        assert!(connection.settle().is_ready());

        let wire = String::from_utf8(pipe.wire().to_vec()).unwrap();
        assert!(wire.starts_with("HTTP/1.1 200 OK\r\n") && wire.ends_with("\r\n\r\n"), "{wire}");
        assert_eq!(wire.matches("\r\n\r\n").count(), 1, "{wire}");
        assert_eq!(pulled.get(), 0);
    }

    #[test]
    fn a_transport_without_room_makes_no_more_than_a_chunk() {
        let (records, pulled) = Counted::new(texts(99, usize::MAX));
        let body = OneChunk::new(JsonBody::new(Format::Lines, records));
        let pipe = Pipe::new("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 1000);
        let mut connection = ByHand::new(connection(pipe, body));
        assert!(connection.settle().is_pending());
        assert_eq!(pulled.get(), CHUNK_SIZE.div_ceil(100));
    }
}

//! Promise: every data frame but the last is exactly 16,384 bytes, unless the source pauses.

use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk};
use chunkwire_test_support::frames;
use chunkwire_test_support::records::{Pausing, texts};

/// Checks that all sizes but the last are those of a full chunk.
#[track_caller]
fn assert_fixed(sizes: &[usize], of: &str) {
    let Some((last, full)) = sizes.split_last() else { return };
    assert!(full.iter().all(|size| *size == CHUNK_SIZE), "{of}: {sizes:?}");
    assert!((1..=CHUNK_SIZE).contains(last), "{of}: {sizes:?}");
}

#[tokio::test]
async fn frames_of_a_body_are_full() {
    for format in [Format::Array, Format::Lines] {
        for (size, count) in [(10, 0), (10, 1), (10, 50_000), (99, 1000), (127, 1000), (5000, 40), (50_000, 4)] {
            let mut sizes = Vec::new();
            for frame in frames(JsonBody::new(format, texts(size, count))).await {
                sizes.push(frame.len());
            }
            assert_fixed(&sizes, &format!("{count} records of {size} bytes in {format:?}"));
        }
    }
}

#[tokio::test]
async fn a_body_that_waits_for_its_frames_has_the_same() {
    use http_body_util::BodyExt;

    let mut body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000)));
    let mut sizes = Vec::new();
    while let Some(frame) = body.frame().await {
        sizes.push(frame.unwrap().into_data().unwrap().len());
    }
    assert_eq!(sizes.len(), 7);
    assert_fixed(&sizes, "1000 records one frame at a time");
}

/// The one exception: when the source pauses, what it has yielded goes out at once.
#[tokio::test]
async fn only_a_pause_makes_a_shorter_frame() {
    let every_64th = 1;
    let frames = frames(JsonBody::from_stream(Format::Lines, Pausing::new(texts(99, 640), every_64th))).await;
    let sizes: Vec<usize> = frames.iter().map(bytes::Bytes::len).collect();
    assert_eq!(sizes, [[100 * 63].as_slice(), &[100 * 64; 9], &[100]].concat());
}

mod on_the_wire {
    use super::*;
    use chunkwire_test_support::connection::{ByHand, GET, connection};
    use chunkwire_test_support::transport::{Attempt, Pipe, Watched};

    /// This saves a packet and a system call.
    #[test]
    fn the_last_chunk_and_the_end_go_out_together() {
        for (count, writes) in [(1, 1), (163, 1), (164, 2), (1000, 7)] {
            let pipe = Pipe::new(GET, 8 * CHUNK_SIZE);
            pipe.make_room(usize::MAX);
            let mut seen = 0;
            let transport = Watched::new(pipe.clone(), |_: Attempt<'_>| seen += 1);
            let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, count)));
            assert!(ByHand::new(connection(transport, body)).settle().is_ready());
            assert!(pipe.wire().ends_with(b"\r\n0\r\n\r\n"));
            assert_eq!(seen, writes, "{count} records");
        }
    }
}

//! Promise: at most one chunk of a response is alive per connection, however slow the reader; an idle connection holds
//! none.
//!
//! A thread keeps buffers for whichever of its connections comes next. The tests make one first, and count what else is
//! alive.

use std::cell::Cell;
use std::error::Error;

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk};
use chunkwire_test_support::allocations::{CountChunks, Tally, count_besides_one};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::connection::{ByHand, GET, connection};
use chunkwire_test_support::records::{Counted, Unending, texts};
use chunkwire_test_support::time::soon;
use chunkwire_test_support::transport::{Attempt, Pipe, Watched};
use http_body::Body;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;

#[global_allocator]
static ALLOCATOR: CountChunks = CountChunks;

/// The size of each record with the byte before it.
const RECORD: usize = 100;

/// Enough records for five chunks and a part.
const FIVE_CHUNKS: usize = (5 * CHUNK_SIZE + 1000) / RECORD;

type Records = Counted<Box<dyn Iterator<Item = String>>>;

/// Returns how much of the payload is among the first `wire` bytes of a response whose chunks are all full.
fn payload(wire: usize, head: usize) -> usize {
    let (before, after) = ("4000\r\n".len(), "\r\n".len());
    let coded = before + CHUNK_SIZE + after;
    let wire = wire.saturating_sub(head);
    wire / coded * CHUNK_SIZE + (wire % coded).saturating_sub(before).min(CHUNK_SIZE)
}

/// Returns the size of the head with which a response begins, or of the part of it that is there.
fn head(wire: &[u8]) -> usize {
    wire.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(wire.len(), |end| end + 4)
}

/// The most that a response took.
#[derive(Debug)]
struct Extent {
    /// Chunks that were alive at once, besides one.
    besides: isize,
    /// Bytes that were produced before the transport took them.
    ahead: usize,
    /// Chunks that are alive after it, besides one; the thread may keep them for others.
    left: isize,
}

/// Plays a reader that takes `first` bytes and then, whenever the connection waits, `step` more.
fn extent<B>(first: usize, step: usize, body: impl FnOnce(Records) -> B) -> Extent
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + 'static,
{
    let pipe = Pipe::new(GET, 8 * CHUNK_SIZE);
    let (records, pulled) = Counted::new(Box::new(texts(RECORD - 1, FIVE_CHUNKS)) as _);
    let mut connection = ByHand::new(connection(pipe.clone(), body(records)));
    let mut ahead = 0;

    count_besides_one();
    pipe.make_room(first);
    while connection.settle().is_pending() {
        let taken = payload(pipe.wire().len(), head(&pipe.wire()));
        ahead = ahead.max((pulled.get() * RECORD).saturating_sub(taken));
        pipe.make_room(step);
    }
    assert_eq!(pulled.get(), FIVE_CHUNKS, "the response is incomplete");
    Extent { besides: Tally::now().peak, ahead, left: Tally::now().live }
}

/// Readers of nothing, a bit, a part of a chunk, a whole coded one, and more; then on in small and large steps.
const READERS: [(usize, usize); 12] = [
    (0, 1),
    (1, 7),
    (150, 100),
    (4096, 4096),
    (10_000, 500),
    (CHUNK_SIZE - 1, 3000),
    (CHUNK_SIZE, CHUNK_SIZE),
    (CHUNK_SIZE + 100, 1),
    (CHUNK_SIZE + 8, CHUNK_SIZE + 8),
    (20_000, 1000),
    (3 * CHUNK_SIZE, 15_000),
    (usize::MAX, 0),
];

#[test]
fn one_chunk_is_alive_however_little_the_transport_takes() {
    for (first, step) in READERS {
        let extent = extent(first, step, |records| OneChunk::new(JsonBody::new(Format::Array, records)));
        assert_eq!((extent.besides, extent.left), (0, 0), "a reader of {first} and then {step}: {extent:?}");
        assert!(extent.ahead <= CHUNK_SIZE + RECORD, "a reader of {first} and then {step}: {extent:?}");
    }
}

/// Shows why [`OneChunk`] is needed. If this fails, hyper now waits by itself.
#[test]
fn without_waiting_two_chunks_are_alive_when_the_transport_takes_a_part() {
    let extent = extent(10_000, 500, |records| JsonBody::new(Format::Array, records));
    assert_eq!((extent.besides, extent.left), (1, 1));
    assert!(extent.ahead > CHUNK_SIZE + RECORD, "{extent:?}");
}

/// A client that sends a request and never reads: the socket takes what it has room for, and one chunk is produced
/// beyond it.
#[tokio::test]
async fn a_reader_who_never_reads_costs_one_chunk_beyond_what_the_socket_took() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = Client::with_little_room(listener.local_addr().unwrap()).await;
    client.send(GET).await;
    let (socket, _) = soon(listener.accept()).await.unwrap();

    let taken = Cell::new(0);
    let head_size = Cell::new(0);
    let stalls = Cell::new(0);
    let stalled = Notify::new();
    let (records, pulled) = Counted::new(texts(RECORD - 1, usize::MAX));
    let ahead = || pulled.get() * RECORD - payload(taken.get(), head_size.get());
    let transport = Watched::new(TokioIo::new(socket), |attempt: Attempt<'_>| {
        if taken.get() == 0 {
            head_size.set(head(&attempt.slices[0]));
        }
        taken.set(taken.get() + attempt.taken.unwrap_or(0));
        assert!(ahead() <= CHUNK_SIZE + RECORD, "{} bytes ahead after {attempt:?}", ahead());
        if attempt.taken.is_none() {
            stalls.set(stalls.get() + 1);
            stalled.notify_one();
        }
    });

    count_besides_one();
    let body = OneChunk::new(JsonBody::new(Format::Array, records));
    tokio::select! {
        ended = connection(transport, body) => panic!("an endless response ended: {ended:?}"),
        () = soon(stalled.notified()) => {}
    }
    assert!(ahead() > 0 && taken.get() > CHUNK_SIZE, "{} bytes ahead of {}", ahead(), taken.get());
    assert_eq!((Tally::now().peak, Tally::now().live), (0, 0));

    let mut received = 0;
    let mut part = [0; 4096];
    while let Ok(size @ 1..) = soon(client.stream.read(&mut part)).await {
        received += size;
    }
    assert_eq!(received, taken.get(), "the client reads what the socket took");
}

/// However long they pause: what they yielded has been sent.
#[test]
fn sources_that_pause_hold_no_chunk() {
    let pipes = [0, 1, 500].map(|count| (count, Pipe::new(GET, 8 * CHUNK_SIZE)));
    count_besides_one();
    let mut paused = Vec::new();
    for (count, pipe) in pipes {
        let body = JsonBody::from_stream(Format::Lines, Unending(texts(99, count)));
        let mut connection = ByHand::new(connection(pipe.clone(), OneChunk::new(body)));
        pipe.make_room(usize::MAX);
        assert!(connection.settle().is_pending());
        assert!(pipe.wire().len() > 100 * count, "what was there was not sent");
        paused.push(connection);
    }
    assert_eq!(Tally::now().live, 0);
}

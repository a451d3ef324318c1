//! Promise: at most one chunk of a response is alive per connection, however slow the reader; an idle one holds none.
//!
//! A thread keeps one buffer for whichever of its connections comes next. The tests let it have that first, and count
//! what is alive besides.
#![cfg(feature = "server")]

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::future::{pending, ready};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chunkwire::server::{Body as ServedBody, Server};
use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk};
use http::{Method, Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use support::allocations::{CountChunks, Tally};
use support::client::Client;
use support::connection::{ByHand, GET, connection};
use support::records::{Counted, Unending, texts};
use support::server::config;
use support::soon;
use support::transport::{Attempt, Pipe, Watched};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;

#[global_allocator]
static ALLOCATOR: CountChunks = CountChunks;

/// What each record takes with the byte in front of it.
const RECORD: usize = 100;

/// Enough records for five chunks and a part.
const FIVE_CHUNKS: usize = (5 * CHUNK_SIZE + 1000) / RECORD;

type Records = Counted<Box<dyn Iterator<Item = String>>>;

/// How much of the payload is among the first `wire` bytes of a response whose chunks are all full.
fn payload(wire: usize, head: usize) -> usize {
    let (before, after) = ("4000\r\n".len(), "\r\n".len());
    let coded = before + CHUNK_SIZE + after;
    let wire = wire.saturating_sub(head);
    wire / coded * CHUNK_SIZE + (wire % coded).saturating_sub(before).min(CHUNK_SIZE)
}

/// The size of the head with which a response begins, or of all that there is of it.
fn head(wire: &[u8]) -> usize {
    wire.windows(4).position(|bytes| bytes == b"\r\n\r\n").map_or(wire.len(), |end| end + 4)
}

/// Begins to count, with one buffer on the thread that any chunk may use.
fn count_besides_one() {
    let polled = Pin::new(&mut JsonBody::new(Format::Lines, [0])).poll_frame(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Some(Ok(_)))));
    Tally::restart();
}

/// How far a response went at most.
#[derive(Debug)]
struct Extent {
    /// Chunks that were alive at once, besides one.
    besides: isize,
    /// Bytes that were produced before the transport took them.
    ahead: usize,
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
    assert_eq!(Tally::now().live, 0, "a chunk outlived its response");
    Extent { besides: Tally::now().peak, ahead }
}

/// Reads nothing, a bit, a part of a chunk, a whole one as it is coded, and more; then on in small and large steps.
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
        assert_eq!(extent.besides, 0, "a reader of {first} and then {step}: {extent:?}");
        assert!(extent.ahead <= CHUNK_SIZE + RECORD, "a reader of {first} and then {step}: {extent:?}");
    }
}

/// What [`OneChunk`] is for. Where this fails, hyper has learned to wait by itself.
#[test]
fn without_waiting_two_chunks_are_alive_when_the_transport_takes_a_part() {
    let extent = extent(10_000, 500, |records| JsonBody::new(Format::Array, records));
    assert_eq!(extent.besides, 1);
    assert!(extent.ahead > CHUNK_SIZE + RECORD, "{extent:?}");
}

/// A client that asks and never reads: the socket takes what it has room for, and one chunk is produced beyond it.
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

/// However long they pause: what was there has been sent.
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

/// A server with one worker that also tells what was counted on the worker's thread.
fn serve_counted() -> SocketAddr {
    let mut config = config();
    config.workers = NonZeroUsize::new(1);
    let server = Server::bind(&config).unwrap();
    let address = server.local_addr().unwrap();
    let routes = server.routes();
    let service = move |request: Request<Incoming>| {
        let answer = match request.uri().path() {
            "/tally" => {
                if request.method() == Method::HEAD {
                    count_besides_one();
                }
                let Tally { live, peak, .. } = Tally::now();
                Response::new(ServedBody::Right(format!("[{live},{peak}]").into()))
            }
            _ => routes.answer(&request),
        };
        ready(Ok::<_, Infallible>(answer))
    };
    tokio::spawn(server.serve_with(service, pending()));
    address
}

/// How many chunks are alive on the worker's thread, and how many were at most, since that was asked for with `HEAD`.
async fn tally(client: &mut Client) -> (i64, i64) {
    let tally = client.get("/tally").await.json();
    (tally[0].as_i64().unwrap(), tally[1].as_i64().unwrap())
}

/// Reads `bytes` and drops them.
async fn skip(client: &mut Client, mut bytes: usize) {
    let mut part = [0; 1000];
    while bytes > 0 {
        let size = part.len().min(bytes);
        bytes -= soon(client.stream.read(&mut part[..size])).await.unwrap();
    }
}

#[tokio::test]
async fn the_server_holds_at_most_one_chunk_for_each_slow_reader_and_none_for_those_who_left() {
    const READERS: i64 = 20;
    let address = serve_counted();
    let mut observer = Client::connect(address).await;
    observer.head("/tally").await;
    let mut clients = Vec::new();
    for _ in 0..READERS {
        let mut client = Client::with_little_room(address).await;
        client.ask("GET", "/api/v1/users?limit=1000000", "").await;
        clients.push(client);
    }
    for _ in 0..30 {
        for client in &mut clients {
            skip(client, 5000).await;
        }
    }
    let (live, peak) = tally(&mut observer).await;
    assert!(peak > 0 && peak < READERS, "{live} alive, {peak} at most");

    drop(clients);
    // What ends a connection is seen by its task some time later.
    soon(async { while tally(&mut observer).await.0 > 0 {} }).await;
}

#[tokio::test]
async fn idle_connections_hold_no_chunk() {
    let address = serve_counted();
    Client::connect(address).await.head("/tally").await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut client = Client::connect(address).await;
        assert_eq!(client.get("/api/v1/users").await.json().as_array().unwrap().len(), 1000);
        assert_eq!(client.head("/api/v1/users").await.status, 200);
        assert_eq!(tally(&mut client).await, (0, 0));
        clients.push(client);
    }
}

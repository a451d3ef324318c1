//! Promise: any tuned hyper server holds one chunk of a response, over HTTP/1.1 and for each stream of HTTP/2.
//!
//! What would be alive otherwise is tested too: this shows when hyper no longer needs a setting.

use std::cell::Cell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Error, Format, JsonBody, OneChunk, tune};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::connection::ByHand;
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};

/// The size of a record in an array, and how many a response has: a megabyte.
const RECORD: usize = 100;
const RECORDS: usize = 10_000;

/// What a client allows a stream to send before it has read: the initial window (RFC 9113, section 6.9.2), and what
/// browsers grant and more.
const SMALL_WINDOW: u32 = 65_535;
const LARGE_WINDOW: u32 = 1 << 23;

/// What happened to the frames of a server.
#[derive(Debug)]
struct Seen {
    /// A clone for each frame that is alive.
    alive: Arc<()>,
    most_alive: AtomicUsize,
}

impl Seen {
    fn new() -> Arc<Self> {
        Arc::new(Self { alive: Arc::default(), most_alive: AtomicUsize::new(0) })
    }

    /// Returns a response of a megabyte whose frames are counted.
    fn response(self: Arc<Self>, one_chunk: bool) -> Response<BoxBody<Bytes, Error>> {
        let records = texts(RECORD - 1, RECORDS);
        let body = JsonBody::new(Format::Array, records).map_frame(move |frame: Frame<Bytes>| {
            frame.map_data(|bytes| {
                let counted = Counted { bytes, _alive: Arc::clone(&self.alive) };
                self.most_alive.fetch_max(Arc::strong_count(&self.alive) - 1, Ordering::Relaxed);
                Bytes::from_owner(counted)
            })
        });
        Response::new(if one_chunk { OneChunk::new(body).boxed() } else { body.boxed() })
    }

    fn most_alive(&self) -> usize {
        self.most_alive.load(Ordering::Relaxed)
    }
}

struct Counted {
    bytes: Bytes,
    _alive: Arc<()>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Serves one connection with `http`, which gets the socket and the counters.
async fn serve<F>(seen: &Arc<Seen>, http: impl FnOnce(TcpStream, Arc<Seen>) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = hyper::Result<()>> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::clone(seen);
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        tune::socket(&socket).unwrap();
        http(socket, seen).await
    });
    address
}

/// Returns how many chunks are alive at once for a client that reads slowly over HTTP/1.1.
async fn alive_over_http1(tuned: bool, one_chunk: bool) -> usize {
    let seen = Seen::new();
    let address = serve(&seen, move |socket, seen| {
        let mut http = http1::Builder::new();
        if tuned {
            tune::http1(&mut http);
        }
        let service = service_fn(move |_| {
            let response = Arc::clone(&seen).response(one_chunk);
            async { Ok::<_, Infallible>(response) }
        });
        http.serve_connection(TokioIo::new(socket), service)
    });
    let mut client = Client::with_little_room(address.await).await;
    client.ask("GET", "/", "").await;
    let response = client.response().await;
    assert!(response.complete && response.body.len() == RECORD * RECORDS + 1);
    seen.most_alive()
}

/// Returns how many chunks are alive at once for an HTTP/2 client that reads `streams` responses one after the other,
/// each of which may be `window` bytes ahead of it.
async fn alive_over_http2(streams: usize, window: u32, tuned: bool, one_chunk: bool) -> usize {
    let seen = Seen::new();
    let address = serve(&seen, move |socket, seen| {
        let mut http = http2::Builder::new(TokioExecutor::new());
        if tuned {
            tune::http2(&mut http);
        }
        let service = service_fn(move |_: Request<Incoming>| {
            let response = Arc::clone(&seen).response(one_chunk);
            async { Ok::<_, Infallible>(response) }
        });
        http.serve_connection(TokioIo::new(socket), service)
    });
    let socket = Client::with_little_room(address.await).await.stream.into_inner().into_tcp();
    let mut client = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    client.initial_stream_window_size(window).initial_connection_window_size(window * streams as u32);
    let (mut client, connection) = client.handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);

    let mut responses = Vec::new();
    for _ in 0..streams {
        let request = Request::get("http://localhost/").body(Empty::<Bytes>::new()).unwrap();
        responses.push(soon(client.send_request(request)).await.unwrap());
    }
    for response in responses {
        assert_eq!(soon(response.collect()).await.unwrap().to_bytes().len(), RECORD * RECORDS + 1);
    }
    seen.most_alive()
}

#[tokio::test]
async fn over_http1_one_chunk_is_alive() {
    assert_eq!(alive_over_http1(true, true).await, 1);
    assert_eq!(alive_over_http1(true, false).await, 2, "without waiting");
    let untuned = alive_over_http1(false, false).await;
    assert!(untuned > 2, "{untuned}");
}

/// hyper can be told not to write while it has a request left to answer, which keeps a whole response.
#[tokio::test]
async fn over_http1_a_pipelined_request_makes_no_difference() {
    let (mut client, server) = duplex(1000);
    client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let pulled = Rc::new(Cell::new(0));
    let service = service_fn(|_| {
        let pulled = Rc::clone(&pulled);
        let records = texts(RECORD - 1, RECORDS).inspect(move |_| pulled.set(pulled.get() + 1));
        let response = JsonBody::new(Format::Array, records).into_response().map(OneChunk::new);
        async { Ok::<_, Infallible>(response) }
    });
    let mut http = http1::Builder::new();
    tune::http1(http.pipeline_flush(true));
    let mut connection = ByHand::new(http.serve_connection(TokioIo::new(server), service));
    assert!(connection.settle().is_pending());
    let chunk = CHUNK_SIZE / RECORD;
    assert!(
        (chunk..2 * chunk).contains(&pulled.get()),
        "{} records were pulled for a client that reads none",
        pulled.get()
    );
}

#[tokio::test]
async fn over_http2_one_chunk_of_each_stream_is_alive() {
    for window in [SMALL_WINDOW, LARGE_WINDOW] {
        for streams in [1, 10] {
            let of = format!("of {streams} streams with windows of {window}");
            let alive = alive_over_http2(streams, window, true, true).await;
            assert!((1..=streams).contains(&alive), "{alive} {of}");
            let without_waiting = alive_over_http2(streams, window, true, false).await;
            assert!((streams + 1..=3 * streams).contains(&without_waiting), "{without_waiting} {of}");
        }
    }
    let untuned = alive_over_http2(1, LARGE_WINDOW, false, false).await;
    assert!(untuned > 3, "{untuned}");
}

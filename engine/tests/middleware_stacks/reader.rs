//! Clients that read in small pieces, with little room for what they have not read.

use std::io;
use std::iter::Cycle;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec::IntoIter;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use axum::http::Request;
use chunkwire::CHUNK_SIZE;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::http2_client;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, ReadBuf};
use tokio::net::TcpSocket;

/// How a client reads.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    is_http2: bool,
    coding: &'static str,
    /// How much it reads at once, in turn.
    pieces: Vec<usize>,
    /// What its kernel is told to keep, or of HTTP/2 the window of the stream.
    room: u32,
}

pub(crate) fn any_reader() -> impl Strategy<Value = Reader> {
    let pieces = prop_oneof![vec(1..200_usize, 1..4), vec(1..20_000_usize, 1..8)];
    let coding = select(&["identity", "gzip", "br", "zstd", "deflate"][..]);
    (any::<bool>(), coding, pieces, select(&[1000, 4096, 65_535][..]))
        .prop_map(|(is_http2, coding, pieces, room)| Reader { is_http2, coding, pieces, room })
}

/// What came of a response.
pub(crate) struct Read {
    /// Without the coding.
    pub(crate) decoded: Vec<u8>,
    /// Whether it took more than a chunk, or could have for all that the head said.
    pub(crate) is_stream: bool,
}

impl Reader {
    /// Asks, and reads all that there is.
    pub(crate) async fn read(&self, server: SocketAddr) -> Read {
        let got = if self.is_http2 { read_http2(server, self).await } else { read_http1(server, self).await };
        let is_stream = !got.bytes.is_empty() && got.length.is_none_or(|length| length > CHUNK_SIZE);
        Read { decoded: decode(got.coding.as_deref(), &got.bytes).await, is_stream }
    }
}

/// What a client gets.
struct Got {
    /// What the head says of the length.
    length: Option<usize>,
    coding: Option<String>,
    /// As they came.
    bytes: Vec<u8>,
}

/// Reads no more at once than its turn says.
struct InPieces<R> {
    inner: R,
    pieces: Cycle<IntoIter<usize>>,
}

impl<R: AsyncRead + Unpin> AsyncRead for InPieces<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let most = self.pieces.next().unwrap_or(1).min(buf.remaining());
        let mut piece = vec![0; most];
        let mut read = ReadBuf::new(&mut piece);
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut read))?;
        buf.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

async fn read_http1(server: SocketAddr, reader: &Reader) -> Got {
    let socket = TcpSocket::new_v4().unwrap();
    // With less, the kernels wait for their timers after each piece.
    socket.set_recv_buffer_size(reader.room.max(Client::LITTLE_ROOM)).unwrap();
    let mut stream = socket.connect(server).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: {}\r\n\r\n", reader.coding);
    stream.write_all(request.as_bytes()).await.unwrap();
    let pieces = reader.pieces.clone().into_iter().cycle();
    let response = Response::read(&mut BufReader::new(InPieces { inner: stream, pieces })).await;
    assert!(response.complete && response.status == 200, "{} after {} bytes", response.status, response.body.len());
    let header = |name| response.header(name).map(str::to_owned);
    let length = header("content-length").map(|length| length.parse().unwrap());
    Got { length, coding: header("content-encoding"), bytes: response.body }
}

async fn read_http2(server: SocketAddr, reader: &Reader) -> Got {
    let mut client = http2_client::Client::connect(server, reader.room).await;
    let uri = "http://localhost/";
    let request = Request::get(uri).header("accept-encoding", reader.coding).body(()).unwrap();
    let response = client.requests.send_request(request, true).unwrap().0.await.unwrap();
    assert_eq!(response.status(), 200);
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let length = header("content-length").map(|length| length.parse().unwrap());
    let coding = header("content-encoding");
    let mut body = response.into_body();
    let (mut bytes, mut held) = (Vec::new(), 0);
    let mut pieces = reader.pieces.iter().cycle();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        held += data.len();
        bytes.extend(data);
        // It gives room back in pieces, and all of it when the window is closed.
        while held > 0 {
            let piece = held.min(*pieces.next().unwrap());
            body.flow_control().release_capacity(piece).unwrap();
            held -= piece;
            tokio::task::yield_now().await;
        }
    }
    body.trailers().await.unwrap();
    Got { length, coding, bytes }
}

/// Undoes the coding that the response names.
async fn decode(coding: Option<&str>, encoded: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let read = match coding {
        None => return encoded.to_vec(),
        Some("gzip") => GzipDecoder::new(encoded).read_to_end(&mut decoded).await,
        Some("br") => BrotliDecoder::new(encoded).read_to_end(&mut decoded).await,
        Some("zstd") => ZstdDecoder::new(encoded).read_to_end(&mut decoded).await,
        Some("deflate") => ZlibDecoder::new(encoded).read_to_end(&mut decoded).await,
        Some(other) => panic!("no one asked for {other}"),
    };
    read.unwrap();
    decoded
}

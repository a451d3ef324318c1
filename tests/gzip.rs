//! Bodies in gzip: every promise of the plain ones, and the same bytes when they are decoded.

use std::cell::Cell;
use std::error::Error as _;
use std::io::Read;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chunkwire::{AcceptEncoding, CHUNK_SIZE, Compressed, Error, Format, JsonBody};
use chunkwire_test_support::Woken;
use chunkwire_test_support::records::{document, texts};
use flate2::read::{GzDecoder, GzEncoder};
use flate2::{Compression, Decompress, FlushDecompress, Status};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use proptest::collection::vec;
use proptest::prelude::*;

type Polled = Poll<Option<Result<Bytes, Error>>>;

fn poll<B: Body<Data = Bytes, Error = Error>>(body: Pin<&mut B>, waker: &Waker) -> Polled {
    let polled = body.poll_frame(&mut Context::from_waker(waker));
    polled.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
}

/// Reads a body to its end, and checks the sizes of its frames.
async fn frames(mut body: impl Body<Data = Bytes, Error = Error> + Unpin) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while let Some(frame) = body.frame().await {
        frames.push(frame.unwrap().into_data().unwrap());
    }
    frames
}

fn decoded(gzip: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut decoder = GzDecoder::new(gzip);
    decoder.read_to_end(&mut bytes)?;
    assert!(decoder.into_inner().is_empty(), "something follows the member");
    Ok(bytes)
}

/// Records that compress as those of a database do.
fn rows(count: usize) -> Vec<String> {
    (0..count)
        .map(|id| format!("user {id} of {}, born {}-{:02}", id * 7919 % 1009, 1950 + id % 60, id % 12 + 1))
        .collect()
}

#[tokio::test]
async fn the_same_bytes_in_frames_of_one_size() {
    for format in [Format::Array, Format::Lines] {
        for count in [0, 1, 300, 3000, 40_000] {
            for level in [0, 1, 6, 9, 255] {
                let body = Compressed::gzip(JsonBody::new(format, rows(count))).level(level);
                let frames = frames(body).await;
                let (last, full) = frames.split_last().unwrap();
                assert!(full.iter().all(|frame| frame.len() == CHUNK_SIZE) && last.len() <= CHUNK_SIZE);
                assert!(decoded(&frames.concat()).unwrap() == document(format, &rows(count)), "{count} at {level}");
            }
        }
    }
}

#[tokio::test]
async fn what_does_not_compress_is_sent_as_well() {
    // Digits of a hash hold half a byte each, but these have no repetition at all.
    let noise: Vec<u8> =
        (0..200_000_u64).map(|n| (n.wrapping_mul(n).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
    for size in [1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 3 * CHUNK_SIZE, 200_000] {
        let body = Full::new(Bytes::copy_from_slice(&noise[..size])).map_err(|never| match never {});
        let frames = frames(Compressed::gzip(body)).await;
        let (_, full) = frames.split_last().unwrap();
        assert!(full.iter().all(|frame| frame.len() == CHUNK_SIZE));
        assert!(decoded(&frames.concat()).unwrap() == noise[..size]);
    }
}

proptest! {
    /// Whatever the source does, what was sent so far can be decoded at once, and two bodies can share a thread.
    #[test]
    fn a_pause_sends_all_that_there_is(pauses in vec(0..4_u8, 1..60), length in 10..3000_usize, full in any::<bool>()) {
        let records: Vec<String> = texts(length, pauses.len()).collect();
        let whole = document(Format::Lines, &records);
        let yielded = [Rc::new(Cell::new(0)), Rc::new(Cell::new(0))];
        let source = |yielded: &Rc<Cell<usize>>| Script {
            records: records.clone().into_iter(),
            pauses: pauses.clone().into_iter(),
            left: None,
            yielded: Rc::clone(yielded),
        };
        let body = |source| {
            let body = JsonBody::from_stream(Format::Lines, source);
            Compressed::gzip(if full { body.full_chunks() } else { body })
        };
        let mut bodies = [body(source(&yielded[0])), body(source(&yielded[1]))];
        let mut readers = [Reader::default(), Reader::default()];
        while readers.iter().any(|reader| !reader.is_at_end) {
            for ((body, reader), yielded) in bodies.iter_mut().zip(&mut readers).zip(&yielded) {
                match poll(Pin::new(body), Waker::noop()) {
                    Poll::Ready(Some(frame)) => reader.read(&frame.unwrap()),
                    Poll::Ready(None) => reader.is_at_end = true,
                    Poll::Pending if full => prop_assert!(whole.starts_with(&reader.bytes)),
                    Poll::Pending => {
                        prop_assert!(reader.bytes == document(Format::Lines, &records[..yielded.get()]));
                    }
                }
            }
        }
        for reader in readers {
            prop_assert!(reader.bytes == whole);
        }
    }
}

/// Yields each record after a number of pauses.
struct Script {
    records: std::vec::IntoIter<String>,
    pauses: std::vec::IntoIter<u8>,
    left: Option<u8>,
    yielded: Rc<Cell<usize>>,
}

impl futures_core::Stream for Script {
    type Item = String;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<String>> {
        let left = match self.left {
            Some(left) => left,
            None => self.pauses.next().unwrap_or(0),
        };
        if left > 0 {
            self.left = Some(left - 1);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.left = None;
        let record = self.records.next();
        self.yielded.update(|yielded| yielded + usize::from(record.is_some()));
        Poll::Ready(record)
    }
}

/// Decodes frame by frame, and asks that nothing waits for the next.
#[derive(Default)]
struct Reader {
    state: Option<Decompress>,
    bytes: Vec<u8>,
    is_at_end: bool,
}

impl Reader {
    fn read(&mut self, frame: &[u8]) {
        let state = self.state.get_or_insert_with(|| Decompress::new_gzip(15));
        let mut rest = frame;
        loop {
            self.bytes.reserve(CHUNK_SIZE);
            let before = state.total_in();
            let status = state.decompress_vec(rest, &mut self.bytes, FlushDecompress::Sync).unwrap();
            rest = &rest[(state.total_in() - before) as usize..];
            if status == Status::StreamEnd || (rest.is_empty() && self.bytes.len() < self.bytes.capacity()) {
                return;
            }
        }
    }
}

#[tokio::test]
async fn the_ratio_is_near_that_of_one_encoder_for_all() {
    let whole = document(Format::Array, &rows(40_000));
    for level in [1, 6] {
        let mut one = Vec::new();
        GzEncoder::new(&whole[..], Compression::new(level)).read_to_end(&mut one).unwrap();
        let body = Compressed::gzip(JsonBody::new(Format::Array, rows(40_000))).level(level as u8);
        let ours: usize = frames(body).await.iter().map(Bytes::len).sum();
        assert!(ours as f64 * 0.83 <= one.len() as f64, "level {level}: {ours} bytes instead of {}", one.len());
    }
}

/// Yields the same frame again and again, without a pause, and counts how often it is asked.
struct Endless {
    frame: Bytes,
    polls: Rc<Cell<usize>>,
}

impl Body for Endless {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.polls.update(|polls| polls + 1);
        assert!(self.polls.get() < 100_000, "it is asked for ever");
        Poll::Ready(Some(Ok(Frame::data(self.frame.clone()))))
    }
}

/// What compresses well fills a frame slowly, and what is empty never does.
#[test]
fn a_poll_takes_a_part_of_a_source_that_does_not_pause() {
    for (size, most_polls) in [(CHUNK_SIZE, 16), (1000 * CHUNK_SIZE, 1), (1, 1024), (0, 1024)] {
        let polls = Rc::new(Cell::new(0));
        let frame = Bytes::from(vec![b' '; size]);
        let mut body = pin!(Compressed::gzip(Endless { frame, polls: Rc::clone(&polls) }));
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut reader = Reader::default();
        for _ in 0..10 {
            let (before, decoded) = (polls.replace(0), reader.bytes.len());
            match poll(body.as_mut(), &waker) {
                Poll::Ready(frame) => reader.read(&frame.unwrap().unwrap()),
                Poll::Pending => assert!(size == 0 && woken.take(), "after {before} polls"),
            }
            let taken = reader.bytes.len() - decoded;
            assert!(
                polls.get() <= most_polls && taken <= 16 * CHUNK_SIZE,
                "{size}: {} polls, {taken} bytes",
                polls.get()
            );
        }
    }
}

#[test]
fn a_failure_comes_after_all_before_it_and_one_pause_and_without_an_end() {
    for good in [0, 1, 200, 5000, 40_000] {
        let records = rows(good).into_iter().map(Ok).chain([Err("the database went away")]);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut body = pin!(Compressed::gzip(JsonBody::new(Format::Array, records)));
        let mut sent = Vec::new();
        let mut polled = poll(body.as_mut(), &waker);
        while let Poll::Ready(Some(Ok(frame))) = polled {
            sent.extend(frame);
            assert!(!body.is_end_stream());
            woken.take();
            polled = poll(body.as_mut(), &waker);
        }
        while polled.is_pending() {
            assert!(woken.take(), "nobody wakes the body");
            polled = poll(body.as_mut(), &waker);
        }
        let Poll::Ready(Some(Err(error))) = polled else { panic!("{polled:?}") };
        assert_eq!(error.source().unwrap().to_string(), "the database went away");
        assert!(matches!(poll(body.as_mut(), &waker), Poll::Ready(None)));

        let mut reader = Reader::default();
        reader.read(&sent);
        let mut part = document(Format::Array, &rows(good));
        part.truncate(part.len() - 1);
        assert!(reader.bytes == part, "{good}: {} bytes", reader.bytes.len());
        assert!(decoded(&sent).is_err(), "the part looks whole");
    }
}

/// hyper throws away what it has queued if an error comes at once.
#[test]
fn a_body_that_fails_without_a_pause_is_given_one() {
    let frames = [Ok(Frame::data(Bytes::from_static(b"[1"))), Err(Error::new("gone"))];
    let mut body = pin!(Compressed::gzip(StreamBody::new(tokio_stream::iter(frames))));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    assert!(matches!(poll(body.as_mut(), &waker), Poll::Ready(Some(Ok(_)))));
    assert!(poll(body.as_mut(), &waker).is_pending() && woken.take());
    assert!(matches!(poll(body.as_mut(), &waker), Poll::Ready(Some(Err(_)))));
}

#[tokio::test]
async fn trailers_follow_the_end() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-count", HeaderValue::from_static("2"));
    let frames = [Ok::<_, Error>(Frame::data(Bytes::from_static(b"[1,2]"))), Ok(Frame::trailers(trailers.clone()))];
    let collected = Compressed::gzip(StreamBody::new(tokio_stream::iter(frames))).collect().await.unwrap();
    assert_eq!(collected.trailers(), Some(&trailers));
    assert_eq!(decoded(&collected.to_bytes()).unwrap(), b"[1,2]");
}

#[tokio::test]
async fn a_body_in_gzip_can_be_compressed_once_more() {
    let body = Compressed::gzip(Compressed::gzip(JsonBody::new(Format::Array, rows(3000))));
    let twice = body.collect().await.unwrap().to_bytes();
    assert!(decoded(&decoded(&twice).unwrap()).unwrap() == document(Format::Array, &rows(3000)));
}

fn accepted(encodings: &str) -> AcceptEncoding {
    AcceptEncoding::of(&Request::get("/").header(ACCEPT_ENCODING, encodings).body(()).unwrap())
}

#[tokio::test]
async fn a_response_is_compressed_once_and_only_if_that_is_right() {
    let response = || {
        let mut response = JsonBody::new(Format::Lines, rows(300)).into_response();
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("7"));
        response.headers_mut().insert(ETAG, HeaderValue::from_static("\"7\""));
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
        response
    };
    let compressed = Compressed::response(accepted("gzip"), response());
    let headers = compressed.headers();
    assert_eq!((&headers[CONTENT_ENCODING], &headers[ETAG]), (&"gzip".parse().unwrap(), &"W/\"7\"".parse().unwrap()));
    assert!(!headers.contains_key(CONTENT_LENGTH));
    assert_eq!(headers.get_all(VARY).iter().collect::<Vec<_>>(), ["accept, accept-encoding"]);

    let twice = Compressed::response(accepted("gzip"), compressed);
    assert_eq!(twice.headers().get_all(CONTENT_ENCODING).iter().count(), 1);
    let bytes = twice.into_body().collect().await.unwrap().to_bytes();
    assert!(decoded(&bytes).unwrap() == document(Format::Lines, &rows(300)));

    let plain = Compressed::response(accepted("br"), response());
    assert_eq!(plain.headers().get_all(VARY).iter().collect::<Vec<_>>(), ["accept, accept-encoding"]);
    assert_eq!(plain.headers()[CONTENT_LENGTH], "7");
    assert!(plain.into_body().collect().await.unwrap().to_bytes() == document(Format::Lines, &rows(300)));

    let mut part = response();
    part.headers_mut().insert(CONTENT_RANGE, HeaderValue::from_static("bytes 0-6/9"));
    let mut empty = response();
    *empty.status_mut() = StatusCode::NOT_MODIFIED;
    for response in [part, empty] {
        let unchanged = Compressed::response(accepted("gzip"), response);
        assert!(!unchanged.headers().contains_key(CONTENT_ENCODING), "{unchanged:?}");
    }
    for (encodings, tag) in [("gzip", "W/\"7\""), ("br", "\"7\"")] {
        let mut known = response();
        *known.status_mut() = StatusCode::NOT_MODIFIED;
        let headers = Compressed::response(accepted(encodings), known).headers().clone();
        assert_eq!(
            (&headers[ETAG], &headers[VARY]),
            (&tag.parse().unwrap(), &"accept, accept-encoding".parse().unwrap())
        );
    }
    let short = Response::new(Full::new(Bytes::from(vec![b' '; 1023])));
    assert!(!Compressed::response(accepted("gzip"), short).headers().contains_key(CONTENT_ENCODING));
    let long = Response::new(Full::new(Bytes::from(vec![b' '; 1024])));
    assert!(Compressed::response(accepted("gzip"), long).headers().contains_key(CONTENT_ENCODING));
}

#[test]
fn a_response_says_once_that_it_depends_on_accept_encoding() {
    for (before, after) in [
        (&[][..], "accept-encoding"),
        (&["accept"], "accept, accept-encoding"),
        (&["accept", "origin"], "accept, origin, accept-encoding"),
        (&["x-accept-encoding"], "x-accept-encoding, accept-encoding"),
        (&["Accept-Encoding"], "Accept-Encoding"),
        (&["origin", "accept ,accept-encoding"], "origin, accept ,accept-encoding"),
        (&["*"], "*"),
    ] {
        for encodings in ["gzip", "br"] {
            let mut response = JsonBody::new(Format::Lines, rows(3)).into_response();
            response.headers_mut().extend(before.iter().map(|names| (VARY, HeaderValue::from_static(names))));
            let varying = Compressed::response(accepted(encodings), response);
            assert_eq!(varying.headers().get_all(VARY).iter().collect::<Vec<_>>(), [after], "{before:?}");
        }
    }
}

/// Frameworks take the body off, as axum does, or leave that to the connection.
#[tokio::test]
async fn the_response_to_head_has_the_same_head_with_a_body_and_without() {
    for (encodings, length) in [("gzip", None), ("gzip", Some("5000")), ("gzip", Some("7")), ("br", None)] {
        let of = |method, body: &'static [u8]| {
            let request = Request::builder().method(method).header(ACCEPT_ENCODING, encodings).body(()).unwrap();
            let mut response = Response::new(Full::<Bytes>::from(body));
            response.headers_mut().insert(ETAG, HeaderValue::from_static("\"7\""));
            response.headers_mut().extend(length.map(|length| (CONTENT_LENGTH, HeaderValue::from_static(length))));
            Compressed::response(AcceptEncoding::of(&request), response)
        };
        let body: &[u8] = if length == Some("7") { &[b' '; 7] } else { &[b' '; 5000] };
        let get = of("GET", body);
        for head in [of("HEAD", body), of("HEAD", b"")] {
            assert_eq!(head.headers(), get.headers(), "{encodings} {length:?}");
            let is_gzip = head.headers().contains_key(CONTENT_ENCODING);
            assert!(!is_gzip || (head.body().is_end_stream() && head.body().size_hint().exact().is_none()));
        }
    }
}

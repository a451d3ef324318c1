//! Promise: a response that could not be completed is cut without its final chunk, and everything before the cut
//! arrives. What arrives is no whole document, in case that the transport hides the cut.

use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Encode, Envelope, Error, Format, JsonBody, Writer};
use chunkwire_test_support::Woken;
use chunkwire_test_support::records::{cut_document, texts, texts_of};
use http_body::Body;

const FORMATS: [Format; 2] = [Format::Array, Format::Lines];

/// How many records come before the missing one: none, few, just under and over a chunk, and many.
const BEFORE: [usize; 6] = [0, 1, 163, 164, 165, 2000];

/// Returns records of which the one after the first `good` is a failure.
fn failing(good: usize) -> impl Iterator<Item = Result<String, &'static str>> {
    texts(99, good).map(Ok).chain([Err("the database went away"), Ok("never sent".to_owned())])
}

/// Returns what is sent of records that fail after the first `good`.
fn part(format: Format, good: usize) -> Vec<u8> {
    cut_document(format, &texts(99, good).collect::<Vec<_>>())
}

type Polled = Poll<Option<Result<Bytes, Error>>>;

fn poll<B: Body<Data = Bytes, Error = Error>>(body: Pin<&mut B>, waker: &Waker) -> Polled {
    let polled = body.poll_frame(&mut Context::from_waker(waker));
    polled.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
}

/// The pause makes hyper write what it holds; it throws that away when it sees an error.
#[test]
fn a_failure_comes_after_all_before_it_and_one_pause() {
    for format in FORMATS {
        for good in BEFORE {
            let woken = Arc::new(Woken::default());
            let waker = Waker::from(Arc::clone(&woken));
            let mut body = pin!(JsonBody::new(format, failing(good)));
            let mut sent = Vec::new();
            let mut polled = poll(body.as_mut(), &waker);
            while let Poll::Ready(Some(Ok(frame))) = polled {
                sent.extend(frame);
                assert!(!body.is_end_stream(), "an error is still to come");
                polled = poll(body.as_mut(), &waker);
            }
            assert!(sent == part(format, good), "{format:?} after {good} records: {} bytes were sent", sent.len());
            assert!(polled.is_pending(), "{format:?} after {good} records: {polled:?} without a pause");
            assert!(woken.take(), "nobody wakes the body");

            let Poll::Ready(Some(Err(error))) = poll(body.as_mut(), &waker) else { panic!("no error after the pause") };
            assert_eq!(error.source().unwrap().to_string(), "the database went away");
            assert!(matches!(poll(body.as_mut(), &waker), Poll::Ready(None)));
            assert!(body.is_end_stream());
        }
    }
}

/// Polls a body until it panics, then checks that it has handed out `whole`, pauses once, and ends with an error.
#[track_caller]
fn assert_panics_after<B: Body<Data = Bytes, Error = Error>>(mut body: Pin<&mut B>, whole: &[u8], records: usize) {
    let mut sent = Vec::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        while let Poll::Ready(Some(Ok(frame))) = poll(body.as_mut(), Waker::noop()) {
            sent.extend(frame);
        }
    }));
    assert!(panicked.is_err(), "it ends without a panic");
    assert!(!body.is_end_stream());
    let mut paused = false;
    loop {
        match poll(body.as_mut(), Waker::noop()) {
            Poll::Ready(Some(Ok(frame))) => sent.extend(frame),
            Poll::Ready(Some(Err(error))) => {
                assert!(error.is_panic() && paused, "{error}");
                break assert!(
                    records < 2 || error.to_string().ends_with(&format!(" after {records} records")),
                    "{error}"
                );
            }
            // The pause that lets a connection write what it holds.
            Poll::Pending => paused = true,
            end => panic!("an end without an error: {end:?}"),
        }
    }
    assert!(matches!(poll(body, Waker::noop()), Poll::Ready(None)));
    assert!(sent == whole, "{} instead of {} bytes: {:?}", sent.len(), whole.len(), sent.last_chunk::<9>());
}

/// A chunk that the last whole record fills, with what nothing closes in the next one, and one into which that just fits.
#[test]
fn frames_are_full_where_a_failure_meets_the_end_of_a_chunk() {
    for size in [CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE] {
        let good = texts_of(Format::Lines, size);
        let records = good.iter().map(|text| Ok(&**text)).chain([Err("the database went away")]);
        let mut body = pin!(JsonBody::new(Format::Lines, records));
        let mut frames = Vec::new();
        while let Poll::Ready(Some(Ok(frame))) = poll(body.as_mut(), Waker::noop()) {
            frames.push(frame);
        }
        let (last, full) = frames.split_last().unwrap();
        assert!(full.iter().all(|frame| frame.len() == CHUNK_SIZE));
        assert_eq!(last.len(), size % CHUNK_SIZE + 1, "after {size} bytes");
        assert!(frames.concat() == cut_document(Format::Lines, &good), "after {size} bytes");
    }
}

/// As jq and DuckDB do, which take nothing at all for a document without records.
#[test]
fn a_failure_before_the_first_record_leaves_more_than_nothing() {
    let fails_after = || Envelope::new("rows").after(|_, fields| fields.field("count", Err::<u8, _>("no count")));
    let fails_before = Envelope::new("rows").before("count", Err::<u8, _>("no count"));
    let none = || std::iter::empty::<Result<u8, &str>>();
    assert_eq!(sent(JsonBody::new(Format::Array, [Err::<u8, _>("no table")])), "[");
    assert_eq!(sent(JsonBody::new(Format::Lines, [Err::<u8, _>("no table")])), "{");
    assert_eq!(sent(JsonBody::new(Envelope::new("rows"), [Err::<u8, _>("no table")])), "{");
    assert_eq!(sent(JsonBody::new(fails_after(), none())), "{");
    assert_eq!(sent(JsonBody::new(fails_before, none())), "{");
    assert_eq!(sent(JsonBody::new(fails_after(), [Ok::<_, &str>(1)])), r#"{"rows":[1"#);
}

/// Returns what a body sends before it pauses.
fn sent(body: impl Body<Data = Bytes, Error = Error>) -> String {
    let mut body = pin!(body);
    let mut sent = String::new();
    while let Poll::Ready(frame) = poll(body.as_mut(), Waker::noop()) {
        sent.push_str(str::from_utf8(&frame.expect("a clean end").unwrap()).unwrap());
    }
    sent
}

/// A record that may panic after it has written something.
enum Row {
    Good(String),
    Panics { after: usize },
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        match self {
            Self::Good(text) => text.encode(out),
            Self::Panics { after } => {
                out.string(&"half of a record ".repeat(*after));
                panic!("a panic, on purpose");
            }
        }
    }
}

#[test]
fn a_record_that_panics_is_cut_off_like_one_that_fails() {
    for format in FORMATS {
        for good in BEFORE {
            for after in [0, 1, 100, 2000] {
                let records =
                    texts(99, good).map(Row::Good).chain([Row::Panics { after }, Row::Good("never".to_owned())]);
                assert_panics_after(pin!(JsonBody::new(format, records)), &part(format, good), good);
            }
        }
    }
}

#[test]
fn a_source_that_panics_ends_with_an_error() {
    for format in FORMATS {
        for good in BEFORE {
            let records = texts(99, good).chain(std::iter::once_with(|| panic!("a panic, on purpose")));
            assert_panics_after(pin!(JsonBody::new(format, records)), &part(format, good), good);
        }
    }
}

#[test]
fn the_end_of_an_envelope_that_panics_is_cut_off() {
    let envelope = Envelope::new("rows").after(|_, fields| {
        fields.field("count", 2);
        panic!("a panic, on purpose");
    });
    assert_panics_after(pin!(JsonBody::new(envelope, ["a", "b"])), br#"{"rows":["a","b""#, 2);
}

/// Panics if a number is odd, after it has written something.
struct Even(u32);

impl Encode for Even {
    fn encode(&self, out: &mut Writer<'_>) {
        out.unsigned(self.0.into());
        assert!(self.0.is_multiple_of(2), "an odd number, on purpose");
    }
}

mod over_http {
    use chunkwire::OneChunk;
    use hyper_util::rt::TokioIo;
    use tokio::net::TcpListener;

    use super::*;
    use chunkwire_test_support::client::{Client, Response};
    use chunkwire_test_support::connection::{ByHand, GET, connection};
    use chunkwire_test_support::time::soon;
    use chunkwire_test_support::transport::Pipe;

    #[tokio::test]
    async fn all_before_a_failure_arrives_and_the_end_does_not() {
        for format in FORMATS {
            for good in BEFORE {
                for step in [500, 5000, usize::MAX] {
                    let pipe = Pipe::new(GET, 0);
                    // As a socket has room for a head. hyper drops a head that waits for room when the body fails.
                    pipe.make_room(200);
                    let body = OneChunk::new(JsonBody::new(format, failing(good)));
                    let mut connection = ByHand::new(connection(pipe.clone(), body));
                    let ended = loop {
                        match connection.settle() {
                            Poll::Ready(ended) => break ended,
                            Poll::Pending => pipe.make_room(step),
                        }
                    };
                    assert!(ended.is_err(), "hyper takes the failure for an end");
                    let wire = pipe.wire().to_vec();
                    let response = Response::read(&mut &*wire).await;
                    assert_eq!(response.status, 200);
                    let got = response.body.len();
                    let of = format!("{format:?}, {good} records and steps of {step}: {got} bytes");
                    assert!(response.body == part(format, good), "{of}");
                    assert!(!response.complete && !response.chunk_lines.contains(&"0".to_owned()), "{of}");
                }
            }
        }
    }

    /// Serves one connection with `body`, and returns what a client saw.
    async fn response_over_a_socket<B>(body: B) -> Response
    where
        B: Body<Data = Bytes, Error = Error> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = Client::connect(listener.local_addr().unwrap()).await;
        client.send(GET).await;
        let (socket, _) = soon(listener.accept()).await.unwrap();
        let served = tokio::task::LocalSet::new();
        served.spawn_local(connection(TokioIo::new(socket), body));
        let response = served.run_until(client.response()).await;
        assert!(client.is_closed().await);
        response
    }

    #[tokio::test]
    async fn a_client_sees_the_cut_after_a_failure() {
        for good in BEFORE {
            let records = failing(good).collect::<Vec<_>>();
            let response = response_over_a_socket(OneChunk::new(JsonBody::new(Format::Lines, records))).await;
            assert!(response.body == part(Format::Lines, good), "{} bytes", response.body.len());
            assert!(!response.complete);
        }
    }

    #[tokio::test]
    async fn a_client_sees_the_cut_after_a_panic() {
        let records = (0..100_000).map(|number| Even(if number < 50_000 { 0 } else { 1 }));
        let response = response_over_a_socket(OneChunk::new(JsonBody::new(Format::Lines, records))).await;
        assert!(!response.complete);
        // hyper drops what it holds with the task that panics.
        assert_eq!(response.body.len() % CHUNK_SIZE, 0, "whole chunks before the one with the panic");
        assert!(response.body.len() >= CHUNK_SIZE);
    }
}

//! Promise: a body whose server has to end its response leaves it open, through whatever is around it, so that what was
//! sent is no whole document.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Pending, pending, ready};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::Body as AxumBody;
use bytes::Bytes;
use chunkwire::{
    CHUNK_SIZE, Compressed, DropOutcome, End, Envelope, Error, Filled, Format, Iter, JsonBody, Layout, Outcome,
    poll_cut,
};
use chunkwire_test_support::Woken;
use chunkwire_test_support::records::{Counted, Unending, cut_document, document, texts};
use flate2::read::GzDecoder;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

const FORMATS: [Format; 2] = [Format::Array, Format::Lines];

/// How many records come before the pause: none, few, just under and over a chunk, and many.
const BEFORE: [usize; 6] = [0, 1, 163, 164, 165, 2000];

type Polled<E> = Poll<Option<Result<Frame<Bytes>, E>>>;

fn poll<B: Body<Data = Bytes>>(body: Pin<&mut B>) -> Polled<B::Error> {
    body.poll_frame(&mut Context::from_waker(Waker::noop()))
}

/// Reads what a body has to say until it pauses.
fn until_pause<B: Body<Data = Bytes>>(mut body: Pin<&mut B>) -> Vec<u8> {
    let mut sent = Vec::new();
    while let Poll::Ready(Some(Ok(frame))) = poll(body.as_mut()) {
        sent.extend(frame.into_data().unwrap());
    }
    sent
}

/// Cuts a body, and returns its last words and its error, before which it pauses.
fn cut<B: Body<Data = Bytes>>(mut body: Pin<&mut B>) -> (Vec<u8>, B::Error) {
    let (sent, error, paused) = last_words(body.as_mut());
    assert!(paused, "a connection has no chance to write before the error");
    assert!(matches!(poll(body), Poll::Ready(None)));
    (sent, error)
}

/// Cuts a body, and returns its last words, its error, and whether it paused in between.
fn last_words<B: Body<Data = Bytes>>(mut body: Pin<&mut B>) -> (Vec<u8>, B::Error, bool) {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let (mut sent, mut paused) = (Vec::new(), false);
    loop {
        match poll_cut(body.as_mut(), &mut Context::from_waker(&waker)) {
            Poll::Ready(Some(Ok(frame))) => sent.extend(frame.into_data().unwrap()),
            Poll::Pending => {
                assert!(woken.take(), "nobody wakes the body");
                paused = true;
            }
            Poll::Ready(Some(Err(error))) => break (sent, error, paused),
            Poll::Ready(None) => panic!("a clean end after {} bytes", sent.len()),
        }
    }
}

/// Returns what is sent of a document that is cut after some records.
fn part(format: Format, count: usize) -> Vec<u8> {
    cut_document(format, &texts(99, count).collect::<Vec<_>>())
}

#[test]
fn a_source_that_pauses_is_cut_after_all_that_it_yielded() {
    for format in FORMATS {
        for count in BEFORE {
            for full_chunks in [false, true] {
                let body = JsonBody::from_stream(format, Unending(texts(99, count)));
                let mut body = pin!(if full_chunks { body.full_chunks() } else { body });
                let mut sent = until_pause(body.as_mut());
                let (last, error) = cut(body.as_mut());
                assert!(error.is_cut() && !error.is_panic() && !error.is_stalled(), "{error}");
                assert!(error.to_string().starts_with("the server ended the response"), "{error}");
                sent.extend(last);
                assert!(sent == part(format, count), "{format:?} after {count}: {} bytes", sent.len());
            }
        }
    }
    let envelope = || Envelope::new("rows").before("version", 1);
    let (last, _) = cut(pin!(JsonBody::from_stream(envelope(), Unending(0..0))));
    assert_eq!(last, b"{");
    let (last, _) = cut(pin!(JsonBody::new(envelope(), 0..9)));
    assert_eq!(last, b"{", "nothing was sent before");
}

/// The rest of a record that spans two chunks is sent, and none after it is pulled.
#[test]
fn a_source_that_goes_on_is_cut_inside_of_a_record_or_left_open() {
    for format in FORMATS {
        for frames in 0..5 {
            let (records, pulled) = Counted::new(texts(99, 10_000));
            let mut body = pin!(JsonBody::new(format, records));
            let mut sent = Vec::new();
            for _ in 0..frames {
                let Poll::Ready(Some(Ok(frame))) = poll(body.as_mut()) else { panic!("it has more") };
                sent.extend(frame.into_data().unwrap());
            }
            let before = pulled.get();
            let (last, _) = cut(body.as_mut());
            assert!(last.len() < 200 && pulled.get() == before, "{} bytes", last.len());
            sent.extend(last);
            assert!(sent == part(format, before), "{format:?} after {frames} frames: {} bytes", sent.len());
        }
    }
}

#[test]
fn what_is_complete_ends_as_ever() {
    let envelope = Envelope::new("rows").after(|_, fields| fields.field("text", "x".repeat(CHUNK_SIZE)));
    let mut body = pin!(JsonBody::new(envelope, [1]));
    let Poll::Ready(Some(Ok(first))) = poll(body.as_mut()) else { panic!("it has a frame") };
    let mut cut = || poll_cut(body.as_mut(), &mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Some(Ok(last))) = cut() else { panic!("it has another") };
    assert!(matches!(cut(), Poll::Ready(None)));
    let whole = [first, last].map(|frame| frame.into_data().unwrap()).concat();
    assert_eq!(whole, [br#"{"rows":[1],"text":""#, &[b'x'; CHUNK_SIZE][..], b"\"}"].concat());
}

#[test]
fn a_failure_stays_a_failure() {
    let mut body = pin!(JsonBody::new(Format::Lines, [Ok(1), Err("the database went away")]));
    assert_eq!(until_pause(body.as_mut()), b"1\n{");
    let polled = poll_cut(body.as_mut(), &mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Some(Err(error))) if !error.is_cut()));
}

#[test]
fn a_job_that_is_under_way_is_not_waited_for() {
    type Never = Pending<Result<Filled<std::vec::IntoIter<u8>>, Infallible>>;
    let layouts: [(Layout, _); 3] =
        [(Format::Array.into(), "["), (Format::Lines.into(), "{"), (Envelope::new("rows").into(), "[")];
    for (layout, expected) in layouts {
        let body = JsonBody::new(layout, vec![1, 2]);
        let mut body = pin!(body.offload(|_| -> Never { pending() }));
        assert!(poll(body.as_mut()).is_pending());
        assert_eq!(cut(body.as_mut()).0, expected.as_bytes());
    }
}

/// Returns a body in gzip by tower-http's layer.
async fn in_layer(body: AxumBody) -> AxumBody {
    let mut body = Some(body);
    let service = service_fn(move |_: Request<()>| ready(Ok::<_, Infallible>(Response::new(body.take().unwrap()))));
    let request = Request::builder().header("accept-encoding", "gzip").body(()).unwrap();
    let compressed = CompressionLayer::new().compress_when(SizeAbove::new(0)).layer(service);
    AxumBody::new(compressed.oneshot(request).await.unwrap().into_body())
}

#[tokio::test]
async fn what_is_around_a_body_passes_it_on() {
    for format in FORMATS {
        for count in BEFORE {
            let whole = part(format, count);
            let body = || JsonBody::from_stream(format, Unending(texts(99, count)));
            let mut boxed = pin!(AxumBody::new(AxumBody::new(body()).map_err(|error| error)));
            let mut sent = until_pause(boxed.as_mut());
            sent.extend(cut(boxed.as_mut()).0);
            assert!(sent == whole, "{format:?} after {count} in boxes");

            for gzip in [AxumBody::new(Compressed::gzip(body())), in_layer(AxumBody::new(body())).await] {
                let mut gzip = pin!(gzip);
                let mut sent = until_pause(gzip.as_mut());
                sent.extend(last_words(gzip.as_mut()).0);
                let mut decoded = Vec::new();
                assert!(GzDecoder::new(&sent[..]).read_to_end(&mut decoded).is_err(), "the part looks whole");
                assert!(decoded == whole, "{format:?} after {count} in gzip: {} bytes", decoded.len());
            }
        }
    }
}

/// A body that polls another one inside of its own poll, and panics at the end.
struct Panics(JsonBody<Iter<std::ops::Range<u8>>>);

impl Body for Panics {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        assert!(
            matches!(Pin::new(&mut self.0).poll_frame(cx), Poll::Ready(Some(Ok(frame))) if frame.data_ref().unwrap() == "{")
        );
        panic!("a panic, on purpose")
    }
}

#[tokio::test]
async fn others_on_the_thread_go_on() {
    let mut panics = pin!(Panics(JsonBody::new(Format::Lines, 0..3)));
    let polled = || poll_cut(panics.as_mut(), &mut Context::from_waker(Waker::noop()));
    assert!(catch_unwind(AssertUnwindSafe(polled)).is_err());
    let other = JsonBody::new(Format::Lines, texts(99, 1000)).collect().await.unwrap().to_bytes();
    assert!(other == document(Format::Lines, &texts(99, 1000).collect::<Vec<_>>()));
}

#[test]
fn its_hook_is_told_what_it_is_told_of_a_body_that_is_dropped() {
    for polls in 0..4 {
        for outcome in [Outcome::ClientGone, Outcome::ShutDown] {
            let ends = RefCell::new(Vec::new());
            {
                let (dropped, hook) = (DropOutcome::default(), |end: &End<'_>| {
                    ends.borrow_mut().push((end.outcome, end.error.is_none(), end.records, end.bytes));
                });
                let body = JsonBody::from_stream(Format::Lines, Unending(0..3)).on_end(hook);
                let mut body = pin!(body.drop_outcome(dropped.clone()));
                assert_eq!(until_pause(body.as_mut()), b"0\n1\n2\n");
                dropped.set(outcome);
                for _ in 0..polls {
                    let _ = poll_cut(body.as_mut(), &mut Context::from_waker(Waker::noop()));
                }
            }
            let bytes = if polls == 0 { 6 } else { 7 };
            assert_eq!(*ends.borrow(), [(outcome, true, 3, bytes)], "{polls} polls");
        }
    }
}

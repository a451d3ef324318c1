//! Promise: every body reports once how it ended, with what was sent; whether the first record works is known before
//! the head.

use std::cell::RefCell;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use chunkwire::{CHUNK_SIZE, DropOutcome, End, Format, JsonBody, OnEnd, Outcome, Record};
use chunkwire_test_support::records::{Pausing, Unending, texts};
use futures_core::Stream;
use http_body::Body;
use http_body_util::BodyExt;

/// An end that was reported.
#[derive(Debug)]
struct Ended {
    outcome: Outcome,
    format: Format,
    records: u64,
    bytes: u64,
    cause: Option<String>,
}

/// Polls a body at most `polls` times, drops it, and returns the one end that it reported.
fn end_of<S: Stream<Item: Record>>(polls: usize, body: JsonBody<S>, dropped: Option<DropOutcome>) -> Ended {
    let ends = RefCell::new(Vec::new());
    let mut sent = 0;
    {
        let hook = |end: &End<'_>| {
            let End { outcome, format, records, bytes, .. } = *end;
            let cause = end.error.map(|error| error.source().map_or_else(|| error.to_string(), ToString::to_string));
            ends.borrow_mut().push(Ended { outcome, format, records, bytes, cause });
        };
        let body = body.on_end(hook);
        let mut body = pin!(match dropped {
            Some(dropped) => body.drop_outcome(dropped),
            None => body,
        });
        for _ in 0..polls {
            if body.is_end_stream() {
                break;
            }
            let mut poll = || body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()));
            match catch_unwind(AssertUnwindSafe(&mut poll)) {
                Ok(Poll::Ready(Some(Ok(frame)))) => sent += frame.into_data().unwrap().len(),
                Ok(Poll::Ready(_)) => break,
                Ok(Poll::Pending) | Err(_) => {}
            }
        }
    }
    let mut ends = ends.into_inner();
    assert_eq!(ends.len(), 1, "{ends:?}");
    let end = ends.remove(0);
    assert_eq!(end.bytes, sent as u64, "{end:?}");
    assert_eq!(end.cause.is_some(), end.outcome == Outcome::SourceFailed, "{end:?}");
    end
}

fn told(end: &Ended) -> (Outcome, u64) {
    (end.outcome, end.records)
}

#[test]
fn a_document_that_was_handed_out_is_complete() {
    for format in [Format::Array, Format::Lines] {
        for count in [0, 1, 163, 164, 165, 1000] {
            let end = end_of(usize::MAX, JsonBody::new(format, texts(99, count)), None);
            assert_eq!(told(&end), (Outcome::Complete, count as u64), "{format:?}");
            assert_eq!(end.format, format);
        }
    }
}

#[test]
fn a_body_that_is_dropped_early_has_lost_its_client_or_has_its_drop_outcome() {
    let body = || JsonBody::new(Format::Array, texts(99, 100_000));
    for outcome in [Outcome::ClientGone, Outcome::Stalled, Outcome::ShutDown] {
        let dropped = DropOutcome::default();
        if outcome != Outcome::ClientGone {
            dropped.set(outcome);
        }
        let end = end_of(3, body(), Some(dropped));
        assert_eq!((end.outcome, end.bytes), (outcome, 3 * CHUNK_SIZE as u64));
    }
}

/// As the body of a response to HEAD is, or of one with the status 304.
#[test]
fn a_body_that_was_never_polled_was_not_asked_for() {
    let body = || JsonBody::new(Format::Array, texts(99, 100_000));
    assert_eq!(told(&end_of(0, body(), None)), (Outcome::Unpolled, 0));
    assert_eq!(told(&end_of(0, body(), Some(DropOutcome::default()))), (Outcome::Unpolled, 0));
    let dropped = DropOutcome::default();
    dropped.set(Outcome::ShutDown);
    assert_eq!(told(&end_of(0, body(), Some(dropped))), (Outcome::ShutDown, 0), "the connection knows better");
}

#[test]
fn a_failure_is_reported_even_if_nobody_waits_for_the_error() {
    let failing = || texts(99, 10).map(Ok).chain([Err("the database went away")]);
    for polls in [1, 2, usize::MAX] {
        let end = end_of(polls, JsonBody::new(Format::Array, failing()), None);
        assert_eq!(told(&end), (Outcome::SourceFailed, 10), "after {polls} polls");
        assert_eq!(end.cause.as_deref(), Some("the database went away"));
    }
}

#[test]
fn a_panic_is_reported_as_a_failure() {
    let panicking = || (0..).map(|number| if number < 7 { number } else { panic!("a panic, on purpose") });
    for polls in [1, usize::MAX] {
        let end = end_of(polls, JsonBody::new(Format::Lines, panicking()), None);
        assert_eq!(told(&end), (Outcome::SourceFailed, 7), "after {polls} polls");
    }
}

#[test]
fn the_time_is_that_since_the_hook_was_set() {
    let mut told = None;
    let body = JsonBody::new(Format::Lines, 0..10).on_end(|end| told = Some(end.elapsed));
    std::thread::sleep(std::time::Duration::from_millis(20));
    drop(body);
    let elapsed = told.unwrap();
    assert!(elapsed.as_millis() >= 20 && elapsed.as_secs() < 60, "{elapsed:?}");
}

fn assert_unpin<S, F: FnOnce(&End<'_>)>(_: &OnEnd<S, F>)
where
    OnEnd<S, F>: Unpin,
    S: Stream<Item: Record>,
{
}

#[tokio::test]
async fn a_ready_body_sends_the_same_bytes() {
    for format in [Format::Array, Format::Lines] {
        for count in [0, 1, 2, 163, 164, 1000] {
            for script in [0, u64::MAX, 0x00F0_0F01] {
                let source = || Pausing::new(texts(99, count), script);
                let plain = JsonBody::from_stream(format, source()).collect().await.unwrap().to_bytes();
                let body = JsonBody::from_stream(format, source()).ready().await.unwrap().on_end(|_| {});
                assert_unpin(&body);
                assert!(body.collect().await.unwrap().to_bytes() == plain, "{format:?}, {count} records");
            }
        }
    }
}

#[tokio::test]
async fn a_body_is_ready_with_its_first_record_and_pulls_no_second() {
    let mut pulled = 0;
    let body = JsonBody::new(Format::Array, texts(99, 1000).inspect(|_| pulled += 1)).ready().await.unwrap();
    drop(body);
    assert_eq!(pulled, 1);

    let one = Unending(texts(99, 1));
    assert_eq!(JsonBody::from_stream(Format::Lines, one).ready().await.unwrap().size_hint().lower(), 100);
}

#[tokio::test]
async fn a_source_that_fails_at_once_never_becomes_ready() {
    for format in [Format::Array, Format::Lines] {
        let error = JsonBody::new(format, [Err::<u64, _>("no such table")]).ready().await.unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "no such table");
        assert!(JsonBody::new(format, [Ok(1), Err("later")]).ready().await.is_ok());
    }
}

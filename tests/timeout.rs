//! Promise: a caller that keeps frames under [`OneChunk`] gets an error when a timer fires, and not a response that
//! never ends.
//!
//! tokio's time is paused: it advances when nothing else can run.

use std::error::Error as StdError;
use std::future::pending;
use std::num::NonZeroU32;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body as AxumBody, to_bytes};
use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, DropOutcome, Error, Format, JsonBody, LeastRate, OneChunk, Outcome};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use futures_core::Stream;
use http_body::Body;
use http_body_util::{BodyExt, Full, Limited};
use tokio::time::{Interval, interval, sleep};

const PATIENCE: Duration = Duration::from_secs(30);

fn patient() -> LeastRate {
    LeastRate::new(PATIENCE, NonZeroU32::new(1000).unwrap())
}

/// Returns whether the error or one of its causes is a stall.
fn is_stalled(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref::<Error>().is_some_and(Error::is_stalled) || error.source().is_some_and(is_stalled)
}

async fn collected(body: impl Body<Data = Bytes, Error = Error> + Send + 'static) -> Result<Bytes, axum::Error> {
    soon(to_bytes(AxumBody::new(body), usize::MAX)).await
}

#[tokio::test(start_paused = true)]
async fn a_middleware_that_collects_a_body_gets_an_error() {
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(patient(), sleep);
    let error = collected(body).await.unwrap_err();
    assert!(is_stalled(&error), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_of_one_chunk_can_be_collected() {
    let records = (CHUNK_SIZE - 1) / 100;
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, records))).timeout(patient(), sleep);
    assert_eq!(collected(body).await.unwrap().len(), records * 100 + 1);
}

/// As at the edge of a service, around whatever its handlers and layers made.
#[tokio::test(start_paused = true)]
async fn any_body_can_have_a_timeout() {
    let axum = || AxumBody::new(JsonBody::new(Format::Array, texts(99, 1000)));
    let error = collected(OneChunk::new(axum()).timeout(patient(), sleep)).await.unwrap_err();
    assert!(is_stalled(&error), "{error:?}");
    let boxed = Limited::new(axum(), usize::MAX).boxed_unsync();
    let error = collected(OneChunk::new(boxed).timeout(patient(), sleep)).await.unwrap_err();
    assert!(is_stalled(&error), "{error:?}");
    let never_fails = Full::new(Bytes::from_static(b"[]"));
    assert_eq!(collected(OneChunk::new(never_fails).timeout(patient(), sleep)).await.unwrap(), "[]");
}

/// Reads a body that fails, and keeps no frame.
async fn failure(body: impl Body<Data = Bytes, Error = Error>) -> Error {
    let mut body = pin!(body);
    loop {
        if let Err(error) = soon(body.frame()).await.expect("a failure and no end") {
            return error;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_body_is_passed_on() {
    let failing = || JsonBody::new(Format::Array, [Ok(1), Err("the database went away")]);
    let causes = |error: &dyn StdError| {
        let mut texts = vec![error.to_string()];
        let mut next = error.source();
        while let Some(cause) = next {
            texts.push(cause.to_string());
            next = cause.source();
        }
        texts
    };
    let ours = failure(OneChunk::new(failing()).timeout(patient(), sleep)).await;
    assert_eq!(causes(&ours), ["the source of the records failed after 1 record", "the database went away"]);
    let other = failure(OneChunk::new(AxumBody::new(failing())).timeout(patient(), sleep)).await;
    assert_eq!(causes(&other).first().unwrap(), "the body failed");
    assert_eq!(causes(&other).last().unwrap(), "the database went away");
    assert!(!ours.is_stalled() && !other.is_stalled());
}

/// A source that yields a number once an hour.
struct Hourly {
    clock: Interval,
    numbers: std::ops::Range<u32>,
}

impl Stream for Hourly {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u32>> {
        ready!(self.clock.poll_tick(cx));
        Poll::Ready(self.numbers.next())
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_may_pause_as_long_as_it_likes() {
    let source = Hourly { clock: interval(Duration::from_secs(3600)), numbers: 0..5 };
    let body = OneChunk::new(JsonBody::from_stream(Format::Lines, source)).timeout(patient(), sleep);
    let mut body = pin!(body);
    let mut text = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.unwrap().into_data().unwrap();
        // It is polled for the next frame while this one is alive, so that a timer runs.
        assert!(pin!(body.frame()).poll(&mut Context::from_waker(std::task::Waker::noop())).is_pending());
        text.extend(frame);
    }
    assert_eq!(text, b"0\n1\n2\n3\n4\n");
}

/// How many frames of a body of seven go out if each is kept for so long and ten a second are enough.
async fn frames_kept_for(time: Duration) -> usize {
    let rate = LeastRate::new(Duration::from_millis(200), NonZeroU32::new(10 * CHUNK_SIZE as u32).unwrap());
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(rate, sleep);
    let mut body = pin!(body);
    let mut frames = 0;
    while let Some(Ok(kept)) = body.frame().await {
        frames += 1;
        tokio::select! {
            next = body.frame() => assert!(next.is_none_or(|next| next.is_err()), "while frame {frames} is alive"),
            () = sleep(time) => drop(kept),
        }
    }
    frames
}

/// In real time.
#[tokio::test]
async fn frames_have_the_time_of_the_least_rate_in_sum() {
    assert_eq!(frames_kept_for(Duration::from_millis(60)).await, 7);
    let frames = frames_kept_for(Duration::from_millis(180)).await;
    assert!((1..7).contains(&frames), "{frames}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_has_given_up_is_at_its_end() {
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(patient(), sleep);
    let mut body = pin!(body);
    let kept = body.frame().await;
    assert!(soon(body.frame()).await.unwrap().unwrap_err().is_stalled());
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    drop(kept);
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_timer_can_tell_why_the_body_ends() {
    let outcome = DropOutcome::default();
    let (told, ended) = tokio::sync::oneshot::channel();
    let body = JsonBody::new(Format::Array, texts(99, 1000)).on_end(|end| told.send(end.outcome).unwrap());
    let body = OneChunk::new(body.drop_outcome(outcome.clone())).timeout(patient(), move |allowed| {
        let outcome = outcome.clone();
        async move {
            sleep(allowed).await;
            outcome.set(Outcome::Stalled);
        }
    });
    assert!(soon(body.collect()).await.is_err());
    assert_eq!(soon(ended).await, Ok(Outcome::Stalled));
}

/// Without a timer, nothing ends.
#[tokio::test(start_paused = true)]
async fn without_a_timer_it_waits_for_ever() {
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000)));
    let waited = tokio::time::timeout(100 * PATIENCE, body.collect()).await;
    assert!(waited.is_err());

    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(patient(), |_| pending());
    assert!(tokio::time::timeout(100 * PATIENCE, body.collect()).await.is_err());
}

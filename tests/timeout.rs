//! Promise: a caller that keeps frames under [`OneChunk`] gets an error when a timer fires, and not a response that
//! never ends.
//!
//! tokio's time is paused: it advances when nothing else can run.

use std::error::Error as StdError;
use std::future::pending;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body as AxumBody, to_bytes};
use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, DropOutcome, Error, Format, JsonBody, OneChunk, Outcome};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use futures_core::Stream;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::{Interval, Sleep, interval, sleep};

const PATIENCE: Duration = Duration::from_secs(30);

fn patience() -> Sleep {
    sleep(PATIENCE)
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
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(patience);
    let error = collected(body).await.unwrap_err();
    assert!(is_stalled(&error), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_of_one_chunk_can_be_collected() {
    let records = (CHUNK_SIZE - 1) / 100;
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, records))).timeout(patience);
    assert_eq!(collected(body).await.unwrap().len(), records * 100 + 1);
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
    let body = OneChunk::new(JsonBody::from_stream(Format::Lines, source)).timeout(patience);
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

#[tokio::test(start_paused = true)]
async fn each_frame_has_its_own_time() {
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(patience);
    let mut body = pin!(body);
    let mut frames = 0;
    while let Some(frame) = body.frame().await {
        let kept = frame.unwrap();
        frames += 1;
        tokio::select! {
            next = body.frame() => assert!(next.is_none() && frames == 7, "{next:?} while frame {frames} is alive"),
            () = sleep(PATIENCE * 2 / 3) => drop(kept),
        }
    }
    assert_eq!(frames, 7);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_has_given_up_is_at_its_end() {
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(patience);
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
    let body = OneChunk::new(body.drop_outcome(outcome.clone())).timeout(move || {
        let outcome = outcome.clone();
        async move {
            patience().await;
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

    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 1000))).timeout(pending);
    assert!(tokio::time::timeout(100 * PATIENCE, body.collect()).await.is_err());
}

//! A body that hands out one frame at a time and does not wait forever.
//!
//! It depends on no clock and no runtime: the timer is a future from the caller.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::one_chunk::OneChunk;
use crate::body::error::Error;

pin_project! {
    /// A [`OneChunk`] that fails if a frame is kept too long, made by [`OneChunk::timeout`].
    ///
    /// The timer starts when the body is polled for a frame while the previous one is alive, and runs until that one is
    /// dropped. It does not run while the source pauses. When it fires, the body ends with an error that
    /// [`is_stalled`](Error::is_stalled), and its response is cut. It catches
    ///
    /// - **middleware that collects a body**, which would otherwise wait forever: a body that fits into one chunk
    ///   passes, a longer one fails when the timer fires. Collect such bodies without [`OneChunk`].
    /// - **clients that don't read**, if the server polls for frames ahead of what it has written. hyper does with its
    ///   default `max_buf_size` of about 400 KB, as under `axum::serve`: a client must then take a chunk of 16 KiB
    ///   before the timer fires. With a `max_buf_size` of [`CHUNK_SIZE`](crate::CHUNK_SIZE), a body is not polled while
    ///   a chunk is on its way, and a time limit for writes belongs in the transport.
    ///
    /// It is wrong under a middleware that keeps frames on purpose, such as one that limits the rate, unless the timer
    /// is longer than its longest pause.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use chunkwire::{Format, JsonBody, OneChunk};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let body = OneChunk::new(JsonBody::new(Format::Array, 0..10_000));
    /// let body = body.timeout(|| tokio::time::sleep(Duration::from_millis(10)));
    ///
    /// // `collect` keeps the first chunk and polls for the second.
    /// assert!(body.collect().await.unwrap_err().is_stalled());
    /// # }
    /// ```
    ///
    /// The timer can also tell the hook of [`JsonBody::on_end`](crate::JsonBody::on_end) what happened:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use chunkwire::{DropOutcome, Format, JsonBody, OneChunk, Outcome};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let outcome = DropOutcome::default();
    /// let body = JsonBody::new(Format::Array, 0..10_000)
    ///     .on_end(|end| assert_eq!(end.outcome, Outcome::Stalled))
    ///     .drop_outcome(outcome.clone());
    /// let body = OneChunk::new(body).timeout(move || {
    ///     let outcome = outcome.clone();
    ///     async move {
    ///         tokio::time::sleep(Duration::from_millis(10)).await;
    ///         outcome.set(Outcome::Stalled);
    ///     }
    /// });
    /// assert!(body.collect().await.is_err());
    /// # }
    /// ```
    #[must_use = "a body does nothing before it is polled"]
    pub struct Timeout<B, F, T> {
        #[pin]
        body: OneChunk<B>,
        timer: F,
        #[pin]
        running: Option<T>,
        has_given_up: bool,
    }
}

impl<B> OneChunk<B> {
    /// Ends the body with an error if a frame is still alive when a timer fires while the next one is awaited.
    ///
    /// `timer` is called for each frame that is waited for, and returns a future that completes when the wait is too
    /// long. See [`Timeout`] for what this catches and when it is wrong. For a response, set it with `map`:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use chunkwire::{Format, JsonBody};
    /// use tokio::time::sleep;
    ///
    /// let response = JsonBody::new(Format::Array, 0..10_000).into_response();
    /// let response = response.map(|body| body.timeout(|| sleep(Duration::from_secs(30))));
    /// # drop(response);
    /// ```
    pub fn timeout<F: FnMut() -> T, T: Future<Output = ()>>(self, timer: F) -> Timeout<B, F, T> {
        Timeout { body: self, timer, running: None, has_given_up: false }
    }
}

impl<B, F, T> Body for Timeout<B, F, T>
where
    B: Body<Data = Bytes, Error: From<Error>>,
    F: FnMut() -> T,
    T: Future<Output = ()>,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        if *this.has_given_up {
            return Poll::Ready(None);
        }
        let polled = this.body.as_mut().poll_frame(cx);
        if polled.is_ready() || !this.body.has_frame_alive() {
            this.running.set(None);
            return polled;
        }
        if this.running.is_none() {
            this.running.set(Some((this.timer)()));
        }
        match this.running.as_mut().as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => {
                this.running.set(None);
                *this.has_given_up = true;
                Poll::Ready(Some(Err(Error::stalled().into())))
            }
            _ => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.has_given_up || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.has_given_up { SizeHint::with_exact(0) } else { self.body.size_hint() }
    }
}

impl<B: fmt::Debug, F, T> fmt::Debug for Timeout<B, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("body", &self.body)
            .field("running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}

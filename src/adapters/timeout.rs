//! A body that hands out one frame at a time and does not wait forever.
//!
//! It depends on no runtime: the timer is a future from the caller.

use std::error::Error as StdError;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::least_rate::LeastRate;
use super::one_chunk::OneChunk;
use crate::body::error::Error;

pin_project! {
    /// A [`OneChunk`] that fails if frames are kept too long, made by [`OneChunk::timeout`].
    ///
    /// A wait begins when the body is polled for a frame while the previous one is alive, and ends when that one is
    /// dropped. Pauses of the source are no waits. If waits take longer than a [`LeastRate`] allows, the body ends with
    /// an error that [`is_stalled`](Error::is_stalled), and its response is cut. This catches
    ///
    /// - **middleware that collects a body**, which would otherwise wait forever: a body that fits into one chunk
    ///   passes, a longer one fails when the grace is over. Collect such bodies without [`OneChunk`].
    /// - **clients that don't read**, or too slowly, if the server polls for frames ahead of what it has written. hyper
    ///   does with its default `max_buf_size` of about 400 KB, as under `axum::serve`. With a `max_buf_size` of
    ///   [`CHUNK_SIZE`](crate::CHUNK_SIZE), a body is not polled while a chunk is on its way, and a limit for writes
    ///   belongs in the transport.
    ///
    /// The error of the body itself is passed on: one of ours as it is, any other as the [source](StdError::source) of
    /// an
    /// [`Error`].
    ///
    /// It is wrong under a middleware that keeps frames on purpose, such as one that limits the rate, unless the least
    /// rate is below that one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use chunkwire::{Format, JsonBody, LeastRate, OneChunk};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let rate = LeastRate::new(Duration::from_millis(10), NonZeroU32::new(1000).unwrap());
    /// let body = OneChunk::new(JsonBody::new(Format::Array, 0..10_000)).timeout(rate, tokio::time::sleep);
    ///
    /// // `collect` keeps the first chunk and polls for the second.
    /// assert!(body.collect().await.unwrap_err().is_stalled());
    /// # }
    /// ```
    ///
    /// The timer can also tell the hook of [`JsonBody::on_end`](crate::JsonBody::on_end) what happened:
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use chunkwire::{DropOutcome, Format, JsonBody, LeastRate, OneChunk, Outcome};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let rate = LeastRate::new(Duration::from_millis(10), NonZeroU32::new(1000).unwrap());
    /// let outcome = DropOutcome::default();
    /// let body = JsonBody::new(Format::Array, 0..10_000)
    ///     .on_end(|end| assert_eq!(end.outcome, Outcome::Stalled))
    ///     .drop_outcome(outcome.clone());
    /// let body = OneChunk::new(body).timeout(rate, move |allowed| {
    ///     let outcome = outcome.clone();
    ///     async move {
    ///         tokio::time::sleep(allowed).await;
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
        rate: LeastRate,
        timer: F,
        #[pin]
        running: Option<T>,
        // The size of the frame that was handed out last, until it has gone.
        kept: usize,
        has_given_up: bool,
    }
}

impl<B> OneChunk<B> {
    /// Ends the body with an error if frames are kept for longer than a least rate allows.
    ///
    /// `timer` is called for each frame that is waited for, and returns a future that completes after the given time.
    /// See
    /// [`Timeout`] for what this catches and when it is wrong. It works over any body, such as that of an axum
    /// response, and belongs around what leaves for the transport:
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use axum::Router;
    /// use axum::body::Body;
    /// use axum::routing::get;
    /// use chunkwire::{Format, JsonBody, LeastRate, OneChunk};
    /// use tokio::time::sleep;
    /// use tower_http::compression::CompressionLayer;
    /// use tower_http::map_response_body::MapResponseBodyLayer;
    ///
    /// let squares = async || JsonBody::new(Format::Array, (0..10_000_u64).map(|i| i * i)).into_response();
    /// let rate = LeastRate::new(Duration::from_secs(30), NonZeroU32::new(1000).unwrap());
    /// let at_the_edge = move |body: Body| OneChunk::new(body).timeout(rate.clone(), sleep);
    /// let app: Router = Router::new()
    ///     .route("/squares", get(squares))
    ///     .layer(CompressionLayer::new())
    ///     .layer(MapResponseBodyLayer::new(at_the_edge));
    /// ```
    ///
    /// For a single response, set it with `map`:
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use std::time::Duration;
    ///
    /// use chunkwire::{Format, JsonBody, LeastRate, OneChunk};
    /// use tokio::time::sleep;
    ///
    /// let rate = LeastRate::new(Duration::from_secs(30), NonZeroU32::new(1000).unwrap());
    /// let response = JsonBody::new(Format::Array, 0..10_000).into_response();
    /// let response = response.map(|body| OneChunk::new(body).timeout(rate, sleep));
    /// # drop(response);
    /// ```
    pub fn timeout<F: FnMut(Duration) -> T, T: Future<Output = ()>>(
        self,
        rate: LeastRate,
        timer: F,
    ) -> Timeout<B, F, T> {
        Timeout { body: self, rate, timer, running: None, kept: 0, has_given_up: false }
    }
}

impl<B, F, T> Body for Timeout<B, F, T>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>,
    F: FnMut(Duration) -> T,
    T: Future<Output = ()>,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut this = self.project();
        if *this.has_given_up {
            return Poll::Ready(None);
        }
        let polled = this.body.as_mut().poll_frame(cx);
        if polled.is_ready() || !this.body.has_frame_alive() {
            this.running.set(None);
            this.rate.moved(mem::take(this.kept));
            if let Poll::Ready(Some(Ok(frame))) = &polled {
                *this.kept = frame.data_ref().map_or(0, Bytes::len);
            }
            return polled.map_err(Error::from_body);
        }
        if this.running.is_none() {
            let allowed = this.rate.due().saturating_duration_since(Instant::now());
            this.running.set(Some((this.timer)(allowed)));
        }
        match this.running.as_mut().as_pin_mut().map(|timer| timer.poll(cx)) {
            Some(Poll::Ready(())) => {
                this.running.set(None);
                *this.has_given_up = true;
                let error = Error::stalled();
                #[cfg(feature = "tracing")]
                error.log();
                Poll::Ready(Some(Err(error)))
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

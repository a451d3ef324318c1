//! A body that hands out one frame at a time.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::chunk_gauge::ChunkGauge;

pin_project! {
    /// A body whose next frame waits until the previous one has been dropped.
    ///
    /// A connection drops a frame when the transport has taken its last byte. hyper polls for more as soon as it has
    /// written a part of what it holds, and would otherwise hold two chunks for a slow reader. With this type, the
    /// chunk on its way to the socket is the only one that is alive.
    ///
    /// A caller that keeps a frame and polls for the next waits forever: don't put this under a middleware that
    /// collects a body, as `axum::body::to_bytes` and `BodyExt::collect` do. [`timeout`](Self::timeout) turns the wait
    /// into an error. A body whose only frame [is its end](Body::is_end_stream) can be collected.
    ///
    /// # At the edge
    ///
    /// A layer that keeps a frame until it has the next waits forever as well. tower-http's `CompressionLayer` does so,
    /// since it reads with tokio-util's `StreamReader`. So this belongs around all layers, where a response leaves for
    /// the transport. `chunkwire-engine` puts it there; for another server, tower-http's
    /// `MapResponseBodyLayer::new(OneChunk::new)` does as the outermost layer: see
    /// [`JsonBody::into_response`](crate::JsonBody::into_response). Under compression, one compressed frame is alive
    /// then, and the compressor holds one chunk while the next is filled.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, JsonBody, OneChunk};
    /// use http_body_util::BodyExt;
    /// use tokio::time::{Duration, timeout};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut body = OneChunk::new(JsonBody::new(Format::Array, 0..10_000));
    ///
    /// let first = body.frame().await;
    /// let early = timeout(Duration::from_millis(10), body.frame()).await;
    /// assert!(early.is_err(), "the first frame is still alive");
    ///
    /// drop(first);
    /// assert!(body.frame().await.is_some());
    /// # }
    /// ```
    #[derive(Debug)]
    #[must_use = "a body does nothing before it is polled"]
    pub struct OneChunk<B> {
        #[pin]
        body: B,
        gate: Arc<Mutex<Gate>>,
        holds_end: bool,
    }
}

/// Whether a frame is alive, and which task to wake when it is dropped.
#[derive(Debug, Default)]
struct Gate {
    closed: bool,
    waiting: Option<Waker>,
    gauge: Option<Arc<ChunkGauge>>,
}

/// The bytes of a frame; dropping them opens the gate.
struct Passed {
    bytes: Bytes,
    gate: Arc<Mutex<Gate>>,
}

fn with<T>(gate: &Mutex<Gate>, act: impl FnOnce(&mut Gate) -> T) -> T {
    // A gate is always consistent, so a panic elsewhere does not matter.
    act(&mut gate.lock().unwrap_or_else(PoisonError::into_inner))
}

impl<B> OneChunk<B> {
    /// Returns a body that hands out the frames of `body` one at a time.
    pub fn new(body: B) -> Self {
        Self { body, gate: Arc::default(), holds_end: false }
    }

    /// Returns a body that hands out the frames of `body` one at a time and counts those that are alive.
    pub fn counted(body: B, gauge: Arc<ChunkGauge>) -> Self {
        let gate = Gate { gauge: Some(gauge), ..Gate::default() };
        Self { body, gate: Arc::new(Mutex::new(gate)), holds_end: false }
    }

    /// Returns the same body, which reports its end only when its last frame has been dropped, for callers that need to
    /// know that the client has taken all of it. By default, nothing follows the last frame, and so the end is reported with
    /// it.
    ///
    /// hyper gives the last frame of a stream of HTTP/2 to the connection and forgets the body, although the client's
    /// window may be closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, JsonBody, OneChunk};
    /// use http_body_util::BodyExt;
    /// use hyper::body::Body;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut body = OneChunk::new(JsonBody::new(Format::Array, 0..3)).hold_end();
    /// let only = body.frame().await;
    /// assert!(!body.is_end_stream() && body.has_frame_alive());
    /// drop(only);
    /// assert!(body.is_end_stream());
    /// # }
    /// ```
    pub fn hold_end(mut self) -> Self {
        self.holds_end = true;
        self
    }

    /// Returns whether a frame is alive.
    pub fn has_frame_alive(&self) -> bool {
        with(&self.gate, |gate| gate.closed)
    }
}

impl<B: Body<Data = Bytes>> Body for OneChunk<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let has_ended = this.body.is_end_stream();
        // Nothing follows the last frame, so the end is reported even while that frame is alive.
        let closed = (!has_ended || *this.holds_end)
            && with(this.gate, |gate| {
                if gate.closed {
                    gate.waiting = Some(cx.waker().clone());
                }
                gate.closed
            });
        if closed {
            return Poll::Pending;
        }
        if has_ended && *this.holds_end {
            return Poll::Ready(None);
        }
        let frame = ready!(this.body.poll_frame(cx));
        Poll::Ready(frame.map(|frame| {
            frame.map(|frame| {
                frame.map_data(|bytes| {
                    with(this.gate, |gate| {
                        gate.closed = true;
                        gate.gauge.as_deref().inspect(|gauge| gauge.one_more());
                    });
                    Bytes::from_owner(Passed { bytes, gate: Arc::clone(this.gate) })
                })
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && !(self.holds_end && self.has_frame_alive())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl AsRef<[u8]> for Passed {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Passed {
    fn drop(&mut self) {
        // The memory is freed before the next frame can be made.
        self.bytes = Bytes::new();
        let waiting = with(&self.gate, |gate| {
            gate.closed = false;
            gate.gauge.as_deref().inspect(|gauge| gauge.one_less());
            gate.waiting.take()
        });
        if let Some(waker) = waiting {
            waker.wake();
        }
    }
}

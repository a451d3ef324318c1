//! The body: records in, frames of 16 KiB out.
//!
//! A [`JsonBody`] holds at most one chunk: the one that its source fills. Once full, it is handed out as a frame. Its
//! memory, which `chunk.rs` manages, is used again as soon as the frame has been dropped.

use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::chunk::{self, CHUNK_SIZE};
use super::cut;
use super::document::Document;
use super::error::Error;
use super::format::Format;
use super::layout::Layout;
use super::record::Record;
use super::records::{Records, Stopped};
use super::source::{Iter, Movable, Source};

pin_project! {
    /// An HTTP body that encodes records into chunks as the connection takes them.
    ///
    /// - **Fixed.** Every data frame but the last is exactly [`CHUNK_SIZE`] bytes, unless the source pauses: what is in
    ///   the chunk then goes out at once, or waits if [`full_chunks`](Self::full_chunks) is set.
    /// - **Lazy.** No record is pulled before there is room for its first byte in the chunk being filled.
    /// - **One chunk.** The body holds the chunk that it fills, and between two frames only the end of a record that
    ///   did not fit. A frame that it handed out lives until its receiver drops it; [`OneChunk`](crate::OneChunk) waits
    ///   for that. A thread keeps the buffer of one dropped frame for whichever body comes next.
    /// - **Zero-copy.** A frame is the memory that the records were encoded into. Only the end of a record that spans
    ///   two chunks is moved, once, to the start of the next.
    /// - **Same bytes.** What is sent depends on the records alone, not on where chunks end or when the source paused.
    /// - **An honest end.** If the source fails, everything before the failed record is handed out, then the error,
    ///   with one `Pending` in between so that a connection writes the data before it sees the error. What was handed
    ///   out is never a whole document: an array and an envelope lack their end, and lines end with a `{` that nothing
    ///   closes. So a client's parser fails even if a proxy hides that the response was cut. If a server has to end the
    ///   response, [`poll_cut`](crate::poll_cut) makes the body end like that.
    ///
    /// A record longer than a chunk is encoded whole and handed out in frames of [`CHUNK_SIZE`]; while it is sent, the
    /// body holds what is left of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{CHUNK_SIZE, Format, JsonBody};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let mut body = JsonBody::new(Format::Lines, 0..10_000);
    /// let mut sizes = Vec::new();
    /// while let Some(frame) = body.frame().await {
    ///     sizes.push(frame.unwrap().into_data().unwrap().len());
    /// }
    /// assert_eq!(sizes, [CHUNK_SIZE, CHUNK_SIZE, 48_890 - 2 * CHUNK_SIZE]);
    /// # }
    /// ```
    #[must_use = "a body does nothing before it is polled"]
    pub struct JsonBody<S> {
        #[pin]
        source: S,
        document: Document,
        // Whether frames were split off the chunk, a long record, so that they share its allocation.
        is_split: bool,
        full_chunks: bool,
        state: State,
    }
}

#[derive(Debug)]
enum State {
    /// There may be more records.
    Open,
    /// A record is being pulled or encoded. A body that is polled in this state has panicked before.
    Filling,
    /// The document is complete; what the chunk holds is all that is left to send.
    Complete,
    /// The source failed; what the chunk holds goes out first.
    Failed(Error),
    /// Everything before the failure was handed out, and the connection has had a chance to write it.
    Failing(Error),
    /// Nothing is left.
    Done,
}

impl State {
    /// Returns the state after a failure, which leaves the document open.
    fn failed(document: &mut Document, error: Error) -> Self {
        document.leave_open();
        Self::Failed(error)
    }
}

impl<I: Iterator<Item: Record>> JsonBody<Iter<I>> {
    /// Returns a body of the records that an iterator yields, put together as a [`Format`] or an
    /// [`Envelope`](crate::Envelope).
    ///
    /// The connection pulls the iterator. If that blocks, because it waits for a disk, a database or a lock, it stalls
    /// its worker for every other client: [`offload`](Self::offload) it. A [stream](Self::from_stream) that asks for
    /// one page after the other, each from the key where the last one ended, blocks nobody and needs no thread.
    pub fn new(layout: impl Into<Layout>, records: impl IntoIterator<IntoIter = I>) -> Self {
        Self::from_stream(layout, Iter(records.into_iter()))
    }
}

impl<S: Stream<Item: Record>> JsonBody<S> {
    /// Returns a body of the records that an asynchronous source yields.
    ///
    /// When the source pauses, what is in the chunk goes out at once, unless [`full_chunks`](Self::full_chunks) is set.
    /// It must not block, which would stall its worker for every other client.
    pub fn from_stream(layout: impl Into<Layout>, source: S) -> Self {
        Self::from_source(layout, source)
    }
}

impl<S: Source> JsonBody<S> {
    /// Returns a body of the records that a source writes, such as one that [fills](Source) chunks by itself.
    pub fn from_source(layout: impl Into<Layout>, source: S) -> Self {
        let mut document = Document::new(layout.into());
        let failure = document.layout.take_failure();
        let state = failure.map_or(State::Open, |error| State::failed(&mut document, error));
        Self { source, document, is_split: false, full_chunks: false, state }
    }

    /// Pulls the first record, so that a service can still send another response if the source fails at once.
    ///
    /// The body begins with that record; its bytes are the same without this call. Exactly one record is pulled,
    /// however many are available: a source that fails later ends the body with an error in mid-document.
    ///
    /// The body is moved afterwards: put a source that is not [`Movable`] into a box, `Box::pin(source)`.
    ///
    /// # Errors
    ///
    /// Returns an error if the source fails instead of yielding its first record, or if a field before the array of an
    /// [`Envelope`](crate::Envelope) could not be encoded. Nothing was sent, so the response can still have a status
    /// such as 500.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, JsonBody};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// async fn status(rows: Vec<Result<u64, &'static str>>) -> u16 {
    ///     match JsonBody::new(Format::Array, rows).ready().await {
    ///         Ok(_body) => 200,
    ///         Err(_error) => 500,
    ///     }
    /// }
    ///
    /// assert_eq!(status(vec![]).await, 200);
    /// assert_eq!(status(vec![Ok(1), Err("connection reset")]).await, 200, "it is cut after the first record");
    /// assert_eq!(status(vec![Err("no such table")]).await, 500);
    /// # }
    /// ```
    pub async fn ready(mut self) -> Result<Self, Error>
    where
        S: Movable,
    {
        if self.document.chunk.is_empty() && matches!(self.state, State::Open) {
            let filled = poll_fn(|cx| {
                let filled = Pin::new(&mut self).fill(1, cx);
                if filled.is_pending() {
                    self.state = State::Open;
                    chunk::reuse(mem::take(&mut self.document.chunk));
                }
                filled
            });
            self.state = filled.await;
        }
        match self.state {
            State::Failed(error) if self.document.records == 0 => Err(error),
            _ => Ok(self),
        }
    }

    /// Keeps a chunk until it is full, even when the source pauses.
    ///
    /// Every frame but the last is then [`CHUNK_SIZE`] bytes, whatever the source does; a record that the source has
    /// yielded stays in the chunk until others have filled it, or the source ends or fails. This saves packets, system
    /// calls and chunk heads if a source pauses often and nobody waits for single records. Without it, what is in the
    /// chunk goes out at each pause.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{CHUNK_SIZE, Format, JsonBody};
    /// use http_body_util::BodyExt;
    /// # use std::pin::Pin;
    /// # use std::task::{Context, Poll};
    /// #
    /// # struct Ticks(u32, bool);
    /// #
    /// # impl futures_core::Stream for Ticks {
    /// #     type Item = u32;
    /// #
    /// #     fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u32>> {
    /// #         self.1 = !self.1;
    /// #         if self.1 {
    /// #             cx.waker().wake_by_ref();
    /// #             return Poll::Pending;
    /// #         }
    /// #         self.0 += 1;
    /// #         Poll::Ready((self.0 <= 10_000).then_some(self.0))
    /// #     }
    /// # }
    /// #
    /// # fn ticks() -> Ticks {
    /// #     Ticks(0, false)
    /// # }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// // A source that pauses before every number.
    /// let mut prompt = JsonBody::from_stream(Format::Lines, ticks());
    /// assert_eq!(prompt.frame().await.unwrap().unwrap().into_data().unwrap(), "1\n");
    ///
    /// let mut full = JsonBody::from_stream(Format::Lines, ticks()).full_chunks();
    /// assert_eq!(full.frame().await.unwrap().unwrap().into_data().unwrap().len(), CHUNK_SIZE);
    /// # }
    /// ```
    pub fn full_chunks(mut self) -> Self {
        self.full_chunks = true;
        self
    }

    /// Fills the chunk until it holds `enough` bytes. Returns `Pending` if there are no more records for now.
    #[inline]
    fn fill(self: Pin<&mut Self>, enough: usize, cx: &mut Context<'_>) -> Poll<State> {
        let this = self.project();
        *this.state = State::Filling;
        let document = this.document;
        let mut stopped = this.source.poll_fill(cx, &mut Records { document, enough });
        if let Poll::Ready(Ok(Stopped::Ended)) = stopped {
            stopped = Poll::Ready(document.close().map(|()| Stopped::Ended));
        }
        if let Poll::Ready(Ok(Stopped::Full)) = stopped
            && document.chunk.len() < enough
        {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        stopped.map(|stopped| match stopped {
            Ok(Stopped::Full) => State::Open,
            Ok(Stopped::Ended) => State::Complete,
            Err(error) => {
                let error = error.after(document.records);
                State::failed(document, error)
            }
        })
    }
}

impl<S> JsonBody<S> {
    /// Returns the same body with another source.
    pub(super) fn map_source<T>(self, map: impl FnOnce(S) -> T) -> JsonBody<T> {
        let Self { source, document, is_split, full_chunks, state } = self;
        JsonBody { source: map(source), document, is_split, full_chunks, state }
    }

    /// Returns the format, and how many records were encoded so far.
    pub(crate) fn produced(&self) -> (Format, u64) {
        (self.document.layout.format(), self.document.records)
    }

    /// Returns whether only an error of the source follows what the chunk holds.
    pub(crate) fn has_failed(&self) -> bool {
        matches!(self.state, State::Filling) || self.error().is_some()
    }

    /// Returns the error of the source that follows what the chunk holds, unless it is that of a panic that was not
    /// polled after.
    pub(crate) fn error(&self) -> Option<&Error> {
        match &self.state {
            State::Failed(error) | State::Failing(error) if !error.is_cut() => Some(error),
            _ => None,
        }
    }
}

impl<S: Source> Body for JsonBody<S> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut paused = false;
        if matches!(self.state, State::Filling) {
            let this = self.as_mut().project();
            let panicked = Error::panicked().after(this.document.records);
            *this.state = State::failed(this.document, panicked);
        }
        if matches!(self.state, State::Open) && cut::is_cut() {
            let this = self.as_mut().project();
            let cut = Error::cut().after(this.document.records);
            *this.state = State::failed(this.document, cut);
        }
        if self.document.chunk.len() < CHUNK_SIZE && matches!(self.state, State::Open) {
            let filled = self.as_mut().fill(CHUNK_SIZE, cx);
            paused = filled.is_pending();
            *self.as_mut().project().state = match filled {
                Poll::Ready(state) => state,
                Poll::Pending => State::Open,
            };
        }

        if paused && self.full_chunks && !self.document.chunk.is_empty() {
            return Poll::Pending;
        }

        let this = self.project();
        let chunk = &mut this.document.chunk;
        if !chunk.is_empty() {
            this.document.is_begun = true;
            let frame = if chunk.len() < 2 * CHUNK_SIZE {
                let tail = BytesMut::from(chunk.get(CHUNK_SIZE..).unwrap_or_default());
                chunk.truncate(CHUNK_SIZE);
                let whole = mem::replace(chunk, tail);
                if mem::take(this.is_split) { whole.freeze() } else { chunk::frame(whole) }
            } else {
                *this.is_split = true;
                chunk.split_to(CHUNK_SIZE).freeze()
            };
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        match mem::replace(this.state, State::Done) {
            State::Open => {
                // The pause may be long.
                chunk::reuse(mem::take(chunk));
                *this.state = State::Open;
                Poll::Pending
            }
            State::Filling => unreachable!("a panic was made a failure above"),
            State::Failed(error) => {
                #[cfg(feature = "tracing")]
                if !error.is_cut() {
                    error.log();
                }
                *this.state = State::Failing(error);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            State::Failing(error) => Poll::Ready(Some(Err(error))),
            State::Complete | State::Done => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.document.chunk.is_empty() && matches!(self.state, State::Complete | State::Done)
    }

    /// Returns an exact size if the source has been polled to its end: what a source says of its size may be wrong.
    fn size_hint(&self) -> SizeHint {
        let Document { layout, chunk, records, .. } = &self.document;
        let held = chunk.len() as u64;
        match self.state {
            State::Complete | State::Done => SizeHint::with_exact(held),
            State::Open => {
                let opening = if *records == 0 { layout.opening_len() } else { 0 };
                at_least(held + (opening + layout.closing_len()) as u64)
            }
            State::Filling | State::Failed(_) | State::Failing(_) => at_least(held),
        }
    }
}

impl<S> fmt::Debug for JsonBody<S> {
    /// Formats figures, and neither records nor the source, which may hold some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonBody")
            .field("document", &self.document)
            .field("full_chunks", &self.full_chunks)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

fn at_least(bytes: u64) -> SizeHint {
    let mut hint = SizeHint::new();
    hint.set_lower(bytes);
    hint
}

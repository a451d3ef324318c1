//! The body of a response at the edge, where it leaves for the transport: one chunk at a time, and its end is told.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, ChunkGauge, OneChunk, poll_cut};
use http::{HeaderMap, header};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::catch_panic::CatchPanic;
use super::report::Report;
use crate::observe::Observe;

pin_project! {
    /// What is said: by the service, or instead of it.
    #[project = SaidNow]
    enum Said<B> {
        Service { #[pin] body: CatchPanic<OneChunk<B>> },
        Failure { text: Option<Bytes> },
    }
}

pin_project! {
    /// The body of a response, of the service or for a failure of it, and what is told when it ends.
    pub(crate) struct ResponseBody<B, O: Observe> {
        #[pin]
        body: Said<B>,
        report: Option<Box<Report<O>>>,
        bytes: u64,
        // How many bytes the head announces.
        length: Option<u64>,
    }

    impl<B, O: Observe> PinnedDrop for ResponseBody<B, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(report) = this.report.take() {
                // What belongs to the body, such as a hook, may still add to the report.
                this.body.set(Said::Failure { text: None });
                report.dropped(*this.bytes);
            }
        }
    }
}

impl<B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>, O: Observe> ResponseBody<B, O> {
    /// The body of the service.
    pub(super) fn new(body: B, headers: &HeaderMap, report: Box<Report<O>>, chunks: Arc<ChunkGauge>) -> Self {
        let length = body.size_hint().exact().or_else(|| announced(headers));
        // A short response is no chunk of a stream.
        let is_short = length.is_some_and(|length| length <= CHUNK_SIZE as u64);
        let body = if is_short { OneChunk::new(body) } else { OneChunk::counted(body, chunks) };
        // A frame of a stream whose task has ended could not be given up any more.
        let body = if report.stream().is_some() { body.hold_end() } else { body };
        Self::with(Said::Service { body: CatchPanic::new(body) }, length, report)
    }

    /// What is said instead of a service that failed.
    pub(super) fn failure(text: Bytes, report: Box<Report<O>>) -> Self {
        let length = text.len() as u64;
        Self::with(Said::Failure { text: Some(text) }, Some(length), report)
    }

    /// What is said if nothing but the head is sent.
    pub(super) fn nothing(report: Box<Report<O>>) -> Self {
        Self::with(Said::Failure { text: None }, Some(0), report)
    }

    /// Whether its end can be told without a coding.
    pub(super) fn is_of_known_length(&self) -> bool {
        self.length.is_some()
    }

    fn with(body: Said<B>, length: Option<u64>, report: Box<Report<O>>) -> Self {
        let mut report = Some(report);
        // hyper asks a body for nothing that is empty, announced to be, or not to be sent.
        if (body.is_end_stream() || length == Some(0) || report.as_ref().is_some_and(|report| report.is_head_only()))
            && let Some(report) = report.take()
        {
            report.complete(0);
        }
        Self { body, report, bytes: 0, length }
    }
}

impl<B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>, O: Observe> Body for ResponseBody<B, O> {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    // Inlined into hyper's loop, it would make that loop too long for the processor's first cache.
    #[inline(never)]
    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut this = self.project();
        let is_cut = this.report.as_ref().is_some_and(|report| report.is_cut());
        let mut polled = match this.body.as_mut().project() {
            SaidNow::Service { body } if is_cut => poll_cut(body, cx),
            SaidNow::Service { body } => body.poll_frame(cx),
            SaidNow::Failure { text } => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
        };
        if is_cut && polled.is_pending() && !this.body.has_frame_alive() {
            // It has had its last words, and they have gone.
            polled = Poll::Ready(Some(Err(Cut.into())));
        }
        let stream = this.report.as_ref().and_then(|report| report.stream());
        if let Some(stream) = stream {
            match &polled {
                Poll::Ready(Some(Ok(frame))) => stream.frame(frame.data_ref().map_or(0, Bytes::len)),
                Poll::Pending if !this.body.has_frame_alive() => stream.pauses(),
                _ => {}
            }
        }
        let is_stream = stream.is_some();
        let frame = ready!(polled);
        let mut is_last = frame.is_none() || this.body.is_end_stream();
        match &frame {
            Some(Ok(frame)) => {
                *this.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                is_last |= frame.is_trailers() || !is_stream && *this.length == Some(*this.bytes);
            }
            Some(Err(error)) => match this.report.take() {
                Some(report) if is_cut => report.dropped(*this.bytes),
                Some(report) => report.failed(*this.bytes, &**error),
                None => {}
            },
            None => {}
        }
        // hyper does not ask again if it knows that nothing follows.
        if is_last && let Some(report) = this.report.take() {
            match *this.length {
                Some(length) if *this.bytes < length => {
                    let bytes = *this.bytes;
                    report.failed(bytes, &TooShort { bytes, length });
                }
                _ => report.complete(*this.bytes),
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Said::Service { body } => body.size_hint(),
            Said::Failure { text } => SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64)),
        }
    }
}

impl<B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>> Said<B> {
    fn is_end_stream(&self) -> bool {
        match self {
            Self::Service { body } => body.is_end_stream(),
            Self::Failure { text } => text.is_none(),
        }
    }

    fn has_frame_alive(&self) -> bool {
        match self {
            Self::Service { body } => body.inner().has_frame_alive(),
            Self::Failure { .. } => false,
        }
    }
}

/// The error of a body that the engine cuts.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the engine ended the response")
    }
}

impl StdError for Cut {}

/// The error of a body that has fewer bytes than its head announces.
#[derive(Debug)]
struct TooShort {
    bytes: u64,
    length: u64,
}

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its body ended after {} of {} bytes that its head announced", self.bytes, self.length)
    }
}

impl StdError for TooShort {}

/// The length that a head announces.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

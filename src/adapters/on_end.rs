//! A body that reports how it ended, exactly once.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::drop_outcome::DropOutcome;
use super::end::{End, Outcome};
use crate::body::error::Error;
use crate::body::format::Format;
use crate::body::json_body::JsonBody;
use crate::body::source::Source;

pin_project! {
    /// A [`JsonBody`] with a hook for its end, made by [`JsonBody::on_end`].
    ///
    /// The hook is called once: with the last frame, with the error, or when the body is dropped before either.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{End, Format, Iter, JsonBody, OnEnd};
    ///
    /// fn body(records: Vec<u32>) -> OnEnd<Iter<std::vec::IntoIter<u32>>, fn(&End<'_>)> {
    ///     JsonBody::new(Format::Array, records).on_end(|end| println!("{:?}", end.outcome))
    /// }
    /// # drop(body(vec![1, 2]));
    /// ```
    #[must_use = "a body does nothing before it is polled"]
    pub struct OnEnd<S, F>
    where
        S: Source,
        F: FnOnce(&End<'_>),
    {
        #[pin]
        body: JsonBody<S>,
        hook: Option<F>,
        drop_outcome: Option<DropOutcome>,
        is_polled: bool,
        bytes: u64,
        start: Instant,
    }

    impl<S, F> PinnedDrop for OnEnd<S, F>
    where
        S: Source,
        F: FnOnce(&End<'_>),
    {
        fn drop(this: Pin<&mut Self>) {
            let outcome = match this.dropped() {
                // An empty body is never polled.
                _ if this.body.is_end_stream() => Outcome::Complete,
                _ if this.body.has_failed() => Outcome::SourceFailed,
                Outcome::ClientGone if !this.is_polled => Outcome::Unpolled,
                dropped => dropped,
            };
            this.end(outcome, None);
        }
    }
}

impl<S: Source> JsonBody<S> {
    /// Calls `hook` once when the body ends, with what was sent and how it ended.
    ///
    /// The hook is called by the connection, even if the records are [offloaded](JsonBody::offload), and must not block.
    /// A body that is dropped, or [cut](crate::poll_cut), before its end has the [outcome](End::outcome)
    /// [`ClientGone`](crate::Outcome::ClientGone), unless [`OnEnd::drop_outcome`] sets another, or
    /// [`Unpolled`](crate::Outcome::Unpolled) if it was never polled.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, JsonBody, Outcome};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let body = JsonBody::new(Format::Array, 1..=3).on_end(|end| {
    ///     assert_eq!((end.outcome, end.records, end.bytes), (Outcome::Complete, 3, 7));
    /// });
    /// body.collect().await.unwrap();
    /// # }
    /// ```
    pub fn on_end<F: FnOnce(&End<'_>)>(self, hook: F) -> OnEnd<S, F> {
        OnEnd { body: self, hook: Some(hook), drop_outcome: None, is_polled: false, bytes: 0, start: Instant::now() }
    }
}

impl<S: Source, F: FnOnce(&End<'_>)> OnEnd<S, F> {
    /// Sets the outcome of a body that is dropped or cut before its end, instead of [`Outcome::ClientGone`].
    pub fn drop_outcome(mut self, outcome: DropOutcome) -> Self {
        self.drop_outcome = Some(outcome);
        self
    }

    /// Returns the format of the body.
    pub(crate) fn format(&self) -> Format {
        self.body.produced().0
    }

    /// Returns the outcome of a body that nobody wants any more.
    fn dropped(&self) -> Outcome {
        self.drop_outcome.as_ref().map_or(Outcome::ClientGone, DropOutcome::get)
    }

    /// Calls the hook, with an error if it was handed out, or the one that the body still has.
    fn end(self: Pin<&mut Self>, outcome: Outcome, error: Option<&Error>) {
        let this = self.project();
        if let Some(hook) = this.hook.take() {
            let (format, records) = this.body.produced();
            let error = error.or_else(|| this.body.error());
            // A body that has panicked, and was not polled again.
            let has_panicked = outcome == Outcome::SourceFailed && error.is_none();
            let panicked = has_panicked.then(|| Error::panicked().after(records));
            let error = error.or(panicked.as_ref());
            hook(&End { outcome, error, format, records, bytes: *this.bytes, elapsed: this.start.elapsed() });
        }
    }
}

impl<S: Source, F: FnOnce(&End<'_>)> Body for OnEnd<S, F> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.as_mut().project();
        *this.is_polled = true;
        let frame = ready!(this.body.poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            *this.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        match &frame {
            Some(Err(error)) if error.is_cut() => {
                let outcome = self.dropped();
                self.end(outcome, None);
            }
            Some(Err(error)) => self.end(Outcome::SourceFailed, Some(error)),
            // A caller that knows that nothing follows does not poll again.
            _ if self.is_end_stream() => self.end(Outcome::Complete, None),
            _ => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<S: Source, F: FnOnce(&End<'_>)> fmt::Debug for OnEnd<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnEnd").field("body", &self.body).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

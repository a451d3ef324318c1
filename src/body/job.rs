//! A chunk that is filled elsewhere, by the same loop.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Weak;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use super::document::Document;
use super::error::Error;
use super::fill::fill;
use super::record::Record;
use super::records::Stopped;

/// A chunk that is to be filled with the records of an iterator that may block: the argument of the closure of
/// [`JsonBody::offload`](crate::JsonBody::offload).
///
/// It is [`Send`] if the iterator is. If it is dropped instead of run, so is the iterator, and the future has to fail.
///
/// # Examples
///
/// ```
/// use chunkwire::{Filled, Format, Job, JsonBody};
/// use http_body_util::BodyExt;
/// use tokio::task::{JoinError, spawn_blocking};
///
/// async fn run<I>(job: Job<I>) -> Result<Filled<I>, JoinError>
/// where
///     I: Iterator<Item = u64> + Send + 'static,
/// {
///     spawn_blocking(|| job.run()).await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let body = JsonBody::new(Format::Lines, 1..=2).offload(run);
/// assert_eq!(body.collect().await.unwrap().to_bytes(), "1\n2\n");
/// # }
/// ```
#[must_use = "a job does nothing before it is run"]
pub struct Job<I> {
    pub(super) records: I,
    pub(super) document: Document,
    pub(super) enough: usize,
    // It ends with the body.
    pub(super) wanted: Weak<()>,
}

impl<I: Iterator<Item: Record>> Job<I> {
    /// Pulls records and encodes them until the chunk is full, the iterator ends or fails, or the body is dropped.
    ///
    /// It blocks for as long as the iterator does. A panic of the iterator or of a record is caught here; it fails the
    /// body.
    pub fn run(self) -> Filled<I> {
        let Self { mut records, mut document, enough, wanted } = self;
        let fill = || {
            let records = pin!(WhileWanted { records: &mut records, wanted });
            let stopped = fill(records, &mut document, enough, &mut Context::from_waker(Waker::noop()));
            if let Poll::Ready(Ok(Stopped::Ended)) = stopped {
                document.close()?;
            }
            stopped
        };
        // After a panic the iterator is not pulled again, and the chunk ends with the last whole record.
        let stopped = catch_unwind(AssertUnwindSafe(fill)).unwrap_or_else(|_| Poll::Ready(Err(Error::panicked())));
        // Dropping an iterator that is not needed any more may block, too.
        let records = matches!(stopped, Poll::Ready(Ok(Stopped::Full))).then_some(records);
        Filled { records, document, stopped }
    }
}

/// What a [`Job`] returns, for the body from which it comes.
///
/// # Examples
///
/// ```
/// use chunkwire::{Filled, Format, JsonBody};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let body = JsonBody::new(Format::Array, 1..=3).offload(|job| {
///     // Not offloaded at all: it runs here.
///     let filled: Filled<_> = job.run();
///     std::future::ready(Ok::<_, std::convert::Infallible>(filled))
/// });
/// assert_eq!(body.collect().await.unwrap().to_bytes(), "[1,2,3]");
/// # }
/// ```
#[must_use = "the body waits for it"]
pub struct Filled<I> {
    /// The iterator, if there may be more records.
    pub(super) records: Option<I>,
    pub(super) document: Document,
    pub(super) stopped: Poll<Result<Stopped, Error>>,
}

/// The records of an iterator until nobody waits for them; then a pause without end.
struct WhileWanted<'a, I> {
    records: &'a mut I,
    wanted: Weak<()>,
}

impl<I: Iterator> Stream for WhileWanted<'_, I> {
    type Item = I::Item;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        if self.wanted.strong_count() == 0 { Poll::Pending } else { Poll::Ready(self.records.next()) }
    }
}

impl<I> fmt::Debug for Job<I> {
    /// Formats no record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("document", &self.document).finish_non_exhaustive()
    }
}

impl<I> fmt::Debug for Filled<I> {
    /// Formats no record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filled")
            .field("document", &self.document)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}

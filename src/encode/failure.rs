//! Why a value could not be written, from where it failed to where it is asked for.
//!
//! A writer only knows that a value failed. The cause waits here, so that a writer has nothing to drop: it then stays in
//! registers where it fills a chunk (ARCHITECTURE.md has the figures). No writer leaves its thread.

use std::cell::Cell;
use std::error::Error;

use super::writer::Writer;

/// Why a value could not be written.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

thread_local! {
    static CAUSE: Cell<Option<Failure>> = const { Cell::new(None) };
}

impl Writer<'_> {
    /// Notes that a value can't be written as JSON, and why. What is written after that does not matter.
    ///
    /// A body ends as if its source had failed, with `cause` as the cause of its error, and nothing of the record is
    /// sent. So does what writes a value by [`Record::write`](crate::Record::write), as a `Writer` of one's own should
    /// be used: it returns the error. The first of several causes counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use chunkwire::{Encode, Record, Writer};
    ///
    /// /// A share in per cent, of something that there may be none of.
    /// struct Share(u32, u32);
    ///
    /// impl Encode for Share {
    ///     fn encode(&self, out: &mut Writer<'_>) {
    ///         match (100 * self.0).checked_div(self.1) {
    ///             Some(share) => share.encode(out),
    ///             None => out.fail("a share of nothing"),
    ///         }
    ///     }
    /// }
    ///
    /// let mut bytes = BytesMut::new();
    /// assert!([Share(1, 2)].write(&mut Writer::new(&mut bytes)).is_ok());
    /// assert_eq!(bytes, "[50]");
    /// let error = [Share(1, 0)].write(&mut Writer::new(&mut bytes)).unwrap_err();
    /// assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "a share of nothing");
    /// ```
    // Inlined, so that the writer of a fill loop stays in registers; what keeps the cause is not.
    #[inline(always)]
    pub fn fail(&mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) {
        if !self.has_failed {
            self.has_failed = true;
            keep(cause);
        }
    }

    /// Returns why a value failed, if one did since the last call.
    #[inline(always)]
    pub(crate) fn take_failure(&mut self) -> Option<Failure> {
        if !self.has_failed {
            return None;
        }
        self.has_failed = false;
        Some(take())
    }
}

/// Keeps the cause of the writer on this thread that failed last.
#[cold]
#[inline(never)]
fn keep(cause: impl Into<Failure>) {
    // Where a thread is ending, no cause is kept.
    let _ = CAUSE.try_with(|kept| kept.set(Some(cause.into())));
}

/// Takes the cause of a writer that has failed. If another writer has failed since, it is lost, but not the failure.
#[cold]
#[inline(never)]
fn take() -> Failure {
    CAUSE.try_with(Cell::take).ok().flatten().unwrap_or_else(|| "a value could not be written as JSON".into())
}

//! What is told of pages while they are read.

use std::time::Duration;

use super::error::PagesError;

/// What [`Pages`](crate::Pages) tell of themselves, such as for metrics; each method does nothing by default.
///
/// Rows that were thrown away, and pages that were taken back, are what slow clients cost the database.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use chunkwire_postgres::ObservePages;
///
/// /// Counts the rows that were sent.
/// #[derive(Default)]
/// struct Sent(AtomicU64);
///
/// impl ObservePages for Sent {
///     fn page_end(&self, sent: usize, _thrown_away: usize) {
///         self.0.fetch_add(sent as u64, Ordering::Relaxed);
///     }
/// }
///
/// let sent = Sent::default();
/// sent.page_end(37, 3);
/// assert_eq!(sent.0.into_inner(), 37);
/// ```
pub trait ObservePages: Send + Sync {
    /// A connection was waited for, this long, whether there was one in the end or not.
    fn connection(&self, _waited: Duration) {}

    /// The first rows of a page have come, this time after it was asked for.
    fn page_begin(&self, _took: Duration) {}

    /// A page is over: so many of its rows were sent, and so many that were asked for were not.
    fn page_end(&self, _sent: usize, _thrown_away: usize) {}

    /// A client did not come back in time, so that its connection was taken from it.
    fn taken_back(&self) {}

    /// A page failed, and will be asked for again.
    fn retry(&self, _error: &PagesError) {}
}

/// Tells nobody.
pub(super) struct Nobody;

impl ObservePages for Nobody {}

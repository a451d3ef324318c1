//! Whether a page that failed is asked for again.

use std::time::Duration;

use tokio::time::Instant;

use super::error::PagesError;

/// How long after its first failure a page is asked for again.
const IN_ALL: Duration = Duration::from_secs(30);

/// How often a page that fails after it was asked for is asked for again.
const FAILURES: u32 = 3;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The failures since the last row.
#[derive(Debug, Default)]
pub(super) struct Retry {
    since: Option<Instant>,
    pauses: u32,
    failures: u32,
}

impl Retry {
    /// Notes that a row came.
    pub(super) fn progress(&mut self) {
        if self.since.is_some() {
            *self = Self::default();
        }
    }

    /// Returns how long to wait before the page is asked for again, or `None` if it is not.
    ///
    /// A database that is away, or whose connections are taken, is asked for 30 s. A page that fails although there is a
    /// connection is asked for three times more: it may be the reason. If no row has come yet, only a connection that was
    /// lost before it was used is replaced, since the client can still be told to come back later.
    pub(super) fn pause(&mut self, error: &PagesError, has_begun: bool) -> Option<Duration> {
        if !error.may_pass() {
            return None;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        self.failures += u32::from(error.had_connection());
        if since.elapsed() > IN_ALL || self.failures > FAILURES {
            return None;
        }
        if !has_begun {
            return matches!(error, PagesError::Database(_)).then_some(Duration::ZERO);
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.pauses.min(16));
        self.pauses += 1;
        Some(pause.min(LONGEST_PAUSE))
    }
}

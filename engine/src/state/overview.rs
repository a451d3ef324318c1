//! What is seen of all connections and streams from outside of their workers.
//!
//! Each writes down for itself how it goes on, without a lock; a look goes through all of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a response may wait for its client before that counts.
const MOMENT: Duration = Duration::from_secs(1);

/// All that are open, and what those have sent that are not any more.
#[derive(Debug)]
pub(crate) struct Overview {
    start: Instant,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    open: BTreeMap<usize, Arc<Progress>>,
    sent_before: u64,
}

/// How one of them goes on.
#[derive(Debug, Default)]
struct Progress {
    /// Since when it waits for its client, in milliseconds from the start, and one more; or 0 if it does not.
    waits_since: AtomicU64,
    sent: AtomicU64,
}

impl Default for Overview {
    fn default() -> Self {
        Self { start: Instant::now(), inner: Mutex::default() }
    }
}

impl Overview {
    /// Adds one, which is there until it is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> Entry {
        let entry = Entry { overview: Arc::clone(self), progress: Arc::default() };
        self.inner().open.insert(entry.key(), Arc::clone(&entry.progress));
        entry
    }

    /// How many have waited for their clients for more than a moment.
    pub(crate) fn stalled(&self) -> usize {
        let before = self.now().saturating_sub(MOMENT.as_millis() as u64);
        let is_stalled =
            |progress: &&Arc<Progress>| (1..before).contains(&progress.waits_since.load(Ordering::Relaxed));
        self.inner().open.values().filter(is_stalled).count()
    }

    /// How many bytes all of them have sent.
    pub(crate) fn sent(&self) -> u64 {
        let inner = self.inner();
        let now: u64 = inner.open.values().map(|progress| progress.sent.load(Ordering::Relaxed)).sum();
        inner.sent_before + now
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them, which is written by its worker alone.
#[derive(Debug)]
pub(crate) struct Entry {
    overview: Arc<Overview>,
    progress: Arc<Progress>,
}

impl Entry {
    /// It waits for its client, from now on unless it did so already.
    pub(super) fn waits(&self) {
        if self.progress.waits_since.load(Ordering::Relaxed) == 0 {
            self.progress.waits_since.store(self.overview.now(), Ordering::Relaxed);
        }
    }

    /// It does not wait for its client any more.
    pub(super) fn goes_on(&self) {
        self.progress.waits_since.store(0, Ordering::Relaxed);
    }

    /// Its client took bytes.
    pub(super) fn sent(&self, bytes: usize) {
        self.goes_on();
        // Only its worker writes.
        let sent = self.progress.sent.load(Ordering::Relaxed);
        self.progress.sent.store(sent + bytes as u64, Ordering::Relaxed);
    }

    fn key(&self) -> usize {
        Arc::as_ptr(&self.progress).addr()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut inner = self.overview.inner();
        inner.open.remove(&self.key());
        inner.sent_before += self.progress.sent.load(Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An overview that began some time ago.
    fn begun(ago: Duration) -> Arc<Overview> {
        Arc::new(Overview { start: Instant::now().checked_sub(ago).unwrap(), inner: Mutex::default() })
    }

    #[test]
    fn one_that_waits_counts_after_a_moment_and_until_something_moves() {
        let overview = begun(Duration::from_secs(60));
        let [long, short] = [overview.enter(), overview.enter()];
        short.waits();
        long.waits();
        assert_eq!(overview.stalled(), 0, "a moment has not passed");
        long.progress.waits_since.fetch_sub(MOMENT.as_millis() as u64 + 1, Ordering::Relaxed);
        long.waits();
        assert_eq!(overview.stalled(), 1, "it goes on waiting");
        long.sent(7);
        assert_eq!(overview.stalled(), 0);
    }

    #[test]
    fn what_was_sent_stays_when_its_connection_ends() {
        let overview = Arc::new(Overview::default());
        let [one, other] = [overview.enter(), overview.enter()];
        one.sent(5);
        other.sent(7);
        other.sent(1);
        assert_eq!(overview.sent(), 13);
        drop(other);
        assert_eq!(overview.sent(), 13);
        drop(one);
        assert_eq!((overview.sent(), overview.inner().open.len()), (13, 0));
    }
}

//! What the parts of a server know of it as a whole.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::metrics::Metrics;

/// What the parts of a server know of it as a whole.
#[derive(Debug, Default)]
pub(super) struct Status {
    pub(super) metrics: Metrics,
    stopping: AtomicBool,
    cut: AtomicUsize,
}

impl Status {
    /// The server was asked to stop.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// A response was cut since the server could wait no longer.
    pub(super) fn cut(&self) {
        self.cut.fetch_add(1, Ordering::Relaxed);
    }

    /// How many responses were cut.
    pub(super) fn cuts(&self) -> usize {
        self.cut.load(Ordering::Relaxed)
    }
}

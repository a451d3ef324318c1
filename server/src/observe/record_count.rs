//! How many records a response has, which only its body knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chunkwire::{End, Format};

/// The format of a response and how many records it has: an extension of the response, for the observer.
#[derive(Clone, Debug)]
pub(crate) struct RecordCount {
    pub(crate) format: Format,
    count: Arc<AtomicU64>,
}

impl RecordCount {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, count: Arc::default() }
    }

    /// The hook of the body that has the records.
    pub(crate) fn hook(&self) -> impl FnOnce(&End<'_>) + Send + use<> {
        let count = Arc::clone(&self.count);
        move |end| count.store(end.records, Ordering::Relaxed)
    }

    /// How many there are, after the body has ended.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

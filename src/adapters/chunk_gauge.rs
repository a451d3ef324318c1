//! The number of chunks alive, over all bodies that share a gauge.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the chunks that are alive, over all bodies that share the gauge.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use chunkwire::{ChunkGauge, Format, JsonBody, OneChunk};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let gauge = Arc::new(ChunkGauge::default());
/// let mut body = OneChunk::counted(JsonBody::new(Format::Array, 0..10_000), Arc::clone(&gauge));
///
/// let frame = body.frame().await;
/// assert_eq!(gauge.alive(), 1);
/// drop(frame);
/// assert_eq!((gauge.alive(), gauge.peak()), (0, 1));
/// # }
/// ```
#[derive(Debug, Default)]
pub struct ChunkGauge {
    alive: AtomicUsize,
    peak: AtomicUsize,
}

impl ChunkGauge {
    /// Returns how many chunks are alive now.
    pub fn alive(&self) -> usize {
        self.alive.load(Ordering::Relaxed)
    }

    /// Returns the largest number of chunks that were alive at once.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    pub(super) fn one_more(&self) {
        let alive = self.alive.fetch_add(1, Ordering::Relaxed) + 1;
        if alive > self.peak() {
            self.peak.fetch_max(alive, Ordering::Relaxed);
        }
    }

    pub(super) fn one_less(&self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

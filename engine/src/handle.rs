//! What a running engine tells about itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chunkwire::ChunkGauge;
use tokio_util::task::TaskTracker;

/// What a running engine tells about itself. Clones tell of the same engine.
#[derive(Clone, Debug)]
pub struct Handle(Arc<State>);

#[derive(Debug)]
struct State {
    /// The connections of each worker.
    connections: Vec<TaskTracker>,
    streams: Arc<AtomicUsize>,
    chunks: Arc<ChunkGauge>,
    is_stopping: AtomicBool,
    cut: AtomicUsize,
}

impl Handle {
    pub(crate) fn new(connections: Vec<TaskTracker>) -> Self {
        Self(Arc::new(State {
            connections,
            streams: Arc::default(),
            chunks: Arc::default(),
            is_stopping: AtomicBool::new(false),
            cut: AtomicUsize::new(0),
        }))
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.0.connections.iter().map(TaskTracker::len).sum()
    }

    /// How many streams of HTTP/2 are open on all connections: requests whose responses have not ended.
    pub fn streams(&self) -> usize {
        self.0.streams.load(Ordering::Relaxed)
    }

    /// Where streams are counted while they are open.
    pub(crate) fn open_streams(&self) -> &Arc<AtomicUsize> {
        &self.0.streams
    }

    /// The chunks of all responses that are on their way to sockets, but for responses that are announced to be no
    /// longer than a chunk.
    pub fn chunks(&self) -> &Arc<ChunkGauge> {
        &self.0.chunks
    }

    /// Whether the engine was asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.0.is_stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Counts responses that were cut because the engine could not wait any longer.
    pub(crate) fn count_cut(&self, responses: usize) {
        self.0.cut.fetch_add(responses, Ordering::Relaxed);
    }

    /// How many responses were cut.
    pub(crate) fn cut(&self) -> usize {
        self.0.cut.load(Ordering::Relaxed)
    }

    /// Ready when no connection is left and none can come any more.
    pub(crate) async fn all_ended(&self) {
        for connections in &self.0.connections {
            connections.close();
            connections.wait().await;
        }
    }
}

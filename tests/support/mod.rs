//! What the tests share: sources that count, transports that watch, a client that sees raw bytes, and the server.
#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod allocations;
pub(crate) mod records;

#[cfg(feature = "server")]
pub(crate) mod axum;
#[cfg(feature = "server")]
pub(crate) mod client;
#[cfg(feature = "server")]
pub(crate) mod connection;
#[cfg(feature = "server")]
pub(crate) mod example;
#[cfg(feature = "server")]
pub(crate) mod process;
#[cfg(feature = "server")]
pub(crate) mod server;
#[cfg(feature = "server")]
pub(crate) mod transport;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;

/// How long anything may take before a test gives up on it: far longer than it does on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Awaits what has to happen.
#[track_caller]
pub(crate) fn soon<F: Future>(event: F) -> impl Future<Output = F::Output> {
    let caller = std::panic::Location::caller();
    async move {
        let in_time = tokio::time::timeout(PATIENCE, event).await;
        in_time.unwrap_or_else(|_| panic!("what {caller} waits for did not happen in {PATIENCE:?}"))
    }
}

/// A waker that remembers that it was woken.
#[derive(Debug, Default)]
pub(crate) struct Woken(AtomicBool);

impl Woken {
    /// Whether it was woken since this was last asked.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// All data frames of a body that can be completed, each dropped only at the end.
pub(crate) async fn frames<B: Body<Data = Bytes, Error: std::fmt::Debug>>(body: B) -> Vec<Bytes> {
    let mut body = std::pin::pin!(body);
    let mut frames = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::as_mut(&mut body).poll_frame(cx)).await {
        frames.push(frame.unwrap().into_data().unwrap());
    }
    frames
}

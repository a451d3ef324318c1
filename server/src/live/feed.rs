//! The source of `/live`: what was sampled, and then a sample each second.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::watch::Receiver;

use super::live_samples::Live;
use super::sample::Sample;

type Told = Pin<Box<dyn Future<Output = Receiver<bool>> + Send>>;

/// All samples that are kept, and those that follow, up to the end of the server. A client that is too slow misses those
/// that are not kept any more.
pub(super) struct Feed {
    live: Live,
    next: u64,
    told: Told,
}

impl Feed {
    pub(super) fn new(live: Live) -> Self {
        let told = Box::pin(told(live.told()));
        Self { live, next: 0, told }
    }
}

/// Waits for a sample, or for the end.
async fn told(mut receiver: Receiver<bool>) -> Receiver<bool> {
    // Its sender is not dropped before the feed.
    let _ = receiver.changed().await;
    receiver
}

impl Stream for Feed {
    type Item = Sample;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Sample>> {
        let this = &mut *self;
        loop {
            if let Some((number, sample)) = this.live.from(this.next) {
                this.next = number + 1;
                return Poll::Ready(Some(sample));
            }
            let receiver = match *this.live.told().borrow() {
                true => return Poll::Ready(None),
                false => ready!(this.told.as_mut().poll(cx)),
            };
            this.told = Box::pin(told(receiver));
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("next", &self.next).finish_non_exhaustive()
    }
}

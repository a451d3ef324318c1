//! One alarm for many deadlines.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::time::{Sleep, sleep_until};

/// One alarm for many deadlines, of which most never come.
///
/// An alarm is moved only to ring earlier. If it rings too early, it is set again: that is once in a while, and
/// cheaper than moving it with each request.
#[derive(Debug)]
pub(super) struct Deadline(Pin<Box<Sleep>>);

impl Deadline {
    pub(super) fn at(first: Instant) -> Self {
        Self(Box::pin(sleep_until(first.into())))
    }

    /// Ready once `at` has come; until then the task is woken in time to ask again.
    pub(super) fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if at < self.0.deadline().into_std() {
            self.0.as_mut().reset(at.into());
        }
        loop {
            ready!(self.0.as_mut().poll(cx));
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            self.0.as_mut().reset(at.into());
        }
    }
}

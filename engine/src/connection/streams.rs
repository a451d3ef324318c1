//! The streams of a connection of HTTP/2: a task for each, which ends when it was waited for too long.
//!
//! hyper does not poll a body while the client's window is closed, so that no timer above its tasks could see a client
//! that does not read.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use hyper::rt::Executor;
use pin_project_lite::pin_project;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

use super::deadline::Deadline;
use crate::state::stream::Stream;

/// Runs the tasks of streams on the worker of their connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams {
    tasks: TaskTracker,
    /// The stream whose task comes next: hyper calls the service, and then makes a task of its future.
    next: Arc<Mutex<Option<Arc<Stream>>>>,
    /// Wakes all tasks once.
    wake: CancellationToken,
}

impl Streams {
    /// Says which stream the next task is of.
    pub(super) fn announce(&self, stream: Arc<Stream>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
    }

    /// Wakes all tasks, so that they see that the connection is cut.
    pub(super) fn wake(&self) {
        self.wake.cancel();
    }

    /// Waits until all tasks have ended, after their connection has.
    pub(super) async fn ended(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, future: F) {
        match self.next.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(stream) => {
                let wake = self.wake.clone().cancelled_owned();
                drop(self.tasks.spawn(Task { future, stream, alarm: None, wake }));
            }
            None => drop(self.tasks.spawn(future)),
        }
    }
}

pin_project! {
    /// The task of a stream. When it is dropped before its end, hyper resets the stream.
    struct Task<F> {
        #[pin]
        future: F,
        stream: Arc<Stream>,
        alarm: Option<Deadline>,
        #[pin]
        wake: WaitForCancellationFutureOwned,
    }
}

impl<F: Future<Output = ()>> Future for Task<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        // All that it has to do is to wake the task.
        let _ = this.wake.poll(cx);
        loop {
            if this.future.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut due = this.stream.due();
            // The client may have sent something meanwhile.
            while due > Instant::now() {
                ready!(this.alarm.get_or_insert_with(|| Deadline::at(due)).poll(due, cx));
                due = this.stream.due();
            }
            if !this.stream.too_long() {
                return Poll::Ready(());
            }
        }
    }
}

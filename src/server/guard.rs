//! Panics end what panicked, and nothing else.
//!
//! Nothing is logged here: the panic hook of the process has reported the panic already.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::thread;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// Calls a service.
pub(super) fn call<A>(service: impl FnOnce() -> A) -> thread::Result<A> {
    // What panicked is not used again.
    catch_unwind(AssertUnwindSafe(service))
}

/// Awaits what a service is going to answer.
pub(super) async fn answered<A: Future>(answer: A) -> thread::Result<A::Output> {
    let mut answer = pin!(answer);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

pin_project! {
    /// A [`JsonBody`](crate::JsonBody), wrapped or not, whose panics become its error.
    ///
    /// A panic would take the connection with all that it has not yet written. A body that was left by one hands out
    /// what it has and then an error, when it is polled again.
    #[derive(Debug)]
    pub(super) struct Guarded<B> {
        #[pin]
        body: B,
    }
}

impl<B> Guarded<B> {
    pub(super) fn new(body: B) -> Self {
        Self { body }
    }
}

impl<B: Body> Body for Guarded<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut body = self.project().body;
        catch_unwind(AssertUnwindSafe(|| body.as_mut().poll_frame(cx))).unwrap_or_else(|_| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

//! An error waits a little, so that what came before it is not lost on its way.
//!
//! A proxy that hears of a cut may drop what it has read and not yet passed on: Varnish 7.1 does, and tells its clients
//! of HTTP/2 that they have it all; nginx does if the connection is reset. So the cut comes after what a body says last,
//! by which clients know it for a part.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

/// How long an error waits. Nobody waits for it but the client of a response that has failed.
const WAIT: Duration = Duration::from_millis(200);

type Error = Box<dyn StdError + Send + Sync>;

pin_project! {
    /// A body whose error waits, after it has been told to all but the transport.
    pub(crate) struct LateError<B> {
        #[pin]
        body: B,
        // An error that waits, in a place of its own: few responses have one.
        waits: Option<(Error, Pin<Box<Sleep>>)>,
    }
}

impl<B> LateError<B> {
    pub(super) fn new(body: B) -> Self {
        Self { body, waits: None }
    }
}

impl<B: Body<Error = Error>> Body for LateError<B> {
    type Data = B::Data;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, Error>>> {
        let this = self.project();
        if this.waits.is_none() {
            match ready!(this.body.poll_frame(cx)) {
                Some(Err(error)) => *this.waits = Some((error, Box::pin(sleep(WAIT)))),
                frame => return Poll::Ready(frame),
            }
        }
        if let Some((_, wait)) = this.waits {
            ready!(wait.as_mut().poll(cx));
        }
        Poll::Ready(this.waits.take().map(|(error, _)| Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.waits.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: fmt::Debug> fmt::Debug for LateError<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LateError").field("body", &self.body).field("waits", &self.waits.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use chunkwire::{Format, JsonBody};
    use http_body_util::BodyExt;

    use super::super::catch_panic::CatchPanic;
    use super::*;

    #[tokio::test]
    async fn an_error_waits_after_what_was_said_last() {
        let mut body = LateError::new(CatchPanic::new(JsonBody::new(Format::Lines, [Ok(1), Err("no more")])));
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "1\n{");
        let said = Instant::now();
        assert!(!body.is_end_stream());
        assert!(body.frame().await.unwrap().is_err());
        assert!(said.elapsed() >= WAIT);
        assert!(body.frame().await.is_none() && body.is_end_stream());
    }
}

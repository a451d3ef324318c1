//! The last words of a body whose server has to end the response.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame};

thread_local! {
    // A body is polled through whatever is around it, and nothing of what that passes on could say this.
    static IS_CUT: Cell<bool> = const { Cell::new(false) };
}

/// Ends the poll, by a panic too.
struct Polled {
    was_cut: bool,
}

impl Drop for Polled {
    fn drop(&mut self) {
        IS_CUT.set(self.was_cut);
    }
}

/// Polls a body whose response its server has to end: because it shuts down, say.
///
/// A connection that ends inside of a response is not enough to tell a client that it has a part, since proxies hide it.
/// So a [`JsonBody`](crate::JsonBody) that has not ended and is polled by this function, through whatever is around it,
/// fails as if its source had: what it holds is handed out, then what no parser takes for an end, then, after one
/// `Pending`, an error that [`is_cut`](crate::Error::is_cut). Its source is not polled again. A body that has ended
/// ends as ever, and one of another type goes on as if it were not cut.
///
/// A server calls it instead of [`poll_frame`](Body::poll_frame) from then on, until the body ends or fails, and for a
/// limited time. `chunkwire-engine` does so.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use std::pin::pin;
///
/// use chunkwire::{Format, JsonBody, poll_cut};
/// use http_body_util::BodyExt;
/// use tokio_stream::StreamExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let source = tokio_stream::iter(1..=2).chain(tokio_stream::pending());
/// let mut body = pin!(JsonBody::from_stream(Format::Lines, source));
/// assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "1\n2\n");
///
/// // The source pauses, and the server can't wait for it.
/// let last = poll_fn(|cx| poll_cut(body.as_mut(), cx)).await.unwrap().unwrap();
/// assert_eq!(last.into_data().unwrap(), "{");
/// let error = poll_fn(|cx| poll_cut(body.as_mut(), cx)).await.unwrap().unwrap_err();
/// assert!(error.is_cut());
/// # }
/// ```
#[allow(clippy::type_complexity, reason = "it is that of `Body::poll_frame`")]
pub fn poll_cut<B: Body>(body: Pin<&mut B>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
    let _polled = Polled { was_cut: IS_CUT.replace(true) };
    body.poll_frame(cx)
}

/// Returns whether the body that is being polled is cut.
pub(super) fn is_cut() -> bool {
    IS_CUT.get()
}

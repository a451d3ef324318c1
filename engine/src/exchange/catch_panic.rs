//! Panics of a body end its response, and nothing else.
//!
//! The panic hook of the process has reported the panic itself.

use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use chunkwire::poll_cut;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// The error of a body that panicked.
#[derive(Debug)]
pub(super) struct Panicked;

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body panicked")
    }
}

impl StdError for Panicked {}

pin_project! {
    /// A body whose panics become its error.
    ///
    /// A panic would take the connection with all that it has not yet written. A body may have something to say after
    /// it, as a [`JsonBody`](chunkwire::JsonBody) does, which hands out what it holds. So it is polled on for its last
    /// words, since a layer around it may have lost a frame, and ends with an error all the same: at its next panic,
    /// error or end.
    #[derive(Debug)]
    pub(super) struct CatchPanic<B> {
        #[pin]
        body: B,
        has_panicked: bool,
        has_ended: bool,
    }
}

impl<B> CatchPanic<B> {
    pub(super) fn new(body: B) -> Self {
        Self { body, has_panicked: false, has_ended: false }
    }

    pub(super) fn inner(&self) -> &B {
        &self.body
    }
}

impl<B: Body<Error: Into<Box<dyn StdError + Send + Sync>>>> Body for CatchPanic<B> {
    type Data = B::Data;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, Self::Error>>> {
        let mut this = self.project();
        if *this.has_ended {
            return Poll::Ready(None);
        }
        loop {
            let (body, is_cut) = (this.body.as_mut(), *this.has_panicked);
            match catch_unwind(AssertUnwindSafe(|| if is_cut { poll_cut(body, cx) } else { body.poll_frame(cx) })) {
                Err(_) if !*this.has_panicked => *this.has_panicked = true,
                Ok(Poll::Ready(Some(Ok(frame)))) => return Poll::Ready(Some(Ok(frame))),
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(None)) if !*this.has_panicked => return Poll::Ready(None),
                Ok(Poll::Ready(Some(Err(error)))) if !*this.has_panicked => {
                    return Poll::Ready(Some(Err(error.into())));
                }
                Err(_) | Ok(Poll::Ready(_)) => {
                    *this.has_ended = true;
                    return Poll::Ready(Some(Err(Panicked.into())));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended || !self.has_panicked && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use chunkwire::{Format, JsonBody};
    use http_body_util::BodyExt;

    use super::*;

    /// Hands out what it holds; `None` is a panic.
    struct Scripted(std::vec::IntoIter<Option<&'static str>>);

    impl Body for Scripted {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let frame = self.0.next().map(|text| text.expect("a panic, on purpose"));
            Poll::Ready(frame.map(|text| Ok(Frame::data(text.into()))))
        }

        fn is_end_stream(&self) -> bool {
            self.0.as_slice().is_empty()
        }
    }

    async fn sent(script: Vec<Option<&'static str>>) -> (String, bool) {
        let mut body = CatchPanic::new(Scripted(script.into_iter()));
        let mut sent = String::new();
        loop {
            match body.frame().await {
                Some(Ok(frame)) => sent.push_str(str::from_utf8(frame.data_ref().unwrap()).unwrap()),
                Some(Err(error)) => {
                    assert!(error.is::<Panicked>() && body.has_panicked);
                    assert!(body.is_end_stream() && body.frame().await.is_none());
                    return (sent, false);
                }
                None => return (sent, true),
            }
        }
    }

    #[tokio::test]
    async fn a_body_that_panicked_never_ends_as_if_it_were_complete() {
        assert_eq!(sent(vec![Some("a"), Some("b")]).await, ("ab".to_owned(), true));
        for after in [vec![], vec![None], vec![None, Some("never")]] {
            let script = [vec![Some("a"), None], after].concat();
            assert_eq!(sent(script).await, ("a".to_owned(), false));
        }
        assert_eq!(sent(vec![Some("a"), None, Some("b")]).await, ("ab".to_owned(), false), "it goes on, and fails");
    }

    /// A layer that loses a frame by a panic, and goes on.
    struct Panicking<B>(B, usize);

    impl<B: Body + Unpin> Body for Panicking<B> {
        type Data = B::Data;
        type Error = B::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
            let frame = Pin::new(&mut self.0).poll_frame(cx);
            self.1 += 1;
            assert_ne!(self.1, 2, "a panic, on purpose");
            frame
        }
    }

    #[tokio::test]
    async fn what_a_layer_has_lost_is_not_hidden_by_what_comes_after_it() {
        let records = JsonBody::new(Format::Lines, 0..10_000);
        let mut body = CatchPanic::new(Panicking(records, 0));
        let mut sent = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            sent.extend(frame.into_data().unwrap());
        }
        assert!(sent.ends_with(b"{"), "{:?}", String::from_utf8_lossy(&sent[sent.len() - 9..]));
    }
}

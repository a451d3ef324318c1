//! Sources: anything that yields records.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::fill::{Document, Stopped, fill};
use super::record::Record;

/// What a [`JsonBody`](crate::JsonBody) takes its records from.
///
/// It is every [`Stream`] of [records](Record), so the [`Iter`] of an iterator too, and an iterator that is
/// [offloaded](crate::Offload). The trait is for bounds, and can't be implemented otherwise.
///
/// # Examples
///
/// ```
/// use chunkwire::{Format, JsonBody, Source};
/// use http::Response;
/// use http_body::Body;
///
/// fn logged<S: Source>(body: JsonBody<S>) -> Response<impl Body> {
///     body.on_end(|end| println!("{:?} after {} records", end.outcome, end.records)).into_response()
/// }
/// # drop(logged(JsonBody::new(Format::Array, 1..=3)));
/// ```
pub trait Source {
    /// Pulls records into the chunk of a document until it holds `enough` bytes, or returns `Pending` if there are none
    /// for now.
    #[doc(hidden)]
    fn poll_fill(self: Pin<&mut Self>, document: &mut Document, enough: usize, cx: &mut Context<'_>) -> Poll<Stopped>;
}

impl<S: Stream<Item: Record>> Source for S {
    #[inline(always)]
    fn poll_fill(self: Pin<&mut Self>, document: &mut Document, enough: usize, cx: &mut Context<'_>) -> Poll<Stopped> {
        fill(self, document, enough, cx)
    }
}

/// An iterator of records as a source that never pauses, and so should not block.
///
/// [`JsonBody::new`](crate::JsonBody::new) wraps its iterator in this type. It is public so that the type of the body
/// can be named.
///
/// # Examples
///
/// ```
/// use chunkwire::{Format, Iter, JsonBody};
///
/// fn body(records: Vec<u32>) -> JsonBody<Iter<std::vec::IntoIter<u32>>> {
///     JsonBody::new(Format::Array, records)
/// }
/// # drop(body(vec![1, 2]));
/// ```
#[derive(Clone)]
pub struct Iter<I>(pub(crate) I);

impl<I> Unpin for Iter<I> {}

impl<I> fmt::Debug for Iter<I> {
    /// Formats no record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").finish_non_exhaustive()
    }
}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    #[inline(always)]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// A source that can be moved after it has been polled: every one that is [`Unpin`].
///
/// [`JsonBody::ready`](crate::JsonBody::ready) polls the source and then returns the body. A source that is not `Unpin`,
/// such as one made of `async` blocks, can be moved in a box: `Box::pin(source)`.
///
/// # Examples
///
/// ```
/// use chunkwire::{Error, Format, JsonBody, Movable, Record};
/// use futures_core::Stream;
///
/// async fn begun<S: Stream<Item: Record> + Movable>(source: S) -> Result<JsonBody<S>, Error> {
///     JsonBody::from_stream(Format::Array, source).ready().await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use tokio_stream::StreamExt;
///
/// let fetched = || tokio_stream::iter([7, 8]).then(async |id| id);
/// assert!(begun(Box::pin(fetched())).await.is_ok());
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`ready` needs a source that can be moved",
    label = "this source is not `Unpin`",
    note = "put the source into a box: `JsonBody::from_stream(format, Box::pin(source))`"
)]
pub trait Movable: Source + Unpin {}

// What of the source is not `Unpin` is of no use to who can box it.
#[diagnostic::do_not_recommend]
impl<S: Source + Unpin> Movable for S {}

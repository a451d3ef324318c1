//! Sources: anything that yields records.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::error::Error;
use super::fill::fill;
use super::record::Record;
use super::records::{Records, Stopped};

/// What a [`JsonBody`](crate::JsonBody) takes its records from.
///
/// It is every [`Stream`] of [records](Record), so the [`Iter`] of an iterator too, and an iterator that is
/// [offloaded](crate::Offload).
///
/// # A source that fills
///
/// A stream is asked for one record after the other, and isn't told when it is asked for the last one of a chunk. A
/// type that implements this trait is asked for a chunk instead: it writes as many records as fit, from rows that it
/// only borrows, say. When the chunk is full it can give back what it holds, such as a connection of a database, since
/// nobody knows how soon the client has read the chunk. [`JsonBody::from_source`](crate::JsonBody::from_source) makes a
/// body of it.
///
/// ```
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
///
/// use chunkwire::{Error, Format, JsonBody, Records, Source, Stopped};
/// use http_body_util::BodyExt;
///
/// /// The words of a text, which are never owned by themselves.
/// struct Words {
///     text: String,
///     at: usize,
/// }
///
/// impl Source for Words {
///     fn poll_fill(
///         mut self: Pin<&mut Self>,
///         _: &mut Context<'_>,
///         records: &mut Records<'_>,
///     ) -> Poll<Result<Stopped, Error>> {
///         while !records.is_full() {
///             let rest = self.text[self.at..].trim_start();
///             let Some(word) = rest.split_whitespace().next() else { return Poll::Ready(Ok(Stopped::Ended)) };
///             records.write(word)?;
///             self.at = self.text.len() - rest.len() + word.len();
///         }
///         Poll::Ready(Ok(Stopped::Full))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let words = Words { text: "to be or not to be".to_owned(), at: 0 };
/// let body = JsonBody::from_source(Format::Array, words);
/// assert_eq!(body.collect().await.unwrap().to_bytes(), r#"["to","be","or","not","to","be"]"#);
/// # }
/// ```
///
/// # Examples
///
/// As a bound:
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
    /// Writes records until the chunk [is full](Records::is_full).
    ///
    /// No record should be taken from anywhere before there is room for it. If there are none for now, returns
    /// `Pending`, as a future does; what was written goes out at once, unless
    /// [`full_chunks`](crate::JsonBody::full_chunks) is set. [`Stopped::Full`] with a chunk that is not full is
    /// a pause that ends at once.
    ///
    /// # Errors
    ///
    /// Returns an error if the source failed. The records that were written before are sent, then the body fails with
    /// it, and the source is not asked again. After a panic it is the same.
    fn poll_fill(self: Pin<&mut Self>, cx: &mut Context<'_>, records: &mut Records<'_>)
    -> Poll<Result<Stopped, Error>>;
}

impl<S: Stream<Item: Record>> Source for S {
    #[inline(always)]
    fn poll_fill(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        fill(self, records.document, records.enough, cx)
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

// That some part of the source is not `Unpin` is of no use to a caller, who can box it.
#[diagnostic::do_not_recommend]
impl<S: Source + Unpin> Movable for S {}

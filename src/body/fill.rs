//! The loop that fills a chunk with the records of a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::chunk;
use super::document::{Document, Whole};
use super::error::Error;
use super::record::Record;
use super::records::Stopped;

/// Pulls records into a chunk until it holds `enough` bytes, or returns `Pending` if the stream pauses.
///
/// It is a function of its own so that the loop does not share registers with its callers.
#[inline(never)]
pub(super) fn fill<S: Stream<Item: Record>>(
    mut source: Pin<&mut S>,
    document: &mut Document,
    enough: usize,
    cx: &mut Context<'_>,
) -> Poll<Result<Stopped, Error>> {
    let Document { layout, chunk, records, .. } = document;
    chunk::make_room(chunk);

    // Only inlined functions take a reference to the writer in this loop, so that it stays in registers.
    let mut whole = Whole::after(layout, chunk, records);
    loop {
        if whole.len >= enough {
            break Poll::Ready(Ok(Stopped::Full));
        }
        let record = match source.as_mut().poll_next(cx) {
            Poll::Ready(Some(record)) => record,
            Poll::Ready(None) => break Poll::Ready(Ok(Stopped::Ended)),
            Poll::Pending => break Poll::Pending,
        };
        if let Err(error) = whole.write(record) {
            break Poll::Ready(Err(error));
        }
    }
}

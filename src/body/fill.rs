//! The loop that fills a chunk with records.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use futures_core::Stream;

use super::chunk;
use super::error::Error;
use super::format::Format;
use super::layout::Layout;
use super::record::Record;

/// Why no more records were pulled.
pub(super) enum Stopped {
    /// The chunk holds enough.
    Full,
    /// The source pauses.
    Paused,
    /// The source has ended, and the chunk holds the end of the document.
    Complete,
    /// The source or a record failed, and the chunk holds what was complete before.
    Failed(Error),
}

/// Pulls records into a chunk until it holds `enough` bytes or there are no more for now.
///
/// `records` is how many the document has so far. It is a function of its own so that the loop does not share registers
/// with its callers.
#[inline(never)]
pub(super) fn fill<S: Stream<Item: Record>>(
    mut source: Pin<&mut S>,
    layout: &mut Layout,
    chunk: &mut BytesMut,
    records: &mut u64,
    enough: usize,
    cx: &mut Context<'_>,
) -> Stopped {
    chunk::make_room(chunk);

    let format = layout.format();
    // Only inlined functions take a reference to `out` in this loop, so that it stays in registers.
    let mut out = format.writer(chunk);
    let mut whole = out.len();
    let stopped = loop {
        if whole >= enough {
            break Stopped::Full;
        }
        let record = match source.as_mut().poll_next(cx) {
            Poll::Ready(Some(record)) => record,
            Poll::Ready(None) => break Stopped::Complete,
            Poll::Pending => break Stopped::Paused,
        };
        if *records == 0 {
            out.bytes(&layout.opening());
        } else {
            out.byte_if(b',', format == Format::Array);
        }
        if let Err(error) = record.write(&mut out) {
            break Stopped::Failed(error);
        }
        out.byte_if(b'\n', format == Format::Lines);
        *records += 1;
        whole = out.len();
    };
    drop(out);

    let closed = match stopped {
        Stopped::Complete => {
            let mut out = format.writer(chunk);
            if *records == 0 {
                out.bytes(&layout.opening());
            }
            layout.close(*records, &mut out)
        }
        Stopped::Failed(error) => Err(error),
        Stopped::Full | Stopped::Paused => return stopped,
    };
    match closed {
        Ok(()) => Stopped::Complete,
        Err(error) => {
            chunk.truncate(whole);
            Stopped::Failed(error)
        }
    }
}

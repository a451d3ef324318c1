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
use crate::encode::writer::Writer;

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
    // Only inlined functions take a reference to the writer in this loop, so that it stays in registers.
    let mut whole = Whole::after(format.writer(chunk));
    let stopped = loop {
        if whole.out.len() >= enough {
            break Stopped::Full;
        }
        let record = match source.as_mut().poll_next(cx) {
            Poll::Ready(Some(record)) => record,
            Poll::Ready(None) => break Stopped::Complete,
            Poll::Pending => break Stopped::Paused,
        };
        if *records == 0 {
            whole.out.bytes(&layout.opening());
        } else if format == Format::Array {
            whole.out.byte_if(b',', true);
        }
        if let Err(error) = record.write(&mut whole.out) {
            break Stopped::Failed(error.after(*records));
        }
        if format == Format::Lines {
            whole.out.byte_if(b'\n', true);
        }
        *records += 1;
        whole.len = whole.out.len();
    };
    drop(whole);
    if !matches!(stopped, Stopped::Complete) {
        return stopped;
    }

    let mut whole = Whole::after(format.writer(chunk));
    if *records == 0 {
        whole.out.bytes(&layout.opening());
    }
    match layout.close(*records, &mut whole.out) {
        Ok(()) => {
            whole.len = whole.out.len();
            Stopped::Complete
        }
        Err(error) => Stopped::Failed(error.after(*records)),
    }
}

/// What is whole in a chunk. When it is dropped, by a failure or by a panic too, what comes after that is cut off.
struct Whole<'a> {
    out: Writer<'a>,
    len: usize,
}

impl<'a> Whole<'a> {
    #[inline(always)]
    fn after(out: Writer<'a>) -> Self {
        Self { len: out.len(), out }
    }
}

impl Drop for Whole<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.out.truncate(self.len);
    }
}

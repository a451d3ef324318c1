//! The loop that fills a chunk with records.

use std::fmt;
use std::mem;
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

/// A document that is being written, but for its source: what surrounds the records, and the chunk that they fill.
pub struct Document {
    pub(super) layout: Layout,
    pub(super) chunk: BytesMut,
    /// How many records the document has so far.
    pub(super) records: u64,
}

impl Document {
    /// Takes the document away, and leaves one of the same format and number of records.
    pub(super) fn take(&mut self) -> Self {
        let left = Self { layout: self.layout.format().into(), chunk: BytesMut::new(), records: self.records };
        mem::replace(self, left)
    }
}

impl fmt::Debug for Document {
    /// Formats figures, and no record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("format", &self.layout.format())
            .field("records", &self.records)
            .field("held", &format_args!("{} bytes", self.chunk.len()))
            .finish_non_exhaustive()
    }
}

/// Why no more records are pulled.
#[derive(Debug)]
pub enum Stopped {
    /// The chunk holds enough.
    Full,
    /// The source has ended, and the chunk holds the end of the document.
    Complete,
    /// The source or a record failed, and the chunk holds what was complete before.
    Failed(Error),
}

/// Pulls records into a chunk until it holds `enough` bytes, or returns `Pending` if the source pauses.
///
/// It is a function of its own so that the loop does not share registers with its callers.
#[inline(never)]
pub(super) fn fill<S: Stream<Item: Record>>(
    mut source: Pin<&mut S>,
    document: &mut Document,
    enough: usize,
    cx: &mut Context<'_>,
) -> Poll<Stopped> {
    let Document { layout, chunk, records } = document;
    chunk::make_room(chunk);

    let format = layout.format();
    // Only inlined functions take a reference to the writer in this loop, so that it stays in registers.
    let mut whole = Whole::after(format.writer(chunk));
    let stopped = loop {
        if whole.out.len() >= enough {
            break Poll::Ready(Stopped::Full);
        }
        let record = match source.as_mut().poll_next(cx) {
            Poll::Ready(Some(record)) => record,
            Poll::Ready(None) => break Poll::Ready(Stopped::Complete),
            Poll::Pending => break Poll::Pending,
        };
        if *records == 0 {
            whole.out.bytes(&layout.opening());
        } else if format == Format::Array {
            whole.out.byte_if(b',', true);
        }
        if let Err(error) = record.write(&mut whole.out) {
            break Poll::Ready(Stopped::Failed(error.after(*records)));
        }
        if format == Format::Lines {
            whole.out.byte_if(b'\n', true);
        }
        *records += 1;
        whole.len = whole.out.len();
    };
    drop(whole);
    if !matches!(stopped, Poll::Ready(Stopped::Complete)) {
        return stopped;
    }

    let mut whole = Whole::after(format.writer(chunk));
    if *records == 0 {
        whole.out.bytes(&layout.opening());
    }
    Poll::Ready(match layout.close(*records, &mut whole.out) {
        Ok(()) => {
            whole.len = whole.out.len();
            Stopped::Complete
        }
        Err(error) => Stopped::Failed(error.after(*records)),
    })
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

//! A document that is being written: what surrounds the records, and the chunk that they fill.

use std::fmt;
use std::mem;

use bytes::BytesMut;

use super::error::Error;
use super::format::Format;
use super::layout::Layout;
use super::record::{self, Record};
use crate::encode::writer::Writer;

/// All of a body but for its source.
pub(super) struct Document {
    pub(super) layout: Layout,
    pub(super) chunk: BytesMut,
    /// How many records the document has so far.
    pub(super) records: u64,
    /// Whether some of it was handed out.
    pub(super) is_begun: bool,
    is_closed: bool,
}

impl Document {
    pub(super) fn new(layout: Layout) -> Self {
        Self { layout, chunk: BytesMut::new(), records: 0, is_begun: false, is_closed: false }
    }

    /// Takes the document away, and leaves one of the same format and number of records.
    pub(super) fn take(&mut self) -> Self {
        let (records, is_begun) = (self.records, self.is_begun);
        let left = Self { records, is_begun, ..Self::new(self.layout.format().into()) };
        mem::replace(self, left)
    }

    /// Writes what no parser takes for an end.
    pub(super) fn leave_open(&mut self) {
        let is_begun = self.is_begun || !self.chunk.is_empty();
        self.chunk.extend_from_slice(self.layout.left_open(is_begun).as_bytes());
    }

    /// Writes what comes after the last record, once.
    pub(super) fn close(&mut self) -> Result<(), Error> {
        if mem::replace(&mut self.is_closed, true) {
            return Ok(());
        }
        let mut whole = Whole::after(self.layout.format().writer(&mut self.chunk));
        if self.records == 0 {
            whole.out.bytes(&self.layout.opening());
        }
        self.layout.close(self.records, &mut whole.out)?;
        whole.len = whole.out.len();
        Ok(())
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

/// What is whole in a chunk. When it is dropped, by a failure or by a panic too, what comes after that is cut off.
pub(super) struct Whole<'a> {
    pub(super) out: Writer<'a>,
    len: usize,
}

impl<'a> Whole<'a> {
    #[inline(always)]
    pub(super) fn after(out: Writer<'a>) -> Self {
        Self { len: out.len(), out }
    }

    /// Writes a record, and what stands between it and the others; `records` came before.
    #[inline(always)]
    pub(super) fn write(&mut self, record: impl Record, layout: &Layout, records: &mut u64) -> Result<(), Error> {
        let format = layout.format();
        if *records == 0 {
            self.out.bytes(&layout.opening());
        } else if format == Format::Array {
            self.out.byte_if(b',', true);
        }
        record::write(record, &mut self.out)?;
        if format == Format::Lines {
            self.out.byte_if(b'\n', true);
        }
        *records += 1;
        self.len = self.out.len();
        Ok(())
    }
}

impl Drop for Whole<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.out.truncate(self.len);
    }
}

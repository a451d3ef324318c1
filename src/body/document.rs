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
        let mut whole = Whole::after(&self.layout, &mut self.chunk, &mut self.records);
        self.layout.close(*whole.records, &mut whole.out)?;
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
    out: Writer<'a>,
    /// How many bytes of the chunk are whole.
    pub(super) len: usize,
    records: &'a mut u64,
    // Here, or the loop that fills a chunk would load it again for every record: what it writes may be anywhere.
    format: Format,
    is_comma_next: bool,
}

impl<'a> Whole<'a> {
    /// Takes what is in the chunk for whole. What comes before the first record is written at once, and is whole with
    /// it.
    #[inline(always)]
    pub(super) fn after(layout: &Layout, chunk: &'a mut BytesMut, records: &'a mut u64) -> Self {
        let format = layout.format();
        let mut out = format.writer(chunk);
        let len = out.len();
        if *records == 0 {
            out.bytes(&layout.opening());
        }
        Self { out, len, is_comma_next: *records > 0 && format == Format::Array, records, format }
    }

    /// Writes a record, and what stands between it and the others.
    #[inline(always)]
    pub(super) fn write(&mut self, record: impl Record) -> Result<(), Error> {
        // Stored for the first as well, and counted for others: that is faster than a branch.
        self.out.byte_ahead_if(b',', self.is_comma_next);
        record::write(record, &mut self.out)?;
        if self.format == Format::Lines {
            self.out.byte(b'\n');
        }
        self.is_comma_next = self.format == Format::Array;
        *self.records += 1;
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

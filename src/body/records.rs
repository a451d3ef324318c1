//! What a source that fills chunks by itself writes to.

use std::fmt;

use super::chunk;
use super::document::{Document, Whole};
use super::error::Error;
use super::record::Record;

/// The chunk that a [`Source`](crate::Source) fills with records.
///
/// What stands before, between and after the records is not the source's: it writes one record after the other, until
/// the chunk [is full](Self::is_full).
pub struct Records<'a> {
    pub(super) document: &'a mut Document,
    /// How many bytes make the chunk full.
    pub(super) enough: usize,
}

impl Records<'_> {
    /// Returns whether no more records have to be written: what the next one holds would be in the next chunk.
    ///
    /// A record that is written all the same is sent as well; until then the body holds it.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.document.chunk.len() >= self.enough
    }

    /// Writes a record.
    ///
    /// # Errors
    ///
    /// Returns the error of a record that can't be written. Nothing of it is left, so that a source may leave it out
    /// and go on; one that returns the error ends the body with it.
    #[inline]
    pub fn write(&mut self, record: impl Record) -> Result<(), Error> {
        let Document { layout, chunk, records, .. } = &mut *self.document;
        chunk::make_room(chunk);
        Whole::after(layout, chunk, records).write(record)
    }
}

impl fmt::Debug for Records<'_> {
    /// Formats figures, and no record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("document", self.document).field("enough", &self.enough).finish()
    }
}

/// Why a [`Source`](crate::Source) writes no more records for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a source has more records, or it has not")]
pub enum Stopped {
    /// The chunk [is full](Records::is_full), and there may be more records.
    Full,
    /// There are no more records; the source is not asked again.
    Ended,
}

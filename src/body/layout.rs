//! What surrounds the records: the brackets of a format, or an envelope.

use bytes::Bytes;

use super::envelope::Envelope;
use super::error::Error;
use super::format::Format;
use crate::encode::writer::Writer;

/// How records are put together: a [`Format`] or an [`Envelope`].
///
/// # Examples
///
/// One body for clients that take lines and for those that want an object:
///
/// ```
/// use chunkwire::{Envelope, Format, JsonBody, Layout};
///
/// fn layout(takes_lines: bool) -> Layout {
///     if takes_lines { Format::Lines.into() } else { Envelope::new("users").into() }
/// }
///
/// let body = JsonBody::new(layout(true), ["Ada", "Grace"]);
/// # drop(body);
/// assert_eq!(layout(false).format(), Format::Array);
/// ```
#[derive(Debug)]
pub struct Layout {
    format: Format,
    envelope: Option<Box<Envelope>>,
}

impl From<Format> for Layout {
    fn from(format: Format) -> Self {
        Self { format, envelope: None }
    }
}

impl From<Envelope> for Layout {
    fn from(envelope: Envelope) -> Self {
        Self { format: Format::Array, envelope: Some(Box::new(envelope)) }
    }
}

impl Layout {
    /// Returns the format of the records; in an envelope they are an array.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Takes the error of a field before the array, if one could not be encoded.
    pub(crate) fn take_failure(&mut self) -> Option<Error> {
        self.envelope.as_mut().and_then(|envelope| envelope.take_failure())
    }

    /// Returns what comes before the first record.
    pub(crate) fn opening(&self) -> Bytes {
        match &self.envelope {
            Some(envelope) => envelope.opening(),
            None => Bytes::from_static(self.format.opening().as_bytes()),
        }
    }

    /// Writes what comes after the last of `records` records; called once.
    pub(crate) fn close(&mut self, records: u64, out: &mut Writer<'_>) -> Result<(), Error> {
        match &mut self.envelope {
            Some(envelope) => envelope.close(records, out),
            None => {
                out.raw(self.format.closing());
                Ok(())
            }
        }
    }

    /// Returns what ends a document that failed, of which something was written if it `is_begun`. Something is then open
    /// that nothing closes, so that no parser takes the part for the whole, even if a proxy says that it is. An empty
    /// document would not do: jq and DuckDB take it for one without records.
    pub(crate) fn left_open(&self, is_begun: bool) -> &'static str {
        match self.format {
            // yajl, so ijson, takes the opening of a string, and pandas a minus, for the end.
            Format::Lines => "{",
            Format::Array if is_begun => "",
            Format::Array if self.envelope.is_some() => "{",
            Format::Array => "[",
        }
    }

    /// Returns the length of [`opening`](Self::opening) in bytes.
    pub(crate) fn opening_len(&self) -> usize {
        self.envelope.as_ref().map_or(self.format.opening().len(), |envelope| envelope.opening_len())
    }

    /// Returns the least length in bytes of what comes after the last record.
    pub(crate) fn closing_len(&self) -> usize {
        if self.envelope.is_some() { Envelope::CLOSING_LEN } else { self.format.closing().len() }
    }
}

//! Text that is JSON already.

use super::encode_trait::Encode;
use super::writer::Writer;

/// Text that is JSON already, such as a database column, and is written as is.
///
/// # Examples
///
/// ```
/// use chunkwire::RawJson;
///
/// let documents = ["{\"a\":1}", "null"].map(RawJson::trusted);
/// assert_eq!(chunkwire::to_vec(&documents), br#"[{"a":1},null]"#);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RawJson<T>(T);

impl<T: AsRef<str>> RawJson<T> {
    /// Wraps `json`, which must be one JSON value (RFC 8259, section 2), and must hold no line break if it becomes a
    /// part of lines; [`Writer::json`] takes it out.
    ///
    /// Nothing is checked: with other text, the document is not JSON, but nothing worse happens.
    pub const fn trusted(json: T) -> Self {
        Self(json)
    }
}

impl<T: AsRef<str>> Encode for RawJson<T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw(self.0.as_ref());
    }
}

//! Text that is JSON already.

use super::encode_trait::Encode;
use super::writer::Writer;

/// Text that is JSON already, such as a column of a database, and is written as it is.
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
    /// Takes the caller's word that `json` is one JSON value (RFC 8259, section 2), and, where it becomes a part of
    /// lines, that it holds no line break.
    ///
    /// Nothing is checked: other text makes the whole document something else than JSON, but nothing worse.
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

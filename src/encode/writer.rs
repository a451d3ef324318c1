//! What values write to.

use std::fmt;

use bytes::BytesMut;

use super::cursor::Cursor;
use super::literal::Literal;
use super::short::Short;
use super::store::Store;

/// Appends JSON to a [`BytesMut`].
///
/// The bytes stay where they are written: the buffer is the chunk that goes to the socket. It grows if a record needs
/// more space. What is written is part of the buffer once the writer has been dropped.
///
/// # Examples
///
/// A type whose JSON differs from its fields writes itself:
///
/// ```
/// use chunkwire::{Encode, Writer};
///
/// /// A money amount in cents, as a JSON number with two decimals.
/// struct Cents(u32);
///
/// impl Encode for Cents {
///     fn encode(&self, out: &mut Writer<'_>) {
///         out.unsigned(u64::from(self.0 / 100));
///         out.raw(if self.0 % 100 < 10 { ".0" } else { "." });
///         out.unsigned(u64::from(self.0 % 100));
///     }
/// }
///
/// assert_eq!(chunkwire::to_vec(&[Cents(1999), Cents(305)]), b"[19.99,3.05]");
/// ```
pub struct Writer<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) line_safe: bool,
    /// Whether a value failed, of which no one has asked yet: see `failure.rs`.
    pub(super) has_failed: bool,
}

impl<'a> Writer<'a> {
    /// Returns a writer that appends to `out`, with the escapes that RFC 8259, section 7, requires: the quotation mark,
    /// the backslash, and U+0000 to U+001F.
    #[inline]
    pub fn new(out: &'a mut BytesMut) -> Self {
        Self { cursor: Cursor::at_end_of(out), line_safe: false, has_failed: false }
    }

    /// Returns a writer that also escapes U+0085, U+2028 and U+2029, at which some clients end a line (Python's
    /// `str.splitlines` among them).
    ///
    /// Its output never holds a line break of any kind, unless [`raw`](Self::raw) writes one.
    #[inline]
    pub fn for_lines(out: &'a mut BytesMut) -> Self {
        Self { cursor: Cursor::at_end_of(out), line_safe: true, has_failed: false }
    }

    /// Returns the number of bytes in the buffer, including those that were there before this writer.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty, reason = "a position, not a collection")]
    pub fn len(&self) -> usize {
        self.cursor.len()
    }

    /// Cuts off what was written after the first `len` bytes of the buffer.
    #[inline(always)]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.cursor.truncate(len);
    }

    /// Appends text as is. Literals are stored at fixed size.
    ///
    /// The caller must make sure that the whole stays JSON.
    #[inline(always)]
    pub fn raw(&mut self, json: &str) {
        self.cursor.bytes(json.as_bytes());
    }

    /// Appends what another writer wrote.
    #[inline(always)]
    pub(crate) fn bytes(&mut self, json: &[u8]) {
        self.cursor.bytes(json);
    }

    /// Appends text that is JSON already, such as a document of a database. In [lines](Self::for_lines), a space
    /// replaces a line break between two tokens, and the line breaks that JSON allows in a string are escaped.
    ///
    /// The caller must make sure that it is JSON.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use chunkwire::Writer;
    ///
    /// let mut out = BytesMut::new();
    /// Writer::for_lines(&mut out).json("{\n  \"says\": \"a\u{2028}b\"\n}");
    /// assert_eq!(out, "{   \"says\": \"a\\u2028b\" }");
    /// ```
    pub fn json(&mut self, json: &str) {
        const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
        if !self.line_safe {
            return self.raw(json);
        }
        let mut rest = json;
        while let Some(at) = rest.find(BREAKS) {
            let (before, from_break) = rest.split_at(at);
            let (line_break, behind) = from_break.split_at(from_break.chars().next().map_or(0, char::len_utf8));
            self.raw(before);
            if matches!(line_break, "\n" | "\r") {
                self.raw(" ")
            } else {
                self.piece_of_string(line_break)
            }
            rest = behind;
        }
        self.raw(rest);
    }

    /// Appends a short text as is, with one store of fixed size whatever its length.
    ///
    /// The caller must make sure that the whole stays JSON.
    #[inline(always)]
    pub fn short(&mut self, json: &Short) {
        self.cursor.short(json);
    }

    #[doc(hidden)]
    #[inline(always)]
    pub fn literal(&mut self, json: &'static Literal) {
        match json {
            Literal::Short(short) => self.short(short),
            Literal::Word(word, len) => self.cursor.store_ahead(*word, *len),
            Literal::Sized(text) => self.raw(text),
        }
    }

    /// Appends a byte.
    #[inline(always)]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.byte_if(byte, true);
    }

    /// Appends a byte if `condition` holds.
    #[inline(always)]
    pub(crate) fn byte_if(&mut self, byte: u8, condition: bool) {
        self.cursor.store([byte], usize::from(condition));
    }

    /// Appends a byte if `condition` holds, and leaves the check for room to what follows.
    #[inline(always)]
    pub(crate) fn byte_ahead_if(&mut self, byte: u8, condition: bool) {
        self.cursor.store_ahead([byte], usize::from(condition));
    }

    /// Appends the first `len` of `N` bytes of ASCII as is, or all of them if `len` is larger, by one store of fixed
    /// size: `N` is at most 64. It is for texts that are made at run time, such as a date.
    ///
    /// The caller must make sure that the whole stays JSON.
    ///
    /// # Panics
    ///
    /// If one of the bytes is not ASCII, also after the first `len`.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use chunkwire::Writer;
    ///
    /// let mut out = BytesMut::new();
    /// Writer::new(&mut out).ascii(*b"\"12:30\"00", 7);
    /// assert_eq!(out, "\"12:30\"");
    /// ```
    #[inline(always)]
    pub fn ascii<const N: usize>(&mut self, text: [u8; N], len: usize) {
        const { assert!(N <= Cursor::MOST_STORED) };
        assert!(text.is_ascii(), "a text of ASCII has other bytes");
        self.cursor.store_ahead(text, len);
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("len", &self.len()).field("line_safe", &self.line_safe).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_behind_what_is_there() {
        let mut bytes = BytesMut::from(&b"[1"[..]);
        let mut out = Writer::new(&mut bytes);
        assert_eq!(out.len(), 2);
        out.raw(",");
        out.unsigned(2);
        assert_eq!(out.len(), 4);
        drop(out);
        assert_eq!(bytes, "[1,2");
    }

    #[test]
    fn grows_at_every_fill_level() {
        for filled in 0..200 {
            let mut bytes = BytesMut::with_capacity(128);
            let mut out = Writer::new(&mut bytes);
            let mut expected = String::new();
            for _ in 0..filled {
                out.raw("x");
                expected.push('x');
            }
            let long = "long text ".repeat(20);
            out.raw(&long);
            out.string("a\"b");
            out.signed(i64::MIN);
            expected = format!("{expected}{long}\"a\\\"b\"{}", i64::MIN);
            drop(out);
            assert_eq!(bytes, expected);
        }
    }

    #[test]
    #[should_panic = "a text of ASCII has other bytes"]
    fn what_is_not_ascii_is_not_stored_as_such() {
        Writer::new(&mut BytesMut::new()).ascii([b'a', 0xE9], 1);
    }
}

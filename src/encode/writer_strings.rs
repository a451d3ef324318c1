//! Strings and keys, as a writer appends them.

use std::str::{self, Utf8Error};

use super::block::{BLOCK, is_ascii};
#[cfg(feature = "serde")]
use super::escapes;
use super::writer::Writer;

impl Writer<'_> {
    /// Appends a JSON string: quoted, and escaped where necessary.
    #[inline(always)]
    pub fn string(&mut self, text: &str) {
        self.string_of(text.as_bytes());
    }

    /// Appends bytes as a JSON string if they are UTF-8, as [`string`](Self::string) does with text.
    ///
    /// It takes less time than to make a `&str` of them first if they are ASCII, as most text is, and short.
    ///
    /// # Errors
    ///
    /// Returns an error, and appends nothing, if they are not UTF-8.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use chunkwire::Writer;
    ///
    /// let mut out = BytesMut::new();
    /// let mut writer = Writer::new(&mut out);
    /// writer.string_from_utf8(b"tea")?;
    /// assert!(writer.string_from_utf8(b"caf\xe9").is_err());
    /// drop(writer);
    /// assert_eq!(out, "\"tea\"");
    /// # Ok::<(), std::str::Utf8Error>(())
    /// ```
    #[inline]
    pub fn string_from_utf8(&mut self, text: &[u8]) -> Result<(), Utf8Error> {
        if !is_ascii(text) {
            str::from_utf8(text)?;
        }
        self.string_of(text);
        Ok(())
    }

    /// Appends a JSON string of bytes that are UTF-8.
    #[inline(always)]
    fn string_of(&mut self, text: &[u8]) {
        // Of short ones, a call would be a good part.
        if text.len() < 2 * BLOCK {
            self.quoted(text);
        } else {
            self.string_out_of_line(text);
        }
    }

    /// Appends a JSON string as [`string`](Self::string) does, out of line.
    #[cfg(feature = "serde")]
    #[inline(always)]
    pub(super) fn string_by_call(&mut self, text: &str) {
        self.string_out_of_line(text.as_bytes());
    }

    #[inline(always)]
    fn quoted(&mut self, text: &[u8]) {
        if self.line_safe {
            self.cursor.quoted::<true>(text);
        } else {
            self.cursor.quoted::<false>(text);
        }
    }

    #[inline(always)]
    fn string_out_of_line(&mut self, text: &[u8]) {
        if self.line_safe {
            self.cursor.string::<true>(text);
        } else {
            self.cursor.string::<false>(text);
        }
    }

    /// Appends a part of a JSON string, escaped, without quotes.
    #[inline(always)]
    pub(super) fn piece_of_string(&mut self, text: &str) {
        self.escaped(text.as_bytes());
    }

    #[inline(always)]
    fn escaped(&mut self, text: &[u8]) {
        if self.line_safe {
            self.cursor.escaped::<true>(text);
        } else {
            self.cursor.escaped::<false>(text);
        }
    }

    /// Appends a byte, a key and a colon: what comes before a field's value.
    ///
    /// If the key is a constant, so is whether it needs an escape, and only a few stores are left.
    #[cfg(feature = "serde")]
    #[inline(always)]
    pub(super) fn key(&mut self, before: u8, key: &str) {
        if escapes::is_plain(key.as_bytes()) {
            return self.cursor.plain_key(before, key.as_bytes());
        }
        self.cursor.bytes(&[before, b'"']);
        self.piece_of_string(key);
        self.raw("\":");
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    #[test]
    fn what_is_not_utf8_is_refused_wherever_it_is() {
        for len in 1..70 {
            for at in 0..len {
                let mut bytes = BytesMut::new();
                let mut out = Writer::new(&mut bytes);
                let mut text = vec![b'a'; len];
                assert!(out.string_from_utf8(&text).is_ok());
                text[at] = 0xFF;
                assert!(out.string_from_utf8(&text).is_err());
                drop(out);
                assert_eq!(bytes.len(), len + 2, "{at}");
            }
        }
    }

    #[test]
    fn line_safe_text_holds_no_line_break() {
        let mut bytes = BytesMut::new();
        let text = "a\u{85}b\u{2028}c\u{2029}d\ne\r\u{b}\u{c}\u{1c}é\u{80}\u{2030}\u{2027}";
        Writer::for_lines(&mut bytes).string(text);
        let json = std::str::from_utf8(&bytes).unwrap();
        assert!(json.starts_with("\"a\\u0085b\\u2028c\\u2029d\\ne\\r"), "{json}");
        assert!(!json.contains(['\u{85}', '\u{2028}', '\u{2029}', '\n', '\r', '\u{b}', '\u{c}']));
        assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
    }
}

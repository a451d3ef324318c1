//! Text and booleans.

use super::encode_key::{EncodeKey, quoted_keys};
use super::encode_trait::Encode;
use super::writer::Writer;

impl Encode for str {
    #[inline(always)]
    fn encode(&self, out: &mut Writer<'_>) {
        out.string(self);
    }
}

impl Encode for String {
    #[inline(always)]
    fn encode(&self, out: &mut Writer<'_>) {
        out.string(self);
    }
}

impl Encode for char {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.string(self.encode_utf8(&mut [0; 4]));
    }
}

impl Encode for bool {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        if *self { out.raw("true") } else { out.raw("false") }
    }
}

impl EncodeKey for str {}
impl EncodeKey for String {}
impl EncodeKey for char {}

quoted_keys!(bool);

#[cfg(test)]
mod tests {
    use crate::to_vec;

    /// Like serde_json, the encoder escapes what RFC 8259 requires and nothing more.
    fn assert_same_as_serde_json(text: &str) {
        assert_eq!(to_vec(text), serde_json::to_vec(text).unwrap(), "{text:?}");
    }

    #[test]
    fn every_ascii_byte_alone_and_in_pairs() {
        for first in 0..128u8 {
            assert_same_as_serde_json(&char::from(first).to_string());
            for second in 0..128u8 {
                assert_same_as_serde_json(&[char::from(first), char::from(second)].iter().collect::<String>());
            }
        }
    }

    #[test]
    fn a_special_byte_at_every_position_of_every_length() {
        for length in 0..=200 {
            assert_same_as_serde_json(&"x".repeat(length));
            for position in 0..length {
                for special in ['"', '\\', '\n', '\u{0}', '\u{1f}', '\u{7f}', ' ', '!', '#', '[', ']'] {
                    let mut text = vec!['x'; length];
                    text[position] = special;
                    assert_same_as_serde_json(&text.into_iter().collect::<String>());
                }
            }
        }
    }

    #[test]
    fn nothing_but_escapes() {
        assert_same_as_serde_json(&"\"".repeat(40_000));
        assert_same_as_serde_json(&"\u{1}".repeat(40_000));
    }

    #[test]
    fn text_beyond_ascii_is_not_escaped() {
        for text in ["Gödel", "日本語のテキストを一行", "🦀🦀🦀🦀🦀", "\u{85}\u{2028}\u{2029}", "\u{ffff}\u{10ffff}"]
        {
            assert_same_as_serde_json(text);
        }
        assert_eq!(to_vec(&'é'), "\"é\"".as_bytes());
    }

    #[test]
    fn booleans() {
        assert_eq!(to_vec(&[true, false]), b"[true,false]");
    }
}

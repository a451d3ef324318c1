//! Text that others may have written, without what is not plainly printable.

use std::fmt::{self, Write};

/// Writes to another writer, and escapes what is not plainly printable, as `Debug` of a `str` does: control characters,
/// also those by which terminals are told something (C0, C1), characters that end lines, turn the direction of text or
/// look like a space (U+0085, U+2028, U+202E, U+00A0), and characters that no one has defined.
///
/// Quotes and backslashes stay as they are: what is written may be quoted already.
#[derive(Debug)]
pub(super) struct Escaped<W>(pub(super) W);

impl<W: Write> Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, character)) = rest.char_indices().find(|(_, character)| !is_plain(*character)) {
            let (before, after) = rest.split_at(at);
            write!(self.0, "{before}{}", character.escape_debug())?;
            rest = &after[character.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~') || character.escape_debug().len() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut escaped = Escaped(String::new());
        escaped.write_str(text).unwrap();
        escaped.0
    }

    #[test]
    fn what_is_plain_stays() {
        for text in ["", "/a?b=\"c\\d'e\" f", "Grüße, 世界, 🎉", "]["] {
            assert_eq!(escaped(text), text);
        }
    }

    #[test]
    fn everything_else_is_written_in_ascii() {
        for (text, expected) in [
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\0"),
            ("\u{1b}[31m\u{7f}", "\\u{1b}[31m\\u{7f}"),
            ("\u{9b}2J\u{85}", "\\u{9b}2J\\u{85}"),
            ("a\u{a0}b\u{2028}c\u{2029}d\u{3000}", "a\\u{a0}b\\u{2028}c\\u{2029}d\\u{3000}"),
            ("\u{202e}x\u{2066}y\u{200f}\u{feff}", "\\u{202e}x\\u{2066}y\\u{200f}\\u{feff}"),
            ("\u{e000}\u{fffe}\u{ad}", "\\u{e000}\\u{fffe}\\u{ad}"),
        ] {
            assert_eq!(escaped(text), expected);
        }
        let controls = (0..0xa1).map(|code| char::from_u32(code).unwrap()).filter(|character| !is_plain(*character));
        assert_eq!(controls.count(), 0x20 + 1 + 0x20 + 1, "C0, DEL, C1 and the space that does not break");
    }
}

//! Text that others may have written, without what is not plainly printable.

use std::fmt::{self, Write};

/// Writes to another writer, and escapes what is not plainly printable, as `Debug` of a `str` does: control characters,
/// also those by which terminals are told something (C0, C1), characters that end lines, turn the direction of text or
/// look like a space (U+0085, U+2028, U+202E, U+00A0), and characters that no one has defined.
///
/// Quotes and backslashes stay as they are: what is written may be quoted already.
#[derive(Debug)]
pub(super) struct Escaped<W>(pub(super) W);

/// Writes JSON to another writer, and escapes the same in it as JSON has it (RFC 8259, section 7). Its strings have no
/// control characters of ASCII any more, and what else it has is in ASCII.
#[derive(Debug)]
pub(super) struct EscapedJson<W>(pub(super) W);

impl<W: Write> Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write(&mut self.0, text, is_plain, |out, character| write!(out, "{}", character.escape_debug()))
    }
}

impl<W: Write> Write for EscapedJson<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_plain = |character| character < '\u{7f}' || is_plain(character);
        write(&mut self.0, text, is_plain, |out, character| {
            character.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}"))
        })
    }
}

fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~') || character.escape_debug().len() == 1
}

/// Writes what is plain as it is, and all else by `escape`.
fn write<W: Write>(
    out: &mut W,
    text: &str,
    is_plain: impl Fn(char) -> bool,
    escape: impl Fn(&mut W, char) -> fmt::Result,
) -> fmt::Result {
    let mut rest = text;
    while let Some((at, character)) = rest.char_indices().find(|(_, character)| !is_plain(*character)) {
        let (before, after) = rest.split_at(at);
        out.write_str(before)?;
        escape(out, character)?;
        rest = &after[character.len_utf8()..];
    }
    out.write_str(rest)
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
    fn json_stays_what_it_was() {
        let hostile = "a\n\t\"\\b\u{7f}\u{85}\u{9b}\u{a0}\u{2028}\u{202e}\u{feff}\u{e0001}é世🎉";
        let json = serde_json::json!({ "text": hostile, hostile: [1, null] });
        let mut written = EscapedJson(String::new());
        writeln!(written, "{json}").unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written.0).unwrap(), json);
        assert!(written.0.trim_end().chars().all(is_plain) && written.0.ends_with("}\n"), "{}", written.0);
        assert!(written.0.contains("\\u0085") && written.0.contains("\\udb40\\udc01é世🎉"), "{}", written.0);
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

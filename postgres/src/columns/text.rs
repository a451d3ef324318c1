//! Text, and JSON.

use std::str;

use chunkwire::Writer;

use super::digits::hex;
use super::malformed::Malformed;

const NOT_UTF8: Malformed = Malformed("the text is not UTF-8");

pub(super) fn text(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
    out.string_from_utf8(bytes).map_err(|_| NOT_UTF8)
}

/// Writes JSON that PostgreSQL has checked.
pub(super) fn json(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
    out.json(str::from_utf8(bytes).map_err(|_| NOT_UTF8)?);
    Ok(())
}

/// Writes JSON behind the number of its format.
pub(super) fn jsonb(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
    match bytes {
        [1, text @ ..] => json(text, out),
        _ => Err(Malformed("the jsonb is not of version 1")),
    }
}

/// Writes a `"char"`, of which 0 means none, and which is a backslash and octal digits from 128 on.
pub(super) fn char(byte: u8, out: &mut Writer<'_>) {
    match byte {
        0 => out.raw("\"\""),
        1..128 => out.string(char::from(byte).encode_utf8(&mut [0; 4])),
        _ => {
            out.raw("\"\\\\");
            for shift in [6, 3, 0] {
                out.unsigned(u64::from(byte >> shift & 7));
            }
            out.raw("\"");
        }
    }
}

pub(super) fn bytea(bytes: &[u8], out: &mut Writer<'_>) {
    out.raw("\"\\\\x");
    let (eights, rest) = bytes.as_chunks::<8>();
    for eight in eights {
        let mut digits = [0; 16];
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(eight) {
            *pair = hex(*byte);
        }
        out.ascii(digits, 16);
    }
    for byte in rest {
        out.ascii(hex(*byte), 2);
    }
    out.raw("\"");
}

pub(super) fn uuid(bytes: [u8; 16], out: &mut Writer<'_>) {
    /// Where the digits of each byte are, between hyphens.
    const PLACES: [usize; 16] = [1, 3, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27, 29, 31, 33, 35];
    let mut text = *b"\"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\"";
    for (place, byte) in PLACES.into_iter().zip(bytes) {
        [text[place], text[place + 1]] = hex(byte);
    }
    out.ascii(text, text.len());
}

//! Which bytes of a text can't go into a JSON string as is, and what replaces them.
//!
//! If text must be line safe, 0xC2 and 0xE2, with which U+0085, U+2028 and U+2029 begin, are special too.

#[cfg(feature = "serde")]
use super::arch::fastest::special;
#[cfg(feature = "serde")]
use super::block::{BLOCK, short_block};

/// The longest text that [`is_plain`] scans.
#[cfg(feature = "serde")]
const LONGEST_PLAIN: usize = 48;

/// Returns whether a text can go into a JSON string as is, line safe or not. It is for constants: the compiler runs it.
#[cfg(feature = "serde")]
#[inline(always)]
pub(super) fn is_plain(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks();
    text.len() <= LONGEST_PLAIN
        && blocks.iter().all(|block| special::<true, BLOCK>(block) == 0)
        && special::<true, BLOCK>(&short_block(rest)).trailing_zeros() as usize == rest.len()
}

/// What replaces one character of a text: the escape, then how many bytes of the text it replaces, then its length.
#[derive(Clone, Copy)]
pub(super) struct Escape([u8; 8]);

impl Escape {
    /// The most bytes that an escape adds to one byte of text.
    pub(super) const GROWTH: usize = 5;

    /// The escapes of the ASCII characters that need one. A two-character escape is used if RFC 8259, section 7, has
    /// one.
    const ASCII: [Self; 128] = {
        let mut table = [Self([0; 8]); 128];
        let mut byte = 0;
        while byte < 128 {
            let letter = match byte as u8 {
                letter @ (b'"' | b'\\') => letter,
                0x08 => b'b',
                0x0C => b'f',
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                _ => b'u',
            };
            table[byte] =
                if letter == b'u' { Self::unicode(byte as u16, 1) } else { Self([b'\\', letter, 0, 0, 0, 0, 1, 2]) };
            byte += 1;
        }
        table
    };

    const fn unicode(code: u16, stands_for: u8) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        Self([
            b'\\',
            b'u',
            HEX[(code >> 12) as usize],
            HEX[(code >> 8 & 0xF) as usize],
            HEX[(code >> 4 & 0xF) as usize],
            HEX[(code & 0xF) as usize],
            stands_for,
            6,
        ])
    }

    /// Returns what replaces the first character of `text`, whose first byte is special. If the bytes after it show
    /// that it needs no escape, that is the first byte itself.
    #[inline(always)]
    pub(super) fn of<const LINE_SAFE: bool>(text: &[u8]) -> Self {
        match *text {
            [byte @ ..0x80, ..] => Self::ASCII[usize::from(byte)],
            [0xC2, 0x85, ..] if LINE_SAFE => const { Self::unicode(0x85, 2) },
            [0xE2, 0x80, 0xA8, ..] if LINE_SAFE => const { Self::unicode(0x2028, 3) },
            [0xE2, 0x80, 0xA9, ..] if LINE_SAFE => const { Self::unicode(0x2029, 3) },
            [byte, ..] => Self([byte, 0, 0, 0, 0, 0, 1, 1]),
            [] => unreachable!("an empty text holds no special byte"),
        }
    }

    /// Returns the escape, followed by at least two other bytes.
    #[inline(always)]
    pub(super) fn bytes(self) -> [u8; 8] {
        self.0
    }

    /// Returns how many of the bytes are the escape, 1 to 6.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        usize::from(self.0[7] & 7)
    }

    /// Returns how many bytes of the text it replaces.
    #[inline(always)]
    pub(super) fn stands_for<const LINE_SAFE: bool>(self) -> usize {
        if LINE_SAFE { usize::from(self.0[6]) } else { 1 }
    }
}

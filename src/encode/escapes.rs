//! Which bytes of a text can't stand in a JSON string, and what stands for them.
//!
//! Text is looked at in [`Block`]s of 16 bytes, with SSE2 on x86-64 and with 64-bit words elsewhere. Both ways find
//! the same byte; each is tested against the other.

/// Up to 16 bytes of text, with zeros behind them.
#[derive(Clone, Copy)]
pub(super) struct Block([u8; Block::SIZE]);

impl Block {
    pub(super) const SIZE: usize = 16;

    /// The first 16 bytes of `text`, or all of it where it is shorter. No byte behind `text` is read.
    #[inline(always)]
    pub(super) fn load(text: &[u8]) -> Self {
        if let Some(whole) = text.first_chunk() {
            return Self(*whole);
        }
        // Two overlapping loads cover every length of their class; the shift drops what both hold.
        let len = text.len();
        let bits = if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            let low = u128::from(u64::from_le_bytes(*first));
            let high = u128::from(u64::from_le_bytes(*last) >> 8 >> (8 * (15 - len)));
            low | high << 64
        } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
            let low = u64::from(u32::from_le_bytes(*first));
            let high = u64::from(u32::from_le_bytes(*last)) >> (8 * (8 - len));
            u128::from(low | high << 32)
        } else {
            text.iter().rev().fold(0, |bits, byte| bits << 8 | u128::from(*byte))
        };
        Self(bits.to_le_bytes())
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> &[u8; Self::SIZE] {
        &self.0
    }

    /// How many bytes stand before the first that can't go into a JSON string as it is, padding included; 16 where
    /// there is none.
    ///
    /// Where text must be line safe, the bytes 0xC2 and 0xE2, with which U+0085, U+2028 and U+2029 begin, are among
    /// those.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "sse2")]
    #[inline]
    pub(super) fn clean_prefix_sse2<const LINE_SAFE: bool>(self) -> usize {
        use std::arch::x86_64::{
            _mm_cmpeq_epi8, _mm_max_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
        };

        let bits = u128::from_le_bytes(self.0);
        let block = _mm_set_epi64x((bits >> 64) as i64, bits as i64);
        let equals = |byte: u8| _mm_cmpeq_epi8(block, _mm_set1_epi8(byte as i8));

        let last_control = _mm_set1_epi8(0x1F);
        let control = _mm_cmpeq_epi8(_mm_max_epu8(block, last_control), last_control);
        let mut special = _mm_or_si128(control, _mm_or_si128(equals(b'"'), equals(b'\\')));
        if LINE_SAFE {
            special = _mm_or_si128(special, _mm_or_si128(equals(0xC2), equals(0xE2)));
        }
        (_mm_movemask_epi8(special) | 1 << Self::SIZE).trailing_zeros() as usize
    }

    /// The same, 8 bytes at a time.
    #[cfg(any(test, not(target_arch = "x86_64")))]
    #[inline]
    pub(super) fn clean_prefix_words<const LINE_SAFE: bool>(self) -> usize {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

        // The high bit of each byte that is below `limit`, which is at most 0x80. A borrow can set the bit of a byte
        // above a hit, never below one: the lowest bit is exact.
        let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGH;
        let equals = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);

        let bits = u128::from_le_bytes(self.0);
        for (index, word) in [bits as u64, (bits >> 64) as u64].into_iter().enumerate() {
            let mut special = below(word, 0x20) | equals(word, b'"') | equals(word, b'\\');
            if LINE_SAFE {
                special |= equals(word, 0xC2) | equals(word, 0xE2);
            }
            if special != 0 {
                return 8 * index + special.trailing_zeros() as usize / 8;
            }
        }
        Self::SIZE
    }
}

/// What stands for one character of a text.
pub(super) struct Escape {
    bytes: [u8; 6],
    len: u8,
    /// How many bytes of the text it stands for.
    pub(super) stands_for: usize,
}

impl Escape {
    #[inline(always)]
    fn new(text: &[u8], stands_for: usize) -> Self {
        let mut bytes = [0; 6];
        bytes[..text.len()].copy_from_slice(text);
        Self { bytes, len: text.len() as u8, stands_for }
    }

    fn unicode(code: u16, stands_for: usize) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let digit = |shift: u16| HEX[usize::from(code >> shift & 0xF)];
        Self::new(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)], stands_for)
    }

    /// The escape for the first character of `text`, which starts with a byte that ended a clean prefix.
    ///
    /// The two-letter escapes are used where RFC 8259, section 7, has one.
    #[inline(always)]
    pub(super) fn of<const LINE_SAFE: bool>(text: &[u8]) -> Self {
        match *text {
            [b'"', ..] => Self::new(b"\\\"", 1),
            [b'\\', ..] => Self::new(b"\\\\", 1),
            [b'\n', ..] => Self::new(b"\\n", 1),
            [b'\r', ..] => Self::new(b"\\r", 1),
            [b'\t', ..] => Self::new(b"\\t", 1),
            [0x08, ..] => Self::new(b"\\b", 1),
            [0x0C, ..] => Self::new(b"\\f", 1),
            [control @ ..0x20, ..] => Self::unicode(u16::from(control), 1),
            [0xC2, 0x85, ..] if LINE_SAFE => Self::unicode(0x85, 2),
            [0xE2, 0x80, last @ (0xA8 | 0xA9), ..] if LINE_SAFE => Self::unicode(0x2000 | u16::from(last & 0x3F), 3),
            [byte, ..] => Self::new(&[byte], 1),
            [] => Self::new(b"", 0),
        }
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::writer::clean_prefix;
    use super::*;

    fn expected<const LINE_SAFE: bool>(text: &[u8]) -> usize {
        let special = |byte: &u8| matches!(byte, ..0x20 | b'"' | b'\\') || LINE_SAFE && matches!(byte, 0xC2 | 0xE2);
        text.iter().position(special).unwrap_or(text.len())
    }

    fn check(text: &[u8]) {
        let block = Block::load(text);
        assert_eq!(&block.bytes()[..text.len()], text);
        for found in [clean_prefix::<false>(block), block.clean_prefix_words::<false>()] {
            assert_eq!(found, expected::<false>(text), "{text:x?}");
        }
        for found in [clean_prefix::<true>(block), block.clean_prefix_words::<true>()] {
            assert_eq!(found, expected::<true>(text), "{text:x?}");
        }
    }

    #[test]
    fn both_paths_find_every_byte_at_every_position_of_every_length() {
        for len in 0..=Block::SIZE {
            for at in 0..len {
                for byte in 0..=u8::MAX {
                    for filler in [b'x', 0x7F, 0x80, 0xFF, b'!', 0x20] {
                        let mut text = vec![filler; len];
                        text[at] = byte;
                        check(&text);
                    }
                }
            }
        }
    }

    #[test]
    fn both_paths_find_the_first_of_two() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                check(&[b'x', first, second, b'y', b'z', second, b'x', first, second, first]);
            }
        }
    }
}

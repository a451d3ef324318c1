//! Which bytes of a text can't stand in a JSON string, and what stands for them.
//!
//! Text is looked at in blocks of 16 bytes, with SSE2 on x86-64 and with 64-bit words elsewhere. Both ways find the
//! same bytes; each is tested against the other.
//!
//! Where text must be line safe, 0xC2 and 0xE2, with which U+0085, U+2028 and U+2029 begin, are special too.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    _mm_xor_si128,
};

/// The size of a block in bytes.
pub(super) const BLOCK: usize = 16;

/// Lets a fuzz target reach the portable path on a machine that has a faster one: whether to take it.
#[cfg(fuzzing)]
#[doc(hidden)]
pub static SCAN_PORTABLY: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// The first bytes of `text` with zeros behind them, for texts of up to 15. No byte behind `text` is read.
#[inline(always)]
pub(super) fn short_block(text: &[u8]) -> [u8; BLOCK] {
    debug_assert!(text.len() < BLOCK);
    // Two overlapping loads cover every length of their class; the shift drops what both hold.
    let len = text.len();
    let bits = if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        let low = u64::from_le_bytes(*first);
        let high = u64::from_le_bytes(*last) >> 8 >> (8 * (15 - len));
        u128::from(low) | u128::from(high) << 64
    } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        let low = u64::from(u32::from_le_bytes(*first));
        let high = u64::from(u32::from_le_bytes(*last)) >> (8 * (8 - len));
        u128::from(low | high << 32)
    } else if let (Some(first), Some(last)) = (text.first(), text.last()) {
        let middle = u32::from(text[len / 2]) << (8 * (len / 2));
        u128::from(u32::from(*first) | middle | u32::from(*last) << (8 * (len - 1)))
    } else {
        0
    };
    bits.to_le_bytes()
}

/// The longest text that [`is_plain`] looks at.
#[cfg(feature = "serde")]
const LONGEST_PLAIN: usize = 48;

/// Whether a text can stand in a JSON string as it is, line safe or not. It is for constants: the compiler runs it.
#[cfg(feature = "serde")]
#[inline(always)]
pub(super) fn is_plain(text: &[u8]) -> bool {
    use super::cursor::special;

    let (blocks, rest) = text.as_chunks();
    text.len() <= LONGEST_PLAIN
        && blocks.iter().all(|block| special::<true, BLOCK>(block) == 0)
        && special::<true, BLOCK>(&short_block(rest)).trailing_zeros() as usize == rest.len()
}

/// A bit for every byte of `block` that can't go into a JSON string as it is, the first byte's the lowest.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn special_sse2<const LINE_SAFE: bool>(block: &[u8; BLOCK]) -> u32 {
    _mm_movemask_epi8(special_bytes::<LINE_SAFE>(block)) as u32
}

/// Whether any byte of four blocks can't go into a JSON string as it is.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn any_special_sse2<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) -> bool {
    let (blocks, _) = quad.as_chunks();
    let special =
        blocks.iter().fold(_mm_set1_epi8(0), |any, block| _mm_or_si128(any, special_bytes::<LINE_SAFE>(block)));
    _mm_movemask_epi8(special) != 0
}

/// 0xFF for every byte of `block` that can't go into a JSON string as it is.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn special_bytes<const LINE_SAFE: bool>(block: &[u8; BLOCK]) -> __m128i {
    let bits = u128::from_le_bytes(*block);
    let block = _mm_set_epi64x((bits >> 64) as i64, bits as i64);
    let equals = |byte: u8| _mm_cmpeq_epi8(block, _mm_set1_epi8(byte as i8));

    // With the bit 0x02 turned over, the quotation mark (0x22) is 0x20 and the control characters stay below it, while
    // the space (0x20) and `!` (0x21) move above it: one comparison finds both.
    let turned = _mm_xor_si128(block, _mm_set1_epi8(0x02));
    let control_or_quote = _mm_cmpeq_epi8(_mm_min_epu8(turned, _mm_set1_epi8(0x20)), turned);
    let special = _mm_or_si128(control_or_quote, equals(b'\\'));
    if LINE_SAFE { _mm_or_si128(special, _mm_or_si128(equals(0xC2), equals(0xE2))) } else { special }
}

/// What [`special_sse2`] finds, 8 bytes at a time.
#[cfg(any(test, fuzzing, not(target_arch = "x86_64")))]
#[inline]
pub(super) fn special_words<const LINE_SAFE: bool>(block: &[u8; BLOCK]) -> u32 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

    // The high bit of each byte that is below `limit`, which is at most 0x80. The sum of its lower seven bits and what
    // is missing to 0x80 sets the high bit of the others, and never carries into the next byte.
    let below = |word: u64, limit: u8| !(((word & !HIGH) + ONES * u64::from(0x80 - limit)) | word) & HIGH;
    let equals = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let special = |word: u64| {
        let special = below(word, 0x20) | equals(word, b'"') | equals(word, b'\\');
        if LINE_SAFE { special | equals(word, 0xC2) | equals(word, 0xE2) } else { special }
    };
    // The high bits of the bytes, moved together into the highest byte of the product.
    let gather = |high: u64| ((high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32;

    let bits = u128::from_le_bytes(*block);
    gather(special(bits as u64)) | gather(special((bits >> 64) as u64)) << 8
}

/// What [`any_special_sse2`] finds, 8 bytes at a time.
#[cfg(any(test, fuzzing, not(target_arch = "x86_64")))]
#[inline]
pub(super) fn any_special_words<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) -> bool {
    let (blocks, _) = quad.as_chunks();
    blocks.iter().any(|block| special_words::<LINE_SAFE>(block) != 0)
}

/// What stands for one character of a text: the escape, then how much of the text it stands for, then its length.
#[derive(Clone, Copy)]
pub(super) struct Escape([u8; 8]);

impl Escape {
    /// The most bytes by which one byte of text gets longer.
    pub(super) const GROWTH: usize = 5;

    /// The escapes of the ASCII characters that need one. The two-letter escapes are used where RFC 8259, section 7,
    /// has one.
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

    /// What stands for the first character of `text`, whose first byte is special; where only the second byte would
    /// tell, and tells otherwise, that first byte itself.
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

    /// The escape, with two bytes behind it that are none.
    #[inline(always)]
    pub(super) fn bytes(self) -> [u8; 8] {
        self.0
    }

    /// How many of the bytes are the escape, 1 to 6.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        usize::from(self.0[7] & 7)
    }

    /// How many bytes of the text it stands for.
    #[inline(always)]
    pub(super) fn stands_for<const LINE_SAFE: bool>(self) -> usize {
        if LINE_SAFE { usize::from(self.0[6]) } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cursor::{any_special, special};
    use super::*;

    fn is_special<const LINE_SAFE: bool>(byte: u8) -> bool {
        matches!(byte, ..0x20 | b'"' | b'\\') || LINE_SAFE && matches!(byte, 0xC2 | 0xE2)
    }

    fn check_as<const LINE_SAFE: bool>(block: &[u8; BLOCK]) {
        let expected = block.iter().rev().fold(0, |bits, byte| bits << 1 | u32::from(is_special::<LINE_SAFE>(*byte)));
        assert_eq!(special::<LINE_SAFE, BLOCK>(block), expected, "{block:x?}");
        assert_eq!(special_words::<LINE_SAFE>(block), expected, "{block:x?}");
    }

    fn check_four_as<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) {
        let expected = quad.iter().any(|byte| is_special::<LINE_SAFE>(*byte));
        assert_eq!(any_special::<LINE_SAFE>(quad), expected, "{quad:x?}");
        assert_eq!(any_special_words::<LINE_SAFE>(quad), expected, "{quad:x?}");
    }

    #[test]
    fn both_paths_find_one_special_byte_in_four_blocks() {
        for at in 0..4 * BLOCK {
            for byte in 0..=u8::MAX {
                let mut quad = [b'x'; 4 * BLOCK];
                quad[at] = byte;
                check_four_as::<false>(&quad);
                check_four_as::<true>(&quad);
            }
        }
    }

    fn check(block: &[u8; BLOCK]) {
        check_as::<false>(block);
        check_as::<true>(block);
    }

    #[test]
    fn both_paths_find_every_byte_at_every_position() {
        for at in 0..BLOCK {
            for byte in 0..=u8::MAX {
                for filler in [b'x', 0x7F, 0x80, 0xFF, b'!', b' ', b'#'] {
                    let mut block = [filler; BLOCK];
                    block[at] = byte;
                    check(&block);
                }
            }
        }
    }

    #[test]
    fn both_paths_find_the_first_of_two() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let mut block = [b'x'; BLOCK];
                block[5..9].copy_from_slice(&[first, second, second, first]);
                check(&block);
            }
        }
    }

    #[test]
    fn short_blocks_hold_their_text_and_zeros() {
        for len in 0..BLOCK {
            let text: Vec<u8> = (1..=len as u8).collect();
            let block = short_block(&text);
            assert_eq!(block[..len], text);
            assert_eq!(block[len..], [0; BLOCK][len..]);
        }
    }
}

//! The form that every processor can run, 8 bytes at a time in a 64-bit word.

#![cfg_attr(
    all(target_arch = "x86_64", target_feature = "sse2"),
    allow(dead_code, reason = "this target has a faster form of some")
)]

use crate::encode::block::BLOCK;

/// Returns the decimal digits of a number below 100,000,000, one byte each, the first in the lowest.
///
/// Each step splits every number in the word in two at once: eight digits into four and four, those into two and two,
/// those into one and one. The multiplications divide by 10,000, 100 and 10, exactly for numbers of that size (Granlund
/// and Montgomery: Division by invariant integers using multiplication, 1994).
#[inline(always)]
pub(in crate::encode) fn eight_digits(number: u32) -> u64 {
    let number = u64::from(number);
    let upper = number / 10_000;
    let fours = upper | (number - upper * 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let twos = hundreds | (fours - hundreds * 100) << 16;
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | (twos - tens * 10) << 8
}

/// Returns a bit for every byte of `block` that can't go into a JSON string as is, the lowest for the first byte.
#[inline]
pub(super) fn special<const LINE_SAFE: bool>(block: &[u8; BLOCK]) -> u32 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

    // The high bit of each byte that is below `limit`, which is at most 0x80. For the others, adding `0x80 - limit` to
    // the lower seven bits sets the high bit; it never carries into the next byte.
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

/// Returns whether any byte of four blocks can't go into a JSON string as is.
#[inline]
pub(super) fn any_special<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) -> bool {
    let (blocks, _) = quad.as_chunks();
    blocks.iter().any(|block| special::<LINE_SAFE>(block) != 0)
}

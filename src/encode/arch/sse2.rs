//! The form for x86-64 with SSE2, 16 bytes at a time.

use std::arch::x86_64::{
    __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_cvtsi128_si64, _mm_min_epu8, _mm_movemask_epi8, _mm_mul_epu32,
    _mm_mulhi_epu16, _mm_mullo_epi16, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8, _mm_set1_epi16, _mm_set1_epi64x,
    _mm_slli_epi16, _mm_slli_epi32, _mm_slli_epi64, _mm_srli_epi16, _mm_srli_epi64, _mm_sub_epi16, _mm_sub_epi64,
    _mm_subs_epu8, _mm_unpackhi_epi64, _mm_xor_si128,
};

use crate::encode::block::BLOCK;

/// Returns the digits of two numbers at once, as [`eight_digits`](super::portable::eight_digits) does for one.
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn eight_digits_of_two(first: u32, second: u32) -> [u64; 2] {
    let numbers = _mm_set_epi64x(second.into(), first.into());
    let upper = _mm_srli_epi64(_mm_mul_epu32(numbers, _mm_set1_epi64x(0xD1B7_1759)), 45);
    let lower = _mm_sub_epi64(numbers, _mm_mul_epu32(upper, _mm_set1_epi64x(10_000)));
    let fours = _mm_or_si128(upper, _mm_slli_epi64(lower, 32));
    let hundreds = _mm_srli_epi16(_mm_mulhi_epu16(fours, _mm_set1_epi16(5243)), 3);
    let rest = _mm_sub_epi16(fours, _mm_mullo_epi16(hundreds, _mm_set1_epi16(100)));
    let twos = _mm_or_si128(hundreds, _mm_slli_epi32(rest, 16));
    let tens = _mm_mulhi_epu16(twos, _mm_set1_epi16(6554));
    let ones = _mm_sub_epi16(twos, _mm_mullo_epi16(tens, _mm_set1_epi16(10)));
    let digits = _mm_or_si128(tens, _mm_slli_epi16(ones, 8));
    let word = |half| _mm_cvtsi128_si64(half) as u64;
    [word(digits), word(_mm_unpackhi_epi64(digits, digits))]
}

/// Returns a bit for every byte of `block` that can't go into a JSON string as is, the lowest for the first byte.
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn special<const LINE_SAFE: bool>(block: &[u8; BLOCK]) -> u32 {
    let block = loaded(block);
    // Both are found at the same time, which `any_special` gives up for fewer instructions.
    _mm_movemask_epi8(_mm_or_si128(low(turned(block)), others::<LINE_SAFE>(block))) as u32
}

/// Returns whether any byte of four blocks can't go into a JSON string as is.
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn any_special<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) -> bool {
    let (blocks, _) = quad.as_chunks();
    // Nothing is left of those that are 0xFF in the others, and the lowest byte at each place is low if any is.
    let lowest = blocks.iter().map(|block| loaded(block)).fold(_mm_set1_epi8(-1), |lowest, block| {
        _mm_min_epu8(lowest, _mm_subs_epu8(turned(block), others::<LINE_SAFE>(block)))
    });
    _mm_movemask_epi8(low(lowest)) != 0
}

#[target_feature(enable = "sse2")]
#[inline]
fn loaded(block: &[u8; BLOCK]) -> __m128i {
    let bits = u128::from_le_bytes(*block);
    _mm_set_epi64x((bits >> 64) as i64, bits as i64)
}

/// Flips the bit 0x02. The quotation mark (0x22) is 0x20 then and the control characters stay below it, while the space
/// (0x20) and `!` (0x21) move above it: the special ones of these are [`low`].
#[target_feature(enable = "sse2")]
#[inline]
fn turned(block: __m128i) -> __m128i {
    _mm_xor_si128(block, _mm_set1_epi8(0x02))
}

/// Returns 0xFF for every byte of at most 0x20, and 0 for the others.
#[target_feature(enable = "sse2")]
#[inline]
fn low(bytes: __m128i) -> __m128i {
    _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x20)), bytes)
}

/// Returns 0xFF for every byte that is special but not low, and 0 for all else.
#[target_feature(enable = "sse2")]
#[inline]
fn others<const LINE_SAFE: bool>(block: __m128i) -> __m128i {
    let equals = |block, byte: u8| _mm_cmpeq_epi8(block, _mm_set1_epi8(byte as i8));
    let backslash = equals(block, b'\\');
    if LINE_SAFE {
        // 0xC2 and 0xE2 differ in the bit 0x20.
        _mm_or_si128(backslash, equals(_mm_and_si128(block, _mm_set1_epi8(!0x20)), 0xC2))
    } else {
        backslash
    }
}

//! The form for processors that have AVX2, 32 bytes at a time. Whether one does is asked where the program runs.

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set_epi64x, _mm256_set1_epi8, _mm256_subs_epu8, _mm256_xor_si256,
};

use crate::encode::block::BLOCK;

/// Returns whether any byte of four blocks can't go into a JSON string as is: as [`sse2`](super::sse2) finds it.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn any_special<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) -> bool {
    let (pairs, _) = quad.as_chunks();
    let lowest =
        pairs.iter().fold(_mm256_set1_epi8(-1), |lowest, pair| _mm256_min_epu8(lowest, lowered::<LINE_SAFE>(pair)));
    _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(lowest, _mm256_set1_epi8(0x20)), lowest)) != 0
}

/// Returns a byte of at most 0x20 for every byte of `pair` that can't go into a JSON string as is, and a higher one for
/// the others.
#[target_feature(enable = "avx2")]
#[inline]
fn lowered<const LINE_SAFE: bool>(pair: &[u8; 2 * BLOCK]) -> __m256i {
    let (words, _) = pair.as_chunks();
    let [first, second, third, fourth] = std::array::from_fn(|word| i64::from_le_bytes(words[word]));
    let pair = _mm256_set_epi64x(fourth, third, second, first);
    let equals = |pair, byte: u8| _mm256_cmpeq_epi8(pair, _mm256_set1_epi8(byte as i8));

    let turned = _mm256_xor_si256(pair, _mm256_set1_epi8(0x02));
    let mut others = equals(pair, b'\\');
    if LINE_SAFE {
        others = _mm256_or_si256(others, equals(_mm256_and_si256(pair, _mm256_set1_epi8(!0x20)), 0xC2));
    }
    _mm256_subs_epu8(turned, others)
}

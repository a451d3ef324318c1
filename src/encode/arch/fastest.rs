//! The fastest form of each function that the target has.
#![allow(unsafe_code, reason = "each block rests on a feature that the target or the processor has, or on its caller")]

#[cfg(any(test, fuzzing, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
use super::portable;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use super::{avx2, sse2};
use crate::encode::block::BLOCK;

#[cfg(any(test, fuzzing))]
thread_local! {
    /// Lets tests and fuzz targets take the portable form on a machine that has a faster one.
    static TAKE_PORTABLE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Sets whether this thread takes the portable form from now on.
#[cfg(any(test, fuzzing))]
pub(crate) fn take_portable(portable: bool) {
    TAKE_PORTABLE.set(portable);
}

macro_rules! fastest {
    ($function:ident $(::<$line_safe:ident>)? ($($argument:expr),*), $portable:expr) => {{
        #[cfg(any(test, fuzzing))]
        if TAKE_PORTABLE.get() {
            return $portable;
        }
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        // SAFETY: the target is compiled for processors that have SSE2, which is all that the function requires.
        return unsafe { sse2::$function $(::<$line_safe>)? ($($argument),*) };
        #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
        return $portable;
    }};
}

/// Returns the digits of two numbers below 100,000,000, as [`eight_digits`](super::portable::eight_digits) does for
/// one.
#[inline(always)]
pub(in crate::encode) fn eight_digits_of_two(first: u32, second: u32) -> [u64; 2] {
    fastest!(eight_digits_of_two(first, second), [portable::eight_digits(first), portable::eight_digits(second)])
}

/// Returns a bit for every byte of one or two blocks that can't go into a JSON string as is.
#[inline(always)]
pub(in crate::encode) fn special<const LINE_SAFE: bool, const N: usize>(bytes: &[u8; N]) -> u32 {
    const { assert!(N == BLOCK || N == 2 * BLOCK) };
    let (blocks, _) = bytes.as_chunks();
    blocks.iter().rev().fold(0, |bits, block| bits.unbounded_shl(BLOCK as u32) | special_block::<LINE_SAFE>(block))
}

#[inline(always)]
fn special_block<const LINE_SAFE: bool>(block: &[u8; BLOCK]) -> u32 {
    fastest!(special::<LINE_SAFE>(block), portable::special::<LINE_SAFE>(block))
}

#[inline(always)]
fn any_special<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) -> bool {
    fastest!(any_special::<LINE_SAFE>(quad), portable::any_special::<LINE_SAFE>(quad))
}

/// Copies a text of four blocks or more to `at`, up to any four that hold a byte that can't go into a JSON string as is,
/// and returns how many bytes come before those: the length of the text if there are none.
///
/// The last four blocks may overlap the ones before them: what is copied twice is the same.
///
/// # Safety
///
/// The text does not overlap what is written: as many bytes as it has, at `at`.
#[inline(always)]
pub(in crate::encode) unsafe fn copy_clean<const LINE_SAFE: bool>(text: &[u8], at: *mut u8) -> usize {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    if has_avx2() {
        // SAFETY: the processor has AVX2, and the rest is what the caller promises.
        return unsafe { copy_clean_by_avx2::<LINE_SAFE>(text, at) };
    }
    // SAFETY: that is what the caller promises.
    unsafe { copy_clean_by(text, at, any_special::<LINE_SAFE>) }
}

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[inline(always)]
fn has_avx2() -> bool {
    #[cfg(any(test, fuzzing))]
    if TAKE_PORTABLE.get() {
        return false;
    }
    std::arch::is_x86_feature_detected!("avx2")
}

/// # Safety
///
/// That of [`copy_clean`], and the processor has AVX2.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[target_feature(enable = "avx2")]
unsafe fn copy_clean_by_avx2<const LINE_SAFE: bool>(text: &[u8], at: *mut u8) -> usize {
    // SAFETY: that is what the caller promises.
    unsafe { copy_clean_by(text, at, |quad| avx2::any_special::<LINE_SAFE>(quad)) }
}

/// # Safety
///
/// That of [`copy_clean`].
#[inline(always)]
unsafe fn copy_clean_by(text: &[u8], at: *mut u8, any_special: impl Fn(&[u8; 4 * BLOCK]) -> bool) -> usize {
    let last = text.len().saturating_sub(4 * BLOCK);
    let mut start = 0;
    while let Some(quad) = text.get(start..).and_then(<[u8]>::first_chunk) {
        if any_special(quad) {
            return start;
        }
        // SAFETY: `quad` is text, for which there is room.
        unsafe { at.add(start).cast::<[u8; 4 * BLOCK]>().write_unaligned(*quad) };
        if start == last {
            return text.len();
        }
        start = last.min(start + quad.len());
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::encode_trait::to_vec;

    fn is_special<const LINE_SAFE: bool>(byte: u8) -> bool {
        matches!(byte, ..0x20 | b'"' | b'\\') || LINE_SAFE && matches!(byte, 0xC2 | 0xE2)
    }

    fn check_as<const LINE_SAFE: bool>(block: &[u8; BLOCK]) {
        let expected = block.iter().rev().fold(0, |bits, byte| bits << 1 | u32::from(is_special::<LINE_SAFE>(*byte)));
        assert_eq!(special::<LINE_SAFE, BLOCK>(block), expected, "{block:x?}");
        assert_eq!(portable::special::<LINE_SAFE>(block), expected, "{block:x?}");
    }

    fn check_four_as<const LINE_SAFE: bool>(quad: &[u8; 4 * BLOCK]) {
        let expected = quad.iter().any(|byte| is_special::<LINE_SAFE>(*byte));
        assert_eq!(any_special::<LINE_SAFE>(quad), expected, "{quad:x?}");
        assert_eq!(portable::any_special::<LINE_SAFE>(quad), expected, "{quad:x?}");
        #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
        if has_avx2() {
            // SAFETY: the processor has AVX2.
            assert_eq!(unsafe { avx2::any_special::<LINE_SAFE>(quad) }, expected, "{quad:x?}");
        }
    }

    #[test]
    fn all_forms_find_one_special_byte_in_four_blocks() {
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
    fn both_forms_find_every_byte_at_every_position() {
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
    fn both_forms_find_the_first_of_two() {
        for first in 0..=u8::MAX {
            for second in 0..=u8::MAX {
                let mut block = [b'x'; BLOCK];
                block[5..9].copy_from_slice(&[first, second, second, first]);
                check(&block);
            }
        }
    }

    /// Checks through the whole encoder what a target without SSE2 writes.
    #[test]
    fn the_portable_form_writes_the_same() {
        let mut values = vec![serde_json::json!(["", "é\u{2028}", true, null])];
        for length in 0..100 {
            for special in ['"', '\\', '\n', '\u{0}', '\u{1f}', 'x', '\u{85}', '\u{10ffff}'] {
                let text = |at| format!("{}{special}{}", "x".repeat(at), "y".repeat(length));
                values.extend([0, 1, length / 2, length].map(|at| text(at).into()));
            }
        }
        let texts: Vec<String> = values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect();
        let numbers: Vec<u64> = (0..64).flat_map(|bits| [u64::MAX >> bits, 1 << bits, (1 << bits) / 3]).collect();

        for portable in [false, true] {
            take_portable(portable);
            assert_eq!(to_vec(&texts), serde_json::to_vec(&texts).unwrap(), "portable: {portable}");
            assert_eq!(to_vec(&numbers), serde_json::to_vec(&numbers).unwrap(), "portable: {portable}");
        }
        take_portable(false);
    }
}

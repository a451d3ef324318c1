//! Digits that are looked up.

use chunkwire::Writer;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Every number below `N` as two digits to a base.
const fn pairs<const N: usize>(base: usize) -> [[u8; 2]; N] {
    let mut pairs = [[0; 2]; N];
    let mut number = 0;
    while number < N {
        pairs[number] = [DIGITS[number / base], DIGITS[number % base]];
        number += 1;
    }
    pairs
}

/// Returns the two digits of a number below 100.
#[inline]
pub(super) fn pair(number: u32) -> [u8; 2] {
    static PAIRS: [[u8; 2]; 100] = pairs(10);
    PAIRS[number as usize]
}

/// Writes a number below 100 with two digits.
#[inline]
pub(super) fn two(number: u32, out: &mut Writer<'_>) {
    out.ascii(pair(number), 2);
}

/// Writes a number below 10,000 with four digits.
#[inline]
pub(super) fn four(number: u32, out: &mut Writer<'_>) {
    let [[a, b], [c, d]] = [pair(number / 100), pair(number % 100)];
    out.ascii([a, b, c, d], 4);
}

/// Returns the two hexadecimal digits of a byte.
#[inline]
pub(super) fn hex(byte: u8) -> [u8; 2] {
    static PAIRS: [[u8; 2]; 256] = pairs(16);
    PAIRS[usize::from(byte)]
}

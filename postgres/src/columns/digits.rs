//! Digits that are looked up.

use chunkwire::{Short, Writer};

const DIGITS: [&str; 16] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"];

/// Every number below `N` as two digits to a base.
const fn pairs<const N: usize>(base: usize) -> [Short; N] {
    let mut pairs = [Short::new(""); N];
    let mut number = 0;
    while number < N {
        pairs[number] = Short::joined(&[DIGITS[number / base], DIGITS[number % base]]);
        number += 1;
    }
    pairs
}

/// The same without the zeros at the end: what may stand last behind a point.
const fn without_zeros() -> [Short; 100] {
    let mut shorts: [Short; 100] = pairs(10);
    let mut tenths = 0;
    while tenths < 10 {
        shorts[10 * tenths] = Short::new(DIGITS[tenths]);
        tenths += 1;
    }
    shorts
}

static DECIMAL: [Short; 100] = pairs(10);
static LAST: [Short; 100] = without_zeros();
static HEX: [Short; 256] = pairs(16);

/// Writes a number below 100 with two digits.
#[inline]
pub(super) fn two(number: u32, out: &mut Writer<'_>) {
    out.short(&DECIMAL[number as usize]);
}

/// Writes a number below 10,000 with four digits.
#[inline]
pub(super) fn four(number: u32, out: &mut Writer<'_>) {
    two(number / 100, out);
    two(number % 100, out);
}

/// Writes a point and millionths, below 1,000,000, without zeros at the end, or nothing for none.
pub(super) fn millionths(number: u32, out: &mut Writer<'_>) {
    let pairs = [number / 10_000, number / 100 % 100, number % 100];
    if let Some(last) = pairs.iter().rposition(|&pair| pair != 0) {
        out.raw(".");
        for &pair in &pairs[..last] {
            two(pair, out);
        }
        out.short(&LAST[pairs[last] as usize]);
    }
}

/// Writes bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8], out: &mut Writer<'_>) {
    for &byte in bytes {
        out.short(&HEX[usize::from(byte)]);
    }
}

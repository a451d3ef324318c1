//! Decimal digits of integers and short decimals, eight at a time in one word.

use super::arch::{fastest, portable};

/// The ASCII digit zero in every byte.
const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// Eight decimal digits as ASCII, the first in the lowest byte.
#[derive(Clone, Copy)]
pub(super) struct EightDigits(u64);

impl EightDigits {
    /// The smallest number of more than eight digits: 100,000,000.
    pub(super) const LIMIT: u32 = 100_000_000;

    /// Returns the digits of a number below [`LIMIT`](Self::LIMIT).
    #[inline(always)]
    pub(super) fn of(number: u32) -> Self {
        debug_assert!(number < Self::LIMIT);
        Self(portable::eight_digits(number))
    }

    /// Returns the digits of two numbers below [`LIMIT`](Self::LIMIT) at once.
    #[inline(always)]
    pub(super) fn of_two(first: u32, second: u32) -> [Self; 2] {
        debug_assert!(first < Self::LIMIT && second < Self::LIMIT);
        fastest::eight_digits_of_two(first, second).map(Self)
    }

    /// Returns the number of leading zeros; 7 for eight zeros, since the last digit of a number is always written.
    #[inline(always)]
    pub(super) fn leading_zeros(self) -> usize {
        (self.0 | 1 << 56).trailing_zeros() as usize / 8
    }

    /// Returns the number of trailing zeros; 7 for eight zeros.
    #[inline(always)]
    pub(super) fn trailing_zeros(self) -> usize {
        (self.0 | 1).leading_zeros() as usize / 8
    }

    /// Returns the text of both without the first `skipped` digits, at most 7, followed by zero bytes.
    #[inline(always)]
    pub(super) fn text_of_two(both: [Self; 2], skipped: usize) -> [u8; 16] {
        let [first, second] = both.map(|digits| u128::from(digits.0 | ZEROS));
        ((first | second << 64) >> (8 * skipped)).to_le_bytes()
    }

    /// Returns the text without the first `skipped` digits, at most 7, followed by zero bytes.
    #[inline(always)]
    pub(super) fn text(self, skipped: usize) -> [u8; 8] {
        ((self.0 | ZEROS) >> (8 * skipped)).to_le_bytes()
    }
}

/// 2^52, from which on floats are integers: a sum with it is rounded to an integer, which its fraction bits then hold.
const INTEGERS: f64 = (1_u64 << 52) as f64;
const FRACTION: u64 = (1 << 52) - 1;

/// Whether the result of each operation is rounded to a double: not by the x87, with which 32-bit x86 computes if it
/// lacks SSE2. It keeps 64 bits, so that 2^52 + 12.5 is not rounded, and 0.125 passes for 12 hundredths.
const ROUNDS: bool = cfg!(any(not(target_arch = "x86"), target_feature = "sse2"));

/// A float as a short decimal, if it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decimal {
    /// At most two digits after the point, and at most 42,949,672.95.
    Hundredths { whole: u32, hundredths: u8 },
    /// At most six digits after the point.
    Millionths { whole: u32, millionths: u32 },
    /// More, or out of range.
    Long,
    /// It is none.
    NotFinite,
}

impl Decimal {
    /// Returns the decimal that reads back as `magnitude`.
    ///
    /// A short one is the text that ryu finds. The quotient of two integers below 2^53 is correctly rounded (IEEE 754,
    /// section 5.4.1), so a decimal that passes the comparison reads back as `magnitude`; and no two decimals of up to
    /// 15 digits read as the same float (`f64::DIGITS`), so there is no shorter one. ryu writes floats below 0.00001
    /// with an exponent, so they are left to it. So is every float where the processor does not round.
    #[inline(always)]
    pub(super) fn of(magnitude: f64) -> Self {
        if !ROUNDS {
            return Self::beyond(magnitude);
        }
        // The lower 32 bits of the fraction. If the number has more, they are another's, which the comparison finds.
        let scaled = (magnitude * 1e2 + INTEGERS).to_bits() as u32;
        if f64::from(scaled) / 1e2 == magnitude {
            return Self::Hundredths { whole: scaled / 100, hundredths: (scaled % 100) as u8 };
        }
        match magnitude {
            ..1e-5 => return Self::Long,
            ..1e9 => {}
            _ => return Self::beyond(magnitude),
        }
        let scaled = magnitude * 1e6 + INTEGERS;
        if (scaled - INTEGERS) / 1e6 == magnitude {
            let scaled = scaled.to_bits() & FRACTION;
            let (whole, millionths) = (scaled / 1_000_000, scaled % 1_000_000);
            return Self::Millionths { whole: whole as u32, millionths: millionths as u32 };
        }
        Self::Long
    }

    /// Returns the whole and the hundredths of a positive float below 1,000 that has no more.
    #[inline(always)]
    pub(super) fn tiny(float: f64) -> Option<(u32, u8)> {
        let scaled = (float * 1e2 + INTEGERS).to_bits() as u32;
        let is_tiny = ROUNDS && scaled < 100_000 && (f64::from(scaled) / 1e2).to_bits() == float.to_bits();
        is_tiny.then_some((scaled / 100, (scaled % 100) as u8))
    }

    /// Returns what a float is that is not known to be short.
    #[inline(always)]
    fn beyond(magnitude: f64) -> Self {
        if magnitude.is_finite() { Self::Long } else { Self::NotFinite }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;
    use crate::to_vec;

    fn check(number: u32) {
        let digits = EightDigits::of(number);
        let [first, second] = EightDigits::of_two(number, EightDigits::LIMIT - 1 - number);
        assert_eq!(first.text(0), digits.text(0));
        assert_eq!(second.text(0), EightDigits::of(EightDigits::LIMIT - 1 - number).text(0));
        let text = format!("{number:08}");
        assert_eq!(digits.text(0), *text.as_bytes());
        assert_eq!(digits.leading_zeros(), 8 - number.to_string().len());
        assert_eq!(digits.trailing_zeros(), (8 - text.trim_end_matches('0').len()).min(7));
        let skipped = digits.leading_zeros();
        assert_eq!(&digits.text(skipped)[..8 - skipped], number.to_string().as_bytes());
        let both = EightDigits::text_of_two([first, second], skipped);
        assert_eq!(both[..16 - skipped], [&first.text(0)[skipped..], &second.text(0)].concat());
    }

    #[test]
    fn every_group_of_four_digits() {
        for four in 0..10_000 {
            check(four);
            check(four * 10_000);
            check(four * 10_000 + (9999 - four));
        }
    }

    #[test]
    fn short_decimals_and_others() {
        let hundredths = |whole, hundredths| Decimal::Hundredths { whole, hundredths };
        let millionths = |whole, millionths| Decimal::Millionths { whole, millionths };
        for (float, expected) in [
            (97.25, hundredths(97, 25)),
            (0.1, hundredths(0, 10)),
            (3.0, hundredths(3, 0)),
            (0.0, hundredths(0, 0)),
            (42_949_672.95, hundredths(42_949_672, 95)),
            (42_949_672.96, millionths(42_949_672, 960_000)),
            (42_949_673.25, millionths(42_949_673, 250_000)),
            (0.001, millionths(0, 1000)),
            (0.00001, millionths(0, 10)),
            (999_999_999.999_999, millionths(999_999_999, 999_999)),
            (0.000009, Decimal::Long),
            (0.1234567, Decimal::Long),
            (0.1f64.next_up(), Decimal::Long),
            (0.1f64.next_down(), Decimal::Long),
            (1e9, Decimal::Long),
            (1e300, Decimal::Long),
            (f64::INFINITY, Decimal::NotFinite),
            (f64::NAN, Decimal::NotFinite),
        ] {
            let expected = if ROUNDS { expected } else { Decimal::beyond(float) };
            assert_eq!(Decimal::of(float), expected, "{float}");
        }
    }

    #[test]
    fn tiny_floats_and_others() {
        for hundredths in 0..100_000 {
            let float = f64::from(hundredths) / 100.0;
            let expected = ROUNDS.then_some((hundredths / 100, (hundredths % 100) as u8));
            assert_eq!(Decimal::tiny(float), expected, "{float}");
        }
        for float in [-0.0, -1.5, 0.001, 0.1f64.next_up(), 1000.0, 42_949_672.96, 1e300, f64::INFINITY, f64::NAN] {
            assert_eq!(Decimal::tiny(float), None, "{float}");
        }
    }

    /// Fails where the processor keeps more bits than a double has although floats are taken for decimals.
    #[test]
    fn decimals_are_found_only_where_results_are_rounded() {
        let x87_is_used = cfg!(target_arch = "x86") && !cfg!(target_feature = "sse2");
        assert_eq!(ROUNDS, !x87_is_used);
        for float in [0.125, 0.375, 1.125, 2.5e-3].map(black_box) {
            assert!(!ROUNDS || (float * 1e2 + INTEGERS - INTEGERS) / 1e2 != float, "{float} is no hundredths");
        }
        for eighths in 0..1_000_000 {
            let float = black_box(f64::from(eighths) / 8.0);
            let text = String::from_utf8(to_vec(&float)).unwrap();
            assert_eq!(text, ryu::Buffer::new().format_finite(float));
        }
    }
}

//! Decimal digits of integers and short decimals, eight at a time in one word.

/// The ASCII digit zero in every byte.
const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// Eight decimal digits as ASCII, the first in the lowest byte.
///
/// Each step splits every number in the word in two at once: eight digits into four and four, those into two and two,
/// those into one and one. The multiplications divide by 10,000, 100 and 10, exactly for numbers of that size (Granlund
/// and Montgomery: Division by invariant integers using multiplication, 1994).
#[derive(Clone, Copy)]
pub(super) struct EightDigits(u64);

impl EightDigits {
    /// What all numbers of eight digits are below: 100,000,000.
    pub(super) const LIMIT: u32 = 100_000_000;

    /// The digits of a number below [`LIMIT`](Self::LIMIT).
    #[inline(always)]
    pub(super) fn of(number: u32) -> Self {
        debug_assert!(number < Self::LIMIT);
        let number = u64::from(number);
        let upper = number / 10_000;
        let fours = upper | (number - upper * 10_000) << 32;
        let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
        let twos = hundreds | (fours - hundreds * 100) << 16;
        let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
        Self(tens | (twos - tens * 10) << 8)
    }

    /// The digits of two numbers below [`LIMIT`](Self::LIMIT) at once.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "sse2")]
    #[inline]
    pub(super) fn of_two_sse2(first: u32, second: u32) -> [Self; 2] {
        use std::arch::x86_64::{
            _mm_cvtsi128_si64, _mm_mul_epu32, _mm_mulhi_epu16, _mm_mullo_epi16, _mm_or_si128, _mm_set_epi64x,
            _mm_set1_epi16, _mm_set1_epi64x, _mm_slli_epi16, _mm_slli_epi32, _mm_slli_epi64, _mm_srli_epi16,
            _mm_srli_epi64, _mm_sub_epi16, _mm_sub_epi64, _mm_unpackhi_epi64,
        };

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
        let word = |half| Self(_mm_cvtsi128_si64(half) as u64);
        [word(digits), word(_mm_unpackhi_epi64(digits, digits))]
    }

    /// How many of the digits are zeros before the first other one; 7 for eight zeros, as the last digit of a number
    /// is always written.
    #[inline(always)]
    pub(super) fn leading_zeros(self) -> usize {
        (self.0 | 1 << 56).trailing_zeros() as usize / 8
    }

    /// How many of the digits are zeros behind the last other one; 7 for eight zeros.
    #[inline(always)]
    pub(super) fn trailing_zeros(self) -> usize {
        (self.0 | 1).leading_zeros() as usize / 8
    }

    /// The text without the first `skipped` digits, of which there are at most 7, with zero bytes behind it.
    #[inline(always)]
    pub(super) fn text(self, skipped: usize) -> [u8; 8] {
        ((self.0 | ZEROS) >> (8 * skipped)).to_le_bytes()
    }
}

/// 2^52, from which on floats are integers: a sum with it is rounded to one, which is what its fraction bits then hold.
const INTEGERS: f64 = (1_u64 << 52) as f64;
const FRACTION: u64 = (1 << 52) - 1;

/// A float as a short decimal, if it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decimal {
    /// At most two digits behind the point, below 40,000,000.
    Hundredths { whole: u32, hundredths: u8 },
    /// At most six digits behind the point.
    Millionths { whole: u32, millionths: u32 },
    /// More, or out of range.
    Long,
}

impl Decimal {
    /// The decimal that reads back as `magnitude`.
    ///
    /// Where it is short, it is the text that ryu finds. The quotient of two integers below 2^53 is correctly rounded
    /// (IEEE 754, section 5.4.1), so a decimal that passes the comparison reads back as `magnitude`; and no two decimals
    /// of up to 15 digits read as the same float (`f64::DIGITS`), so there is no shorter one. ryu writes floats below
    /// 0.00001 with an exponent, which are therefore not ours.
    #[inline(always)]
    pub(super) fn of(magnitude: f64) -> Self {
        let scaled = magnitude * 1e2 + INTEGERS;
        if magnitude < 4e7 && (scaled - INTEGERS) / 1e2 == magnitude {
            // What is below 4,000,000,000 is in the lower half of the fraction.
            let scaled = scaled.to_bits() as u32;
            return Self::Hundredths { whole: scaled / 100, hundredths: (scaled % 100) as u8 };
        }
        if !(1e-5..1e9).contains(&magnitude) {
            return Self::Long;
        }
        let scaled = magnitude * 1e6 + INTEGERS;
        if (scaled - INTEGERS) / 1e6 == magnitude {
            let scaled = scaled.to_bits() & FRACTION;
            let (whole, millionths) = (scaled / 1_000_000, scaled % 1_000_000);
            return Self::Millionths { whole: whole as u32, millionths: millionths as u32 };
        }
        Self::Long
    }
}

#[cfg(test)]
mod tests {
    use super::super::cursor::two_numbers;
    use super::*;

    fn check(number: u32) {
        let digits = EightDigits::of(number);
        let [first, second] = two_numbers(number, EightDigits::LIMIT - 1 - number);
        assert_eq!(first.text(0), digits.text(0));
        assert_eq!(second.text(0), EightDigits::of(EightDigits::LIMIT - 1 - number).text(0));
        let text = format!("{number:08}");
        assert_eq!(digits.text(0), *text.as_bytes());
        assert_eq!(digits.leading_zeros(), 8 - number.to_string().len());
        assert_eq!(digits.trailing_zeros(), (8 - text.trim_end_matches('0').len()).min(7));
        let skipped = digits.leading_zeros();
        assert_eq!(&digits.text(skipped)[..8 - skipped], number.to_string().as_bytes());
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
            (39_999_999.99, hundredths(39_999_999, 99)),
            (40_000_000.25, millionths(40_000_000, 250_000)),
            (0.001, millionths(0, 1000)),
            (0.00001, millionths(0, 10)),
            (999_999_999.999_999, millionths(999_999_999, 999_999)),
            (0.000009, Decimal::Long),
            (0.1234567, Decimal::Long),
            (0.1f64.next_up(), Decimal::Long),
            (0.1f64.next_down(), Decimal::Long),
            (1e9, Decimal::Long),
        ] {
            assert_eq!(Decimal::of(float), expected, "{float}");
        }
    }
}

//! The text of a number, stored a few digits at a time.

use super::digits::{Decimal, EightDigits};
use super::small;
use super::store::{Store, StoreFloat};

/// Appends an integer in decimal digits.
#[inline(always)]
pub(super) fn unsigned(value: u64, out: &mut impl Store) {
    if value < 1000 {
        let digits = small::up_to_three(value as u32);
        out.store(digits.bytes(), digits.len());
    } else if value < 10_000 {
        out.store(small::four(value as u32), 4);
    } else if value < EightDigits::LIMIT.into() {
        first(EightDigits::of(value as u32), out);
    } else {
        long(value, out);
    }
}

/// Appends an integer of 9 to 20 digits.
#[inline(always)]
fn long(value: u64, out: &mut impl Store) {
    const LIMIT: u64 = EightDigits::LIMIT as u64;
    let (upper, lowest) = (value / LIMIT, (value % LIMIT) as u32);
    if upper < LIMIT {
        let digits = EightDigits::of_two(upper as u32, lowest);
        let skipped = digits[0].leading_zeros();
        out.store(EightDigits::text_of_two(digits, skipped), 16 - skipped);
    } else {
        let [middle, lowest] = EightDigits::of_two((upper % LIMIT) as u32, lowest);
        first(EightDigits::of((upper / LIMIT) as u32), out);
        out.store_ahead(middle.text(0), 8);
        out.store(lowest.text(0), 8);
    }
}

/// Appends the first digits of a number, without its leading zeros.
#[inline(always)]
fn first(digits: EightDigits, out: &mut impl Store) {
    let skipped = digits.leading_zeros();
    out.store(digits.text(skipped), 8 - skipped);
}

/// Appends an integer in decimal digits, with a sign if it is negative.
#[inline(always)]
pub(super) fn signed(value: i64, out: &mut impl Store) {
    out.store_ahead([b'-'], usize::from(value < 0));
    unsigned(value.unsigned_abs(), out);
}

/// Appends a float below 1,000 of at most two digits after the point, and returns whether it is one.
#[inline(always)]
pub(super) fn tiny_float(value: f64, out: &mut impl Store) -> bool {
    let tiny = Decimal::tiny(value);
    if let Some((whole, hundredths)) = tiny {
        let (whole, behind_point) = (small::up_to_three(whole), small::hundredths(hundredths));
        out.store_ahead(whole.bytes(), whole.len());
        out.store(behind_point.bytes(), behind_point.len());
    }
    tiny.is_some()
}

/// Appends the shortest decimal number that reads back as `value`, in ryu's notation, or `null` if it is not finite.
#[inline(always)]
pub(super) fn float(value: f64, out: &mut impl StoreFloat) {
    let sign = usize::from(value.is_sign_negative());
    match Decimal::of(value.abs()) {
        Decimal::Hundredths { whole, hundredths } => {
            out.store_ahead([b'-'], sign);
            unsigned(whole.into(), out);
            let behind_point = small::hundredths(hundredths);
            out.store_ahead(behind_point.bytes(), behind_point.len());
        }
        Decimal::Millionths { whole, millionths } => {
            out.store_ahead([b'-'], sign);
            unsigned(whole.into(), out);
            out.store_ahead([b'.'], 1);
            let behind_point = EightDigits::of(100 * millionths);
            out.store(behind_point.text(0), 8 - behind_point.trailing_zeros());
        }
        Decimal::Long => out.long_float(value),
        Decimal::NotFinite => out.store(*b"null", 4),
    }
}

#[cfg(test)]
mod tests {
    use crate::to_vec;

    #[test]
    fn long_floats_are_the_text_of_ryu() {
        for float in [
            0.1f64.next_up(),
            -5e-324,
            f64::MIN,
            f64::MIN_POSITIVE,
            1e15,
            9_999_999_999_999_998.0,
            1e16,
            -1e16,
            1e16f64.next_up(),
            -1.234_567_890_123_456_7e16,
            1e99,
            -1e100,
            1e-5,
            1e-6,
        ] {
            assert_eq!(to_vec(&float), ryu::Buffer::new().format_finite(float).as_bytes());
        }
    }
}

//! Floats with many digits.

/// The longest text of a finite float: a sign, 17 digits, a point, and an exponent of three digits with its sign.
const MOST: usize = 24;

/// How many bytes are copied at once.
const HALF: usize = 16;

/// The shortest decimal number that reads back as a float.
///
/// It is returned as a value and not written at once, so that the writer stays in registers.
#[derive(Clone, Copy)]
pub(super) struct LongDecimal {
    text: [u8; MOST],
    len: usize,
}

impl LongDecimal {
    /// Returns that of a finite float: the digits that ryu finds, in its notation.
    ///
    /// zmij finds the same digits in less time; its notation differs by the sign of an exponent that is positive.
    #[inline(never)]
    pub(super) fn of(float: f64) -> Self {
        let mut buffer = zmij::Buffer::new();
        let digits = buffer.format_finite(float).as_bytes();
        let (mut text, mut len) = ([0; MOST], digits.len());
        // Nearly all are that long, and stores of fixed size are faster.
        if let (Some(first), Some(last)) = (digits.first_chunk::<HALF>(), digits.last_chunk::<HALF>()) {
            text[..HALF].copy_from_slice(first);
            text[len - HALF..][..HALF].copy_from_slice(last);
        } else {
            text[..len].copy_from_slice(digits);
        }
        if float.abs() >= 1e16 {
            // Its exponent has two digits or three.
            let sign = len - if text[len - 3] == b'+' { 3 } else { 4 };
            text.copy_within(sign + 1..len, sign);
            len -= 1;
        }
        Self { text, len }
    }

    /// Returns bytes that begin with the text.
    #[inline(always)]
    pub(super) fn text(&self) -> [u8; MOST] {
        self.text
    }

    /// Returns the length of the text.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_text_of_ryu() {
        for float in
            [0.1, -5e-324, f64::MIN, f64::MIN_POSITIVE, 1e16, 9_999_999_999_999_998.0, 1e15, -1e100, 1e-5, 1e-6]
        {
            let decimal = LongDecimal::of(float);
            assert_eq!(&decimal.text()[..decimal.len()], ryu::Buffer::new().format_finite(float).as_bytes());
        }
    }
}

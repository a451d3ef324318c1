//! Small numbers: their digits are looked up.

/// A text of at most three bytes, the first in the lowest, with its length in the upper two bits: one load gets both.
#[derive(Clone, Copy)]
pub(super) struct Tiny(u32);

impl Tiny {
    const fn new(bytes: [u8; 3], len: u8) -> Self {
        let [first, second, third] = bytes;
        Self(u32::from_le_bytes([first, second, third, len << 6]))
    }

    #[inline(always)]
    pub(super) fn bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }

    #[inline(always)]
    pub(super) fn len(self) -> usize {
        (self.0 >> 30) as usize
    }
}

/// Returns the two digits of a number below 100.
const fn pair(number: usize) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

/// Returns the digits of a number below 1,000.
#[inline(always)]
pub(super) fn up_to_three(number: u32) -> Tiny {
    static TABLE: [Tiny; 1000] = {
        let mut table = [Tiny(0); 1000];
        let mut number = 0;
        while number < 1000 {
            let first = b'0' + (number / 100) as u8;
            let [second, third] = pair(number % 100);
            table[number] = match number {
                0..10 => Tiny::new([third, 0, 0], 1),
                10..100 => Tiny::new([second, third, 0], 2),
                _ => Tiny::new([first, second, third], 3),
            };
            number += 1;
        }
        table
    };
    TABLE[number as usize]
}

/// Returns the two digits of a number below 100, with a leading zero.
#[inline(always)]
pub(super) fn two(number: u8) -> [u8; 2] {
    let [_, first, second, _] = hundredths(number).bytes();
    [first, second]
}

/// Returns the four digits of a number below 10,000, with leading zeros.
#[inline(always)]
pub(super) fn four(number: u32) -> [u8; 4] {
    let [[first, second], [third, fourth]] = [two((number / 100) as u8), two((number % 100) as u8)];
    [first, second, third, fourth]
}

/// Returns a point and two decimals for hundredths below 100, or one if the second is a zero.
#[inline(always)]
pub(super) fn hundredths(number: u8) -> Tiny {
    static TABLE: [Tiny; 100] = {
        let mut table = [Tiny(0); 100];
        let mut number = 0;
        while number < 100 {
            let [tenths, hundredths] = pair(number);
            table[number] = Tiny::new([b'.', tenths, hundredths], if hundredths == b'0' { 2 } else { 3 });
            number += 1;
        }
        table
    };
    TABLE[usize::from(number)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_up_to_four_digits() {
        for number in 0..10_000 {
            assert_eq!(four(number), *format!("{number:04}").as_bytes());
        }
        for number in 0..1000 {
            let digits = up_to_three(number);
            assert_eq!(&digits.bytes()[..digits.len()], number.to_string().as_bytes());
        }
    }

    #[test]
    fn every_hundredth() {
        for number in 0..100 {
            let digits = hundredths(number);
            let text = format!(".{number:02}");
            let expected = if number % 10 == 0 { &text[..2] } else { &text };
            assert_eq!(&digits.bytes()[..digits.len()], expected.as_bytes());
        }
    }
}

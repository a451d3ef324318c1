//! Integers and floats.

use std::num::NonZero;

use super::encode_key::quoted_keys;
use super::encode_trait::Encode;
use super::writer::Writer;

macro_rules! encode_integer {
    ($method:ident: $($integer:ty),*) => {$(
        impl Encode for $integer {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                out.$method((*self).into());
            }
        }
    )*};
}

encode_integer!(unsigned: u8, u16, u32, u64);
encode_integer!(signed: i8, i16, i32, i64);

impl Encode for usize {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.unsigned(*self as u64);
    }
}

impl Encode for isize {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.signed(*self as i64);
    }
}

impl Encode for u128 {
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw(itoa::Buffer::new().format(*self));
    }
}

impl Encode for i128 {
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw(itoa::Buffer::new().format(*self));
    }
}

quoted_keys!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

macro_rules! encode_nonzero {
    ($($integer:ty),*) => {$(
        impl Encode for NonZero<$integer> {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                self.get().encode(out);
            }
        }

        quoted_keys!(NonZero<$integer>);
    )*};
}

encode_nonzero!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

impl Encode for f64 {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.f64(*self);
    }
}

impl Encode for f32 {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.f32(*self);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Encode, to_vec};

    fn text(value: impl Encode) -> String {
        String::from_utf8(to_vec(&value)).unwrap()
    }

    #[test]
    fn integers_of_every_width_at_their_bounds() {
        macro_rules! bounds {
            ($($integer:ty)*) => {$(
                for value in [<$integer>::MIN, 0, 1, 9, 10, 99, 100, <$integer>::MAX] {
                    assert_eq!(text(value), value.to_string());
                }
            )*};
        }
        bounds!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
    }

    #[test]
    fn every_small_integer() {
        for value in i16::MIN..=i16::MAX {
            assert_eq!(text(value), value.to_string());
            assert_eq!(text(value as u16), (value as u16).to_string());
        }
    }

    #[test]
    fn floats() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (97.25, "97.25"),
            (-0.1, "-0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e16"),
            (1e-5, "0.00001"),
            (1e-6, "1e-6"),
            (f64::MAX, "1.7976931348623157e308"),
            (5e-324, "5e-324"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
            (f64::NEG_INFINITY, "null"),
        ] {
            assert_eq!(text(value), expected);
        }
        assert_eq!(text([0.1f32, f32::MAX, f32::NAN, f32::NEG_INFINITY]), "[0.1,3.4028235e38,null,null]");
    }
}

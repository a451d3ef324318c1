//! The parts of dates and times in ISO 8601's extended form.

use crate::encode::small;
use crate::encode::writer::Writer;

/// Writes the two digits of a number below 100.
pub(super) fn two(number: u8, out: &mut Writer<'_>) {
    out.ascii(small::two(number), 2);
}

/// Writes a date. A year of more than four digits has a sign.
pub(super) fn date(year: i32, month: u8, day: u8, out: &mut Writer<'_>) {
    let magnitude = year.unsigned_abs();
    match year {
        0..=9999 => {}
        ..0 => out.raw("-"),
        _ => out.raw("+"),
    }
    if magnitude < 10_000 {
        out.ascii(small::four(magnitude), 4)
    } else {
        out.unsigned(magnitude.into())
    }
    out.raw("-");
    two(month, out);
    out.raw("-");
    two(day, out);
}

/// Writes a time of day, or an offset, to the second.
pub(super) fn clock(hours: u8, minutes: u8, seconds: u8, out: &mut Writer<'_>) {
    two(hours, out);
    out.raw(":");
    two(minutes, out);
    out.raw(":");
    two(seconds, out);
}

/// How many digits a fraction of a second has.
#[derive(Clone, Copy)]
pub(super) enum Digits {
    /// As many groups of three as are needed; without any, there is no point.
    #[cfg(feature = "chrono")]
    InThrees,
    /// As many as are needed, at least one.
    #[cfg(feature = "time")]
    AtLeastOne,
    /// All nine.
    #[cfg(feature = "time")]
    Nine,
}

/// Writes a point and the decimals of a second.
pub(super) fn fraction(nanoseconds: u32, digits: Digits, out: &mut Writer<'_>) {
    let [a, b, c, d] = small::four(nanoseconds / 100_000);
    let [e, f, g, h] = small::four(nanoseconds / 10 % 10_000);
    let decimals = [a, b, c, d, e, f, g, h, b'0' + (nanoseconds % 10) as u8];
    let needed = decimals.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    let len = match digits {
        #[cfg(feature = "chrono")]
        Digits::InThrees if needed == 0 => return,
        #[cfg(feature = "chrono")]
        Digits::InThrees => needed.next_multiple_of(3),
        #[cfg(feature = "time")]
        Digits::AtLeastOne => needed.max(1),
        #[cfg(feature = "time")]
        Digits::Nine => decimals.len(),
    };
    out.raw(".");
    out.ascii(decimals, len);
}

/// Lets types be the string that a function writes, without quotes.
macro_rules! encode_as_string {
    ($($type:ty: $write:ident),* $(,)?) => {$(
        impl $crate::encode::encode_trait::Encode for $type {
            fn encode(&self, out: &mut $crate::encode::writer::Writer<'_>) {
                out.raw("\"");
                $write(*self, out);
                out.raw("\"");
            }
        }

        impl $crate::encode::encode_key::EncodeKey for $type {}
    )*};
}

pub(super) use encode_as_string;

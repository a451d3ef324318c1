//! Numbers of any size (`numeric_send` in PostgreSQL's src/backend/utils/adt/numeric.c).

use chunkwire::Writer;

use super::digits::{four, two};
use super::input::Input;
use super::malformed::Malformed;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

/// `NUMERIC_DSCALE_MAX`: no number has more digits after the point.
const MOST_BEHIND_POINT: u16 = 0x3FFF;

/// Digits to the base of 10,000.
struct Groups<'a> {
    groups: &'a [[u8; 2]],
    /// The exponent of the first.
    weight: i32,
}

impl Groups<'_> {
    /// Returns the digit of an exponent, which is zero if it is not among those that were sent.
    fn of(&self, exponent: i32) -> u32 {
        let at = usize::try_from(self.weight - exponent);
        at.ok().and_then(|at| self.groups.get(at)).map_or(0, |group| u16::from_be_bytes(*group).into())
    }
}

/// Writes a number with as many digits after the point as it was declared or computed with.
pub(super) fn numeric(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
    let mut input = Input(bytes);
    let [a, b, c, d, e, f, g, h] = input.take()?;
    let (count, weight) = (u16::from_be_bytes([a, b]), i16::from_be_bytes([c, d]));
    let (sign, behind_point) = (u16::from_be_bytes([e, f]), u16::from_be_bytes([g, h]));
    let (groups, odd) = input.0.as_chunks();
    if groups.len() != usize::from(count) || !odd.is_empty() {
        return Err(Malformed("the number has more or fewer digits than it says"));
    }
    if groups.iter().any(|group| u16::from_be_bytes(*group) > 9999) || behind_point > MOST_BEHIND_POINT {
        return Err(Malformed("the number has digits that are none"));
    }
    let (before, is_finite) = match sign {
        0 => ("", true),
        NEGATIVE => ("-", true),
        NAN => ("\"NaN\"", false),
        INFINITY => ("\"Infinity\"", false),
        NEGATIVE_INFINITY => ("\"-Infinity\"", false),
        _ => return Err(Malformed("the number has a sign that is none")),
    };
    out.raw(before);
    if is_finite {
        let groups = Groups { groups, weight: weight.into() };
        before_point(&groups, out);
        after_point(&groups, behind_point, out);
    }
    Ok(())
}

fn before_point(groups: &Groups<'_>, out: &mut Writer<'_>) {
    // Their digits fit a `u64`.
    if groups.weight < 4 {
        let whole =
            (0..=groups.weight).rev().fold(0, |whole, exponent| whole * 10_000 + u64::from(groups.of(exponent)));
        return out.unsigned(whole);
    }
    let mut exponents = (0..=groups.weight).rev();
    let first = exponents.find_map(|exponent| Some(groups.of(exponent)).filter(|&group| group != 0));
    out.unsigned(first.unwrap_or(0).into());
    for exponent in exponents {
        four(groups.of(exponent), out);
    }
}

fn after_point(groups: &Groups<'_>, digits: u16, out: &mut Writer<'_>) {
    if digits == 0 {
        return;
    }
    out.raw(".");
    let whole = i32::from(digits / 4);
    for behind in 1..=whole {
        four(groups.of(-behind), out);
    }
    let last = groups.of(-whole - 1);
    match digits % 4 {
        1 => out.unsigned((last / 1000).into()),
        2 => two(last / 100, out),
        3 => {
            two(last / 100, out);
            out.unsigned((last / 10 % 10).into());
        }
        _ => {}
    }
}

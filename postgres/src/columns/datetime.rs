//! Dates and times, as `to_json` writes them where the session's time zone is UTC.

use chunkwire::{Short, Writer};

use super::digits::{four, pair};
use super::malformed::Malformed;

const DAY: i64 = 86_400_000_000;

/// What ends the string of a point in time.
#[derive(Clone, Copy)]
pub(super) struct Zone {
    after_christ: Short,
    before_christ: Short,
}

impl Zone {
    pub(super) const NONE: Self = Self { after_christ: Short::new("\""), before_christ: Short::new(" BC\"") };
    pub(super) const UTC: Self =
        Self { after_christ: Short::new("+00:00\""), before_christ: Short::new("+00:00 BC\"") };
}

/// Writes a date: days since the year 2000.
pub(super) fn date(days: i32, out: &mut Writer<'_>) {
    match days {
        i32::MAX => out.raw("\"infinity\""),
        i32::MIN => out.raw("\"-infinity\""),
        days => {
            let day = Day::of(days.into());
            day.write(out);
            day.end(&Zone::NONE, out);
        }
    }
}

/// Writes a point in time, microseconds since the year 2000, with a zone after it.
pub(super) fn timestamp(microseconds: i64, zone: &Zone, out: &mut Writer<'_>) {
    match microseconds {
        i64::MAX => out.raw("\"infinity\""),
        i64::MIN => out.raw("\"-infinity\""),
        microseconds => {
            let day = Day::of(microseconds.div_euclid(DAY));
            day.write(out);
            out.raw("T");
            clock(microseconds.rem_euclid(DAY), out);
            day.end(zone, out);
        }
    }
}

/// Writes a time of day in microseconds, of which 24:00:00 is one, too.
pub(super) fn time(microseconds: i64, out: &mut Writer<'_>) -> Result<(), Malformed> {
    if !(0..=DAY).contains(&microseconds) {
        return Err(Malformed("the time is not within a day"));
    }
    out.raw("\"");
    clock(microseconds, out);
    out.raw("\"");
    Ok(())
}

/// Writes a time of day: a fraction of a second has no zeros at its end, and without one there is no point.
fn clock(microseconds: i64, out: &mut Writer<'_>) {
    let (seconds, millionths) = ((microseconds / 1_000_000) as u32, (microseconds % 1_000_000) as u32);
    let ([h, g], [m, n], [s, t]) = (pair(seconds / 3600), pair(seconds / 60 % 60), pair(seconds % 60));
    let ([a, b], [c, d], [e, f]) = (pair(millionths / 10_000), pair(millionths / 100 % 100), pair(millionths % 100));
    let fraction = u64::from_le_bytes([b'.', a, b, c, d, e, f, b'0']);
    // Zeros of what is written last are in front.
    let zeros = (fraction ^ u64::from_le_bytes(*b".0000000")).leading_zeros() / 8;
    let len = if zeros == 8 { 8 } else { 16 - zeros as usize };
    out.ascii([h, g, b':', m, n, b':', s, t, b'.', a, b, c, d, e, f, b'0'], len);
}

/// A day of the Gregorian calendar, which PostgreSQL uses for all times.
struct Day {
    /// 0 is 1 BC.
    year: i64,
    month: u32,
    day: u32,
}

impl Day {
    /// Returns the day that is so many days after 2000-01-01.
    ///
    /// Years here begin in March, so that a leap day is the last of a year: see `civil_from_days` in Howard Hinnant's
    /// "chrono-Compatible Low-Level Date Algorithms".
    fn of(days: i64) -> Self {
        const CENTURIES: i64 = 146_097; // Days of 400 years.
        const FROM_YEAR_0: i64 = 730_425; // Days from 0000-03-01 to 2000-01-01.
        let days = days + FROM_YEAR_0;
        let day = days.rem_euclid(CENTURIES) as u32;
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let is_next_year = month >= 10;
        Self {
            year: days.div_euclid(CENTURIES) * 400 + i64::from(year) + i64::from(is_next_year),
            month: if is_next_year { month - 9 } else { month + 3 },
            day: day - (153 * month + 2) / 5 + 1,
        }
    }

    /// Begins the string of a date.
    fn write(&self, out: &mut Writer<'_>) {
        let ([m, n], [d, e]) = (pair(self.month), pair(self.day));
        match self.year {
            year @ 1..10_000 => {
                let ([y, z], [v, w]) = (pair(year as u32 / 100), pair(year as u32 % 100));
                out.ascii([b'"', y, z, v, w, b'-', m, n, b'-', d, e], 11);
            }
            year => {
                let year = if year > 0 { year } else { 1 - year } as u64;
                out.raw("\"");
                if year < 10_000 {
                    four(year as u32, out)
                } else {
                    out.unsigned(year)
                }
                out.ascii([b'-', m, n, b'-', d, e], 6);
            }
        }
    }

    /// Ends the string.
    fn end(&self, zone: &Zone, out: &mut Writer<'_>) {
        out.short(if self.year > 0 { &zone.after_christ } else { &zone.before_christ });
    }
}

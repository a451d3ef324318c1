//! Dates and times, as `to_json` writes them where the session's time zone is UTC.

use chunkwire::Writer;

use super::digits::{four, millionths, two};
use super::malformed::Malformed;

const DAY: i64 = 86_400_000_000;

/// Writes a date: days since the year 2000.
pub(super) fn date(days: i32, out: &mut Writer<'_>) {
    match days {
        i32::MAX => out.raw("\"infinity\""),
        i32::MIN => out.raw("\"-infinity\""),
        days => {
            let day = Day::of(days.into());
            out.raw("\"");
            day.write(out);
            out.raw(day.end());
        }
    }
}

/// Writes a point in time, microseconds since the year 2000, with a zone behind it.
pub(super) fn timestamp(microseconds: i64, zone: &str, out: &mut Writer<'_>) {
    match microseconds {
        i64::MAX => out.raw("\"infinity\""),
        i64::MIN => out.raw("\"-infinity\""),
        microseconds => {
            let day = Day::of(microseconds.div_euclid(DAY));
            out.raw("\"");
            day.write(out);
            out.raw("T");
            clock(microseconds.rem_euclid(DAY), out);
            out.raw(zone);
            out.raw(day.end());
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

fn clock(microseconds: i64, out: &mut Writer<'_>) {
    let seconds = (microseconds / 1_000_000) as u32;
    two(seconds / 3600, out);
    out.raw(":");
    two(seconds / 60 % 60, out);
    out.raw(":");
    two(seconds % 60, out);
    millionths((microseconds % 1_000_000) as u32, out);
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
        let day = days.rem_euclid(CENTURIES);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let is_next_year = month >= 10;
        Self {
            year: days.div_euclid(CENTURIES) * 400 + year + i64::from(is_next_year),
            month: (if is_next_year { month - 9 } else { month + 3 }) as u32,
            day: (day - (153 * month + 2) / 5 + 1) as u32,
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        let year = if self.year > 0 { self.year } else { 1 - self.year } as u64;
        if year < 10_000 {
            four(year as u32, out)
        } else {
            out.unsigned(year)
        }
        out.raw("-");
        two(self.month, out);
        out.raw("-");
        two(self.day, out);
    }

    /// Returns what ends the string of a date.
    fn end(&self) -> &'static str {
        if self.year > 0 { "\"" } else { " BC\"" }
    }
}

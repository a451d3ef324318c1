//! Dates and times of `chrono`: strings as in RFC 3339.

use chrono::{
    DateTime, Datelike, Month, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Weekday,
};

use super::civil::{self, Digits, encode_as_string};
use crate::encode::display::encode_as_display;
use crate::encode::encode_key::EncodeKey;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

fn write_date(date: NaiveDate, out: &mut Writer<'_>) {
    civil::date(date.year(), date.month() as u8, date.day() as u8, out);
}

/// Writes a time of day. A leap second is one whose nanoseconds go on, from 1,000,000,000.
fn write_time(time: NaiveTime, out: &mut Writer<'_>) {
    let (leap, nanoseconds) = (time.nanosecond() / 1_000_000_000, time.nanosecond() % 1_000_000_000);
    civil::clock(time.hour() as u8, time.minute() as u8, (time.second() + leap) as u8, out);
    civil::fraction(nanoseconds, Digits::InThrees, out);
}

fn write_date_time(local: NaiveDateTime, out: &mut Writer<'_>) {
    write_date(local.date(), out);
    out.raw("T");
    write_time(local.time(), out);
}

/// Writes an offset from UTC, rounded to minutes.
fn write_offset(seconds: i32, out: &mut Writer<'_>) {
    if seconds == 0 {
        return out.raw("Z");
    }
    let minutes = (seconds.unsigned_abs() + 30) / 60;
    out.raw(if seconds < 0 { "-" } else { "+" });
    civil::two((minutes / 60) as u8, out);
    out.raw(":");
    civil::two((minutes % 60) as u8, out);
}

encode_as_string! {
    NaiveDate: write_date,
    NaiveTime: write_time,
    NaiveDateTime: write_date_time,
}

impl<Z: TimeZone> Encode for DateTime<Z> {
    fn encode(&self, out: &mut Writer<'_>) {
        let offset = self.offset().fix();
        // chrono's own `Serialize` panics there.
        let Some(local) = self.naive_utc().checked_add_offset(offset) else {
            return out.fail("a `DateTime` is out of chrono's range where its offset is added");
        };
        out.raw("\"");
        write_date_time(local, out);
        write_offset(offset.local_minus_utc(), out);
        out.raw("\"");
    }
}

impl<Z: TimeZone> EncodeKey for DateTime<Z> {}

encode_as_display!(Weekday);

impl Encode for Month {
    fn encode(&self, out: &mut Writer<'_>) {
        out.string(self.name());
    }
}

impl EncodeKey for Month {}

impl Encode for TimeDelta {
    fn encode(&self, out: &mut Writer<'_>) {
        // The form of chrono's `Serialize`: the nanoseconds count from the second before, so that they are positive.
        let (seconds, nanoseconds) = (self.num_seconds(), self.subsec_nanos());
        if nanoseconds < 0 {
            (seconds - 1, nanoseconds + 1_000_000_000).encode(out);
        } else {
            (seconds, nanoseconds).encode(out);
        }
    }
}

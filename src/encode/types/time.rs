//! Dates and times of `time`: the strings of its feature `serde-human-readable`.
//!
//! Without that feature, its `Serialize` has arrays of numbers, meant for binary formats. Which features `time` has in
//! the end can't be seen from here.

use time::{
    Date, Month, OffsetDateTime, PlainDateTime, SignedDuration, Time, Timestamp, UtcDateTime, UtcOffset, Weekday,
};

use super::civil::{self, Digits, encode_as_string};
use crate::encode::display::encode_as_display;
use crate::encode::encode_key::quoted_keys;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

fn write_date(date: Date, out: &mut Writer<'_>) {
    let (year, month, day) = date.to_calendar_date();
    civil::date(year, month.into(), day, out);
}

fn write_time(time: Time, out: &mut Writer<'_>) {
    let (hour, minute, second, nanosecond) = time.as_hms_nano();
    civil::clock(hour, minute, second, out);
    civil::fraction(nanosecond, Digits::AtLeastOne, out);
}

fn write_offset(offset: UtcOffset, out: &mut Writer<'_>) {
    let (hours, minutes, seconds) = offset.as_hms();
    out.raw(if offset.is_negative() { "-" } else { "+" });
    civil::clock(hours.unsigned_abs(), minutes.unsigned_abs(), seconds.unsigned_abs(), out);
}

fn write_date_time(date_time: PlainDateTime, out: &mut Writer<'_>) {
    write_date(date_time.date(), out);
    out.raw(" ");
    write_time(date_time.time(), out);
}

fn write_utc_date_time(date_time: UtcDateTime, out: &mut Writer<'_>) {
    write_date_time(PlainDateTime::new(date_time.date(), date_time.time()), out);
}

fn write_offset_date_time(date_time: OffsetDateTime, out: &mut Writer<'_>) {
    write_date_time(PlainDateTime::new(date_time.date(), date_time.time()), out);
    out.raw(" ");
    write_offset(date_time.offset(), out);
}

fn write_duration(duration: SignedDuration, out: &mut Writer<'_>) {
    out.byte_if(b'-', duration.is_negative());
    out.unsigned(duration.whole_seconds().unsigned_abs());
    civil::fraction(duration.subsec_nanoseconds().unsigned_abs(), Digits::Nine, out);
}

encode_as_string! {
    Date: write_date,
    Time: write_time,
    UtcOffset: write_offset,
    PlainDateTime: write_date_time,
    UtcDateTime: write_utc_date_time,
    OffsetDateTime: write_offset_date_time,
    SignedDuration: write_duration,
}

encode_as_display!(Month, Weekday);

impl Encode for Timestamp {
    fn encode(&self, out: &mut Writer<'_>) {
        self.as_nanoseconds().encode(out);
    }
}

quoted_keys!(Timestamp);

use proptest::prelude::*;
use time::macros::{date, datetime, offset, time};
use time::{Date, Month, OffsetDateTime, PlainDateTime, SignedDuration, Time, Timestamp, UtcOffset, Weekday};

use super::{check_is, check_key};

#[test]
fn forms() {
    check_is(&date!(2026 - 07 - 09), r#""2026-07-09""#);
    check_is(&time!(4:05:06), r#""04:05:06.0""#);
    check_is(&time!(23:00:00.000_120), r#""23:00:00.00012""#);
    check_is(&offset!(-5:30), r#""-05:30:00""#);
    check_is(&datetime!(2026-07-09 4:05), r#""2026-07-09 04:05:00.0""#);
    check_is(&datetime!(2026-07-09 4:05 +1), r#""2026-07-09 04:05:00.0 +01:00:00""#);
    check_is(&datetime!(2026-07-09 4:05 UTC).to_utc(), r#""2026-07-09 04:05:00.0""#);
    check_is(&SignedDuration::milliseconds(-1500), r#""-1.500000000""#);
    check_is(&Month::May, r#""May""#);
    check_is(&Weekday::Friday, r#""Friday""#);
}

#[test]
fn bounds() {
    for date in [Date::MIN, Date::MAX]
        .into_iter()
        .chain([-9999, -1, 0, 1, 999].map(|year| Date::from_calendar_date(year, Month::December, 31).unwrap()))
    {
        check_key(&date);
    }
    for time in [Time::MIDNIGHT, Time::MAX] {
        check_key(&time);
    }
    check_key(&PlainDateTime::MIN);
    check_key(&PlainDateTime::MAX);
    for duration in [SignedDuration::MIN, SignedDuration::MAX, SignedDuration::ZERO, SignedDuration::nanoseconds(-1)] {
        check_key(&duration);
    }
    for seconds in [0, 1, 59, 60, 3599, 3600, 86_399] {
        for seconds in [seconds, -seconds] {
            check_key(&UtcOffset::from_whole_seconds(seconds).unwrap());
        }
    }
    let mut month = Month::January;
    for _ in 0..12 {
        check_key(&month);
        month = month.next();
    }
    let mut weekday = Weekday::Monday;
    for _ in 0..7 {
        check_key(&weekday);
        weekday = weekday.next();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_point_in_time(
        seconds in -370_000_000_000..250_000_000_000_i64,
        nanoseconds in 0..1_000_000_000_i64,
        unit in prop::sample::select(vec![1, 10, 1000, 1_000_000, 100_000_000, 1_000_000_000]),
        east in -86_399..86_400,
    ) {
        let nanoseconds = nanoseconds / unit * unit;
        let since = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        let utc = OffsetDateTime::from_unix_timestamp_nanos(since).unwrap();
        let offset = UtcOffset::from_whole_seconds(east).unwrap();
        check_key(&utc);
        check_key(&utc.to_utc());
        check_key(&utc.to_offset(offset));
        check_key(&PlainDateTime::new(utc.date(), utc.time()));
        check_key(&utc.date());
        check_key(&utc.time());
        check_key(&offset);
        check_key(&SignedDuration::new(seconds, nanoseconds as i32));
        check_key(&Timestamp::from_nanoseconds(since).unwrap());
    }
}

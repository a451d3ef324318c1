use jiff::civil::{Date, DateTime, ISOWeekDate, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp, ToSpan};
use proptest::prelude::*;

use super::{check_is, check_key};

#[test]
fn forms() {
    let date_time = jiff::civil::date(2026, 7, 9).at(4, 5, 6, 70);
    check_is(&date_time, r#""2026-07-09T04:05:06.00000007""#);
    check_is(&date_time.date(), r#""2026-07-09""#);
    check_is(&date_time.time(), r#""04:05:06.00000007""#);
    check_is(&Timestamp::UNIX_EPOCH, r#""1970-01-01T00:00:00Z""#);
    check_is(&1.day().hours(2), r#""P1DT2H""#);
    check_is(&SignedDuration::from_millis(-1500), r#""-PT1.5S""#);
    check_key(&date_time.date().iso_week_date());
    check_key(&date_time.to_zoned_datetime(TimeZone::UTC).unwrap());
}

#[test]
fn bounds() {
    check_key(&Date::MIN);
    check_key(&Date::MAX);
    check_key(&Time::MIN);
    check_key(&Time::MAX);
    check_key(&DateTime::MIN);
    check_key(&DateTime::MAX);
    check_key(&ISOWeekDate::MIN);
    check_key(&ISOWeekDate::MAX);
    check_key(&Timestamp::MIN);
    check_key(&Timestamp::MAX);
    check_key(&SignedDuration::MIN);
    check_key(&SignedDuration::MAX);
    check_key(&Span::new());
    check_key(&-19_998.years().nanoseconds(i64::MAX));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_point_in_time(
        seconds in -370_000_000_000..250_000_000_000_i64,
        nanoseconds in 0..1_000_000_000,
        east in -86_399..86_400,
    ) {
        let timestamp = Timestamp::new(seconds, nanoseconds).unwrap();
        check_key(&timestamp);
        let zoned = timestamp.to_zoned_datetime(TimeZone::fixed(Offset::from_seconds(east).unwrap()));
        check_key(&zoned);
        check_key(&zoned.datetime());
        check_key(&zoned.date());
        check_key(&zoned.time());
        check_key(&zoned.date().iso_week_date());
        check_key(&SignedDuration::new(seconds, nanoseconds));
        check_key(&seconds.seconds().nanoseconds(nanoseconds));
    }
}

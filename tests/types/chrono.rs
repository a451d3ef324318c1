use chrono::{DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chunkwire::{Record, Writer};
use proptest::prelude::*;

use super::{check, check_is, check_key};

fn offset(seconds: i32) -> FixedOffset {
    FixedOffset::east_opt(seconds).unwrap()
}

#[test]
fn forms() {
    let date = NaiveDate::from_ymd_opt(2026, 7, 9).unwrap();
    check_is(&date, r#""2026-07-09""#);
    check_is(&date.and_hms_milli_opt(4, 5, 6, 70).unwrap(), r#""2026-07-09T04:05:06.070""#);
    check_is(&NaiveTime::from_hms_micro_opt(23, 0, 0, 1).unwrap(), r#""23:00:00.000001""#);
    check_is(&date.and_hms_opt(4, 5, 6).unwrap().and_utc(), r#""2026-07-09T04:05:06Z""#);
    let local = offset(-5400).from_local_datetime(&date.and_hms_nano_opt(0, 0, 0, 1).unwrap()).unwrap();
    check_is(&local, r#""2026-07-09T00:00:00.000000001-01:30""#);
    check_is(&TimeDelta::milliseconds(-1), "[-1,999000000]");
}

#[test]
fn bounds() {
    for date in [NaiveDate::MIN, NaiveDate::MAX]
        .into_iter()
        .chain([-10_000, -9999, -1, 0, 1, 999, 9999, 10_000].map(|year| NaiveDate::from_ymd_opt(year, 12, 31).unwrap()))
    {
        check_key(&date);
    }
    for date_time in [NaiveDateTime::MIN, NaiveDateTime::MAX] {
        check_key(&date_time);
        check_key(&date_time.and_utc());
    }
    for seconds in [0, 1, 29, 30, 59, 60, 3569, 3570, 3600, 86_399] {
        for seconds in [seconds, -seconds] {
            check_key(&offset(seconds).timestamp_opt(1_785_000_000, 0).unwrap());
        }
    }
    // Leap seconds, also where there was none.
    for nanoseconds in [1_000_000_000, 1_500_000_000, 1_999_999_999] {
        check_key(&NaiveTime::from_hms_nano_opt(23, 59, 59, nanoseconds).unwrap());
        check_key(&NaiveTime::from_num_seconds_from_midnight_opt(59, nanoseconds).unwrap());
    }
    for delta in [TimeDelta::MIN, TimeDelta::MAX, TimeDelta::zero(), TimeDelta::nanoseconds(-1_000_000_001)] {
        check(&delta);
    }
    for number in 1..=12 {
        check_key(&Month::try_from(number).unwrap());
    }
    for number in 0..7 {
        check_key(&Weekday::try_from(number).unwrap());
    }
}

/// chrono's own `Serialize` panics there.
#[test]
fn a_local_time_out_of_range_fails() {
    for (utc, seconds) in [(DateTime::<Utc>::MAX_UTC, 3600), (DateTime::<Utc>::MIN_UTC, -3600)] {
        let local = utc.with_timezone(&offset(seconds));
        let error = local.write(&mut Writer::new(&mut Default::default())).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "a `DateTime` is out of chrono's range where its offset is added");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_point_in_time(
        seconds in prop_oneof![-8_000_000_000_000..8_000_000_000_000_i64, 0..4_000_000_000_i64],
        nanoseconds in 0..2_000_000_000_u32,
        unit in prop::sample::select(vec![1, 1000, 1_000_000, 100_000_000, 1_000_000_000]),
        east in -86_399..86_400,
    ) {
        let nanoseconds = nanoseconds / unit * unit;
        let utc = DateTime::from_timestamp(seconds, nanoseconds % 1_000_000_000).unwrap();
        check_key(&utc);
        check_key(&utc.with_timezone(&offset(east)));
        check_key(&utc.naive_utc());
        check_key(&utc.date_naive());
        let of_day = seconds.rem_euclid(86_400) as u32;
        if let Some(time) = NaiveTime::from_num_seconds_from_midnight_opt(of_day, nanoseconds) {
            check_key(&time);
        }
        check(&TimeDelta::new(seconds, nanoseconds % 1_000_000_000).unwrap());
    }
}

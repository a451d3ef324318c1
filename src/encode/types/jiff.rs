//! Dates and times of `jiff`: its `Display`, which puts them together on the stack.

use jiff::civil::{Date, DateTime, ISOWeekDate, Time};
use jiff::{SignedDuration, Span, Timestamp, ZonedDateTime};

use crate::encode::display::encode_as_display;

encode_as_display!(Date, DateTime, ISOWeekDate, SignedDuration, Span, Time, Timestamp, ZonedDateTime);

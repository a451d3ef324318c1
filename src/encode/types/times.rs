//! Spans and points in time, as objects.

use std::time::{Duration, SystemTime};

use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;
use crate::object;

impl Encode for Duration {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "secs": self.as_secs(), "nanos": self.subsec_nanos() });
    }
}

impl Encode for SystemTime {
    fn encode(&self, out: &mut Writer<'_>) {
        match self.duration_since(Self::UNIX_EPOCH) {
            Ok(passed) => {
                object!(out, { "secs_since_epoch": passed.as_secs(), "nanos_since_epoch": passed.subsec_nanos() });
            }
            Err(_) => out.fail("a `SystemTime` is before the Unix epoch; allowed are those from 1970 on"),
        }
    }
}

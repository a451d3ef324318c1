//! A serde type as a field of `try_object!`.
//!
//! - error: `Duration` is not a record
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`

use std::time::Duration;

use chunkwire::{Error, Record, Writer, try_object};

struct Row {
    took: Duration,
}

impl Record for Row {
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        try_object!(out, { "took": self.took })
    }
}

fn main() {
    let _ = Row { took: Duration::ZERO };
}

//! A type of another crate as a field of `try_object!`.
//!
//! - error: `Took` is not a record
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`
//! - note: types of chrono, time, jiff, uuid and other crates are records with chunkwire's feature of that name

use chunkwire::{Error, Record, Writer, try_object};

struct Took;

struct Row {
    took: Took,
}

impl Record for Row {
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        try_object!(out, { "took": self.took })
    }
}

fn main() {
    let _ = Row { took: Took };
}

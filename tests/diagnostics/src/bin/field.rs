//! A serde type as a field of `object!`.
//!
//! - error: `Duration` does not write itself as JSON
//! - label: `chunkwire::Encode` is not implemented for `Duration`
//! - note: implement `chunkwire::Encode` for a type of your own, with one `object!`
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, a record or a field of `try_object!`, with the feature `serde`

use std::time::Duration;

use chunkwire::{Encode, Writer, object};

struct Row {
    took: Duration,
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "took": self.took });
    }
}

fn main() {
    chunkwire::to_vec(&Row { took: Duration::ZERO });
}

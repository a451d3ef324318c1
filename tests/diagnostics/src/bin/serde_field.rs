//! A serde type in its wrapper as a field of `object!`, which can't fail.
//!
//! - error: `Serde<&Duration>` does not write itself as JSON
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, a record or a field of `try_object!`, with the feature `serde`

use std::time::Duration;

use chunkwire::{Encode, Serde, Writer, object};

struct Row {
    took: Duration,
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "took": Serde(&self.took) });
    }
}

fn main() {
    chunkwire::to_vec(&Row { took: Duration::ZERO });
}

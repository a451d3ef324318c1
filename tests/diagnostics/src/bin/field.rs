//! A type of another crate as a field of `object!`.
//!
//! - error: `Took` does not write itself as JSON
//! - label: `chunkwire::Encode` is not implemented for `Took`
//! - note: implement `chunkwire::Encode` for a type of your own, with one `object!`
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, with the feature `serde`
//! - note: wrap what is `Display` in `chunkwire::display`, to have it as a string
//! - note: types of chrono, time, jiff, uuid and other crates write themselves with chunkwire's feature of that name

use chunkwire::{Encode, Writer, object};

struct Took;

struct Row {
    took: Took,
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "took": self.took });
    }
}

fn main() {
    chunkwire::to_vec(&Row { took: Took });
}

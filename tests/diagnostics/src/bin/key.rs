//! A map whose keys are no strings in JSON.
//!
//! - error: `(u8, u8)` can't be the key of an object
//! - label: `chunkwire::EncodeKey` is not implemented for `(u8, u8)`
//! - note: keys are text, characters, integers, booleans, and what else has a JSON form in quotes
//! - note: write `impl chunkwire::EncodeKey` for a type of your own whose `Encode` writes a string; it needs no method

use std::collections::BTreeMap;

use chunkwire::{Encode, Writer, object};

struct Row {
    pixels: BTreeMap<(u8, u8), u32>,
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "pixels": self.pixels });
    }
}

fn main() {
    chunkwire::to_vec(&Row { pixels: BTreeMap::new() });
}

//! A list of borrowed and optional values as a record.
//!
//! - error: `Vec<Option<&Took>>` is not a record
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`

use chunkwire::{Format, JsonBody};

struct Took;

fn main() {
    drop(JsonBody::new(Format::Array, [vec![Some(&Took)]]).into_response());
}

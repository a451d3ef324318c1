//! A list of borrowed and optional values as a record.
//!
//! - error: `Vec<Option<&Duration>>` is not a record
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`

use std::time::Duration;

use chunkwire::{Format, JsonBody};

fn main() {
    drop(JsonBody::new(Format::Array, [vec![Some(&Duration::ZERO)]]).into_response());
}

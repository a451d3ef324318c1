//! A type of one's own as a record.
//!
//! - error: `Row` is not a record
//! - label: this is neither `Encode` nor a `Result` of a record
//! - note: implement `chunkwire::Encode` for a type of your own, with one `object!`
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`

use chunkwire::{Format, JsonBody};

struct Row;

fn main() {
    drop(JsonBody::new(Format::Array, [Row]).into_response());
}

//! A serde type from an asynchronous source.
//!
//! - error: `Took` is not a record
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`

use chunkwire::{Format, JsonBody};
use futures_core::Stream;

struct Took;

fn body(records: impl Stream<Item = Took>) {
    drop(JsonBody::from_stream(Format::Array, records).into_response());
}

fn main() {
    let _ = body::<std::pin::Pin<Box<dyn Stream<Item = Took>>>>;
}

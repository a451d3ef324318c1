//! A serde type from an asynchronous source.
//!
//! - error: `Duration` is not a record
//! - note: wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`

use std::time::Duration;

use chunkwire::{Format, JsonBody};
use futures_core::Stream;

fn body(durations: impl Stream<Item = Duration>) {
    drop(JsonBody::from_stream(Format::Array, durations).into_response());
}

fn main() {
    let _ = body::<std::pin::Pin<Box<dyn Stream<Item = Duration>>>>;
}

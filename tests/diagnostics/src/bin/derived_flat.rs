//! A flattened field of which the fields are not known.
//!
//! - error: `Duration` has no fields that could stand beside others
//! - label: `chunkwire::EncodeFields` is not implemented for `Duration`
//! - note: if it is `serde::Serialize`, write `#[encode(serde)]` on the field, with the feature `serde`

use std::time::Duration;

use chunkwire::Encode;

#[derive(Encode)]
struct Row {
    #[serde(flatten)]
    took: Duration,
}

fn main() {
    chunkwire::to_vec(&Row { took: Duration::ZERO });
}

//! A field of a derived type that does not write itself.
//!
//! - error: `Duration` does not write itself as JSON
//! - label: `chunkwire::Encode` is not implemented for `Duration`
//! - note: or derive it, with the feature `derive`: a field that is only `serde::Serialize` then takes `#[encode(serde)]`

use std::time::Duration;

use chunkwire::Encode;

#[derive(Encode)]
struct Row {
    took: Duration,
}

fn main() {
    chunkwire::to_vec(&Row { took: Duration::ZERO });
}

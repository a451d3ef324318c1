//! A field of a derived type that does not write itself.
//!
//! - error: `Price` does not write itself as JSON
//! - label: `chunkwire::Encode` is not implemented for `Price`
//! - note: or derive it, with the feature `derive`: a field that is only `serde::Serialize` then takes `#[encode(serde)]`

use chunkwire::Encode;

struct Price;

#[derive(Encode)]
struct Row {
    price: Price,
}

fn main() {
    chunkwire::to_vec(&Row { price: Price });
}

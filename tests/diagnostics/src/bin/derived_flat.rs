//! A flattened field of which the fields are not known.
//!
//! - error: `Price` has no fields that could stand beside others
//! - label: `chunkwire::EncodeFields` is not implemented for `Price`
//! - note: if it is `serde::Serialize`, write `#[encode(serde)]` on the field, with the feature `serde`

use chunkwire::Encode;

struct Price;

#[derive(Encode)]
struct Row {
    #[serde(flatten)]
    price: Price,
}

fn main() {
    chunkwire::to_vec(&Row { price: Price });
}

//! A type of one's own as a field of an envelope.
//!
//! - error: `Row` is not a record
//! - note: implement `chunkwire::Encode` for a type of your own, with one `object!`

use chunkwire::Envelope;

struct Row;

fn main() {
    drop(Envelope::new("rows").before("first", Row));
}

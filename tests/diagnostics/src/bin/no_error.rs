//! A source that fails with what is no error.
//!
//! - error: `Result<u8, NoError>` is not a record
//! - note: the error of a `Result` must be a `std::error::Error`, or text; it has to be `Send` and `Sync`

use chunkwire::{Format, JsonBody};

struct NoError;

fn main() {
    drop(JsonBody::new(Format::Array, [Ok::<u8, _>(1), Err(NoError)]).into_response());
}

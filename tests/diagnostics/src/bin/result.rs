//! A source that can fail, of a type of one's own.
//!
//! - error: `Result<Row, &str>` is not a record
//! - note: implement `chunkwire::Encode` for a type of your own, with one `object!`
//! - note: the error of a `Result` must be a `std::error::Error`, or text; it has to be `Send` and `Sync`

use chunkwire::{Format, JsonBody};

struct Row;

fn main() {
    drop(JsonBody::new(Format::Array, [Ok(Row), Err("no such table")]).into_response());
}

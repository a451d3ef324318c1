//! What a source may yield.

use std::error::Error as StdError;

use super::error::Error;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

/// One element of the array: what a source yields.
///
/// Every [`Encode`] value is a record. So is a `Result` of a record, for sources that can fail: an `Err` ends the body
/// with an [`Error`] that has it as its cause.
///
/// # Examples
///
/// ```
/// use chunkwire::{Format, JsonBody};
/// use http_body_util::BodyExt;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let rows = vec![Ok(1), Ok(2), Err("the database went away")];
/// let error = JsonBody::new(Format::Array, rows).collect().await.unwrap_err();
/// assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the database went away");
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a record",
    label = "this is neither `Encode` nor a `Result` of a record",
    note = "implement `chunkwire::Encode` for a type of your own, with one `object!`",
    note = "wrap what is `serde::Serialize` in `chunkwire::Serde`, such as `records.map(Serde)`, with the feature `serde`",
    note = "types of chrono, time, jiff, uuid and other crates are records with chunkwire's feature of that name",
    note = "the error of a `Result` must be a `std::error::Error`, or text; it has to be `Send` and `Sync`"
)]
pub trait Record {
    /// Writes the record as one JSON value.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no record to write because the source failed, or because a value in it
    /// [can't be JSON](Writer::fail). What was written before the failure is never sent as if it were complete.
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error>;
}

// A type that is neither is told of both ways out, which only the message of `Record` has.
#[diagnostic::do_not_recommend]
impl<T: Encode> Record for T {
    #[inline(always)]
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        self.encode(out);
        failure_of(out)
    }
}

impl<T: Record, E: Into<Box<dyn StdError + Send + Sync>>> Record for Result<T, E> {
    #[inline(always)]
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        self.map_err(Error::new)?.write(out)
    }
}

/// Writes a record, and looks for the failure of a value in it of which the record itself does not know.
#[inline(always)]
pub(super) fn write(record: impl Record, out: &mut Writer<'_>) -> Result<(), Error> {
    record.write(out)?;
    failure_of(out)
}

/// Returns the error of a value that has told the writer of it.
#[inline(always)]
fn failure_of(out: &mut Writer<'_>) -> Result<(), Error> {
    out.take_failure().map_or(Ok(()), |cause| Err(Error::new(cause)))
}

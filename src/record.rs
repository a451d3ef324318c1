//! What a source may yield.

use std::error::Error as StdError;

use crate::{Encode, Error, Writer};

/// One element of the array: what a source yields.
///
/// Every [`Encode`] value is one, and so is a `Result` of one, for sources that can fail: its `Err` ends the body with
/// an [`Error`] whose cause it is.
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
pub trait Record {
    /// Writes the record as one JSON value.
    ///
    /// # Errors
    ///
    /// Where there is no record to write because the source failed. What was written before the failure is never sent
    /// as if it were complete.
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error>;
}

impl<T: Encode> Record for T {
    #[inline(always)]
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        self.encode(out);
        Ok(())
    }
}

impl<T: Record, E: Into<Box<dyn StdError + Send + Sync>>> Record for Result<T, E> {
    #[inline(always)]
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        self.map_err(Error::from_source)?.write(out)
    }
}

//! A serde value that writes itself.

use serde::ser::Serialize;

use super::serializer::serialize;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

/// A serde value as a record, or as a field or an element of one.
///
/// Any [`Serialize`] type can be in it. A value that JSON can't represent, such as a map whose keys are structs, ends
/// the body as a failing source would: see [`Writer::fail`]. The error names the field of the serde value; that it
/// belongs to is named as well in [`try_object!`](crate::try_object).
///
/// # Examples
///
/// ```
/// use chunkwire::{Encode, Format, JsonBody, Serde, Writer, object};
/// use http_body_util::BodyExt;
///
/// #[derive(serde::Serialize)]
/// struct Row {
///     id: u32,
///     tags: Vec<&'static str>,
/// }
///
/// struct Change(Row, bool);
///
/// impl Encode for Change {
///     fn encode(&self, out: &mut Writer<'_>) {
///         object!(out, { "row": Serde(&self.0), "new": self.1 });
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let rows = || (1..=2).map(|id| Row { id, tags: vec!["new"] });
/// let body = JsonBody::new(Format::Lines, rows().map(Serde));
/// let bytes = body.collect().await.unwrap().to_bytes();
/// assert_eq!(bytes, "{\"id\":1,\"tags\":[\"new\"]}\n{\"id\":2,\"tags\":[\"new\"]}\n");
///
/// let body = JsonBody::new(Format::Lines, rows().map(|row| Change(row, true)).take(1));
/// let bytes = body.collect().await.unwrap().to_bytes();
/// assert_eq!(bytes, "{\"row\":{\"id\":1,\"tags\":[\"new\"]},\"new\":true}\n");
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Serde<T>(
    /// The value.
    pub T,
);

impl<T: Serialize> Encode for Serde<T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        if let Err(error) = serialize(&self.0, out) {
            out.fail(error);
        }
    }
}

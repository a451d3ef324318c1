//! Serde types as JSON: a `serde::Serializer` over the writer.
//!
//! The output is that of serde_json's compact form, byte for byte, but for the text of floats, which is ryu's. Where
//! serde_json has an error, there is one here. More on both:
//!
//! - serde_json's `RawValue` is written as it is, and so are its numbers under `arbitrary_precision`. A writer for lines
//!   takes the line breaks out of it: between tokens they become spaces, in strings they are escaped.
//! - A `Display` that fails is an error too; serde_json panics.
//! - How many elements are announced does not matter, only how many come.

use serde::ser::Serialize;

use super::error::SerializeError;
use crate::encode::writer::Writer;

/// Writes a serde value as JSON.
///
/// As a record or a field of an envelope, a [`Serde`](crate::Serde) is simpler; this is for what writes more than that.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use chunkwire::{Writer, serialize};
///
/// let mut json = BytesMut::new();
/// serialize(&("a", 1), &mut Writer::new(&mut json)).unwrap();
/// assert_eq!(json, r#"["a",1]"#);
/// ```
///
/// # Errors
///
/// Where JSON has no form for the value, such as a map key that is a struct, or where its `Serialize` or `Display` says
/// so. A part of the value is written then, which is the caller's to take back.
#[inline]
pub fn serialize<T: Serialize + ?Sized>(value: &T, out: &mut Writer<'_>) -> Result<(), SerializeError> {
    value.serialize(Serializer { out })
}

/// Writes one value of the serde data model, as `value.rs` says.
pub(super) struct Serializer<'a, 'w> {
    pub(super) out: &'a mut Writer<'w>,
}

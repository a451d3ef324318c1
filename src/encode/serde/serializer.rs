//! Serde types as JSON: a `serde::Serializer` over the writer.
//!
//! The output is that of serde_json's compact form, byte for byte, except for floats that are not map keys, which are
//! written by ryu. If serde_json returns an error or writes what is not JSON, this returns an error. Details:
//!
//! - serde_json's `RawValue` is written as is, and so are its numbers under `arbitrary_precision`. They are known by
//!   the private names of their structs, whichever features serde_json has in the end. A writer for lines
//!   replaces the line breaks: between tokens they become spaces, in strings they are escaped.
//! - A `Display` that fails is an error too; serde_json panics.
//! - The announced number of elements is ignored. If it is 0 and wrong, serde_json writes what is not JSON.

use serde::ser::Serialize;

use super::error::SerializeError;
use crate::encode::writer::Writer;

/// Writes a serde value as JSON.
///
/// For a record or a field of an envelope, a [`Serde`](crate::Serde) is simpler; this is for other uses of a
/// [`Writer`].
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
/// Returns an error if JSON can't represent the value, such as a map key that is a struct, or if its `Serialize` or
/// `Display` fails. A part of the value may be written by then; it is up to the caller to remove it.
#[inline]
pub fn serialize<T: Serialize + ?Sized>(value: &T, out: &mut Writer<'_>) -> Result<(), SerializeError> {
    value.serialize(Serializer { out })
}

/// Writes one value of the serde data model; its methods are in `value.rs`.
pub(super) struct Serializer<'a, 'w> {
    pub(super) out: &'a mut Writer<'w>,
}

//! The trait of types that write themselves as JSON.

use bytes::BytesMut;

use super::writer::Writer;

/// A value that writes itself as JSON.
///
/// An implementation writes exactly one JSON value (RFC 8259, section 3) and can't fail. The trait is implemented for
/// the types that have an obvious JSON form:
///
/// | Rust | JSON |
/// |---|---|
/// | integers of every width | number, all digits |
/// | `f32`, `f64` | the shortest number that reads back as the same float; NaN and the infinities are `null` |
/// | `bool` | `true`, `false` |
/// | `char`, `str`, `String` | string |
/// | `Option<T>` | the value or `null` |
/// | `()` | `null` |
/// | slices, arrays, `Vec`, `VecDeque`, tuples of up to 8 | array |
/// | `HashMap`, `BTreeMap` with string keys | object, in the map's order |
/// | `&T`, `&mut T`, `Box`, `Rc`, `Arc`, `Cow` | what they point to |
///
/// # Examples
///
/// A struct needs one [`object!`](crate::object), which stores field names as compile-time literals:
///
/// ```
/// use chunkwire::{Encode, Writer, object};
///
/// struct City {
///     name: String,
///     people: u32,
/// }
///
/// impl Encode for City {
///     fn encode(&self, out: &mut Writer<'_>) {
///         object!(out, { "name": self.name, "people": self.people });
///     }
/// }
///
/// let city = City { name: "Gdańsk".into(), people: 486_022 };
/// assert_eq!(chunkwire::to_vec(&city), "{\"name\":\"Gdańsk\",\"people\":486022}".as_bytes());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not write itself as JSON",
    label = "`chunkwire::Encode` is not implemented for `{Self}`",
    note = "implement `chunkwire::Encode` for a type of your own, with one `object!`",
    note = "wrap what is `serde::Serialize` in `chunkwire::Serde`, a record or a field of `try_object!`, with the feature `serde`"
)]
pub trait Encode {
    /// Writes this value as JSON.
    fn encode(&self, out: &mut Writer<'_>);
}

/// Encodes one value into a new buffer.
///
/// Streams don't need this; it is for single values, such as a response that is one object.
///
/// # Examples
///
/// ```
/// assert_eq!(chunkwire::to_vec(&[Some(1), None]), b"[1,null]");
/// ```
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    value.encode(&mut Writer::new(&mut bytes));
    bytes.into()
}

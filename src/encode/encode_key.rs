//! The trait of types that can be the keys of an object.

use super::encode_trait::Encode;
use super::writer::Writer;

/// A value that can be the key of a map: it writes itself as a JSON string.
///
/// Text, characters and what else is a string in JSON is the same as a key; integers and booleans are put in quotes, as
/// serde_json does.
///
/// # Examples
///
/// For a type of your own whose [`Encode`] writes a string, there is nothing to do:
///
/// ```
/// use std::collections::BTreeMap;
///
/// use chunkwire::{Encode, EncodeKey, Writer};
///
/// #[derive(PartialEq, Eq, PartialOrd, Ord)]
/// enum Size {
///     Small,
///     Large,
/// }
///
/// impl Encode for Size {
///     fn encode(&self, out: &mut Writer<'_>) {
///         out.raw(match self {
///             Self::Small => "\"small\"",
///             Self::Large => "\"large\"",
///         });
///     }
/// }
///
/// impl EncodeKey for Size {}
///
/// let stock = BTreeMap::from([(Size::Small, BTreeMap::from([(7, "red")])), (Size::Large, BTreeMap::new())]);
/// assert_eq!(chunkwire::to_vec(&stock), br#"{"small":{"7":"red"},"large":{}}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the key of an object",
    label = "`chunkwire::EncodeKey` is not implemented for `{Self}`",
    note = "keys are text, characters, integers, booleans, and what else has a JSON form in quotes",
    note = "write `impl chunkwire::EncodeKey` for a type of your own whose `Encode` writes a string; it needs no method"
)]
pub trait EncodeKey: Encode {
    /// Writes this value as a JSON string. Without a method of its own, a type is written as it is as a value, which
    /// must be a string.
    #[inline]
    fn encode_key(&self, out: &mut Writer<'_>) {
        self.encode(out);
    }
}

/// Lets types that are not strings be keys in quotes.
macro_rules! quoted_keys {
    ($($quoted:ty),* $(,)?) => {$(
        impl $crate::encode::encode_key::EncodeKey for $quoted {
            #[inline]
            fn encode_key(&self, out: &mut $crate::encode::writer::Writer<'_>) {
                out.raw("\"");
                $crate::encode::encode_trait::Encode::encode(self, out);
                out.raw("\"");
            }
        }
    )*};
}

pub(super) use quoted_keys;

//! The trait of types whose fields can stand beside others, and maps, which have it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::encode_key::EncodeKey;
use super::encode_trait::Encode;
use super::writer::Writer;

/// A value that can be a part of an object: its fields stand beside those of others, as `#[serde(flatten)]` has it.
///
/// `#[derive(Encode)]`, of the feature `derive`, implements it for structs with named fields and for enums, and asks for
/// it where a field is flattened, and of the content of an internally tagged variant. Maps have it too, and pointers to
/// such types; a [`None`] and a `()` have no fields.
///
/// # Examples
///
/// Fields of one's own, and those of a map beside them:
///
/// ```
/// use std::collections::BTreeMap;
///
/// use chunkwire::{Encode, EncodeFields, Writer};
///
/// struct Parcel {
///     grams: u32,
///     more: BTreeMap<&'static str, u32>,
/// }
///
/// impl EncodeFields for Parcel {
///     fn encode_fields(&self, out: &mut Writer<'_>, any: bool) -> bool {
///         out.raw(if any { ",\"grams\":" } else { "{\"grams\":" });
///         self.grams.encode(out);
///         self.more.encode_fields(out, true)
///     }
/// }
///
/// impl Encode for Parcel {
///     fn encode(&self, out: &mut Writer<'_>) {
///         self.encode_fields(out, false);
///         out.raw("}");
///     }
/// }
///
/// let parcel = Parcel { grams: 250, more: BTreeMap::from([("stops", 3)]) };
/// assert_eq!(chunkwire::to_vec(&parcel), br#"{"grams":250,"stops":3}"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no fields that could stand beside others",
    label = "`chunkwire::EncodeFields` is not implemented for `{Self}`",
    note = "derive `chunkwire::Encode` for a struct with named fields or an enum of your own",
    note = "if it is `serde::Serialize`, write `#[encode(serde)]` on the field, with the feature `serde`"
)]
pub trait EncodeFields {
    /// Whether a tag may stand beside the fields. An `Option` has none of an enum's: serde_json fails.
    #[doc(hidden)]
    const BESIDE_A_TAG: bool = true;

    /// Writes each field with its key, and before the key a comma or, before the first of an object, its opening brace.
    ///
    /// `any` tells whether a field stands before these. Returns whether one does now.
    fn encode_fields(&self, out: &mut Writer<'_>, any: bool) -> bool;
}

macro_rules! fields_of_target {
    ($($pointer:ty),*) => {$(
        impl<T: EncodeFields + ?Sized> EncodeFields for $pointer {
            const BESIDE_A_TAG: bool = T::BESIDE_A_TAG;

            #[inline]
            fn encode_fields(&self, out: &mut Writer<'_>, any: bool) -> bool {
                (**self).encode_fields(out, any)
            }
        }
    )*};
}

fields_of_target!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: EncodeFields + ToOwned + ?Sized> EncodeFields for Cow<'_, T> {
    const BESIDE_A_TAG: bool = T::BESIDE_A_TAG;

    #[inline]
    fn encode_fields(&self, out: &mut Writer<'_>, any: bool) -> bool {
        (**self).encode_fields(out, any)
    }
}

impl<T: EncodeFields> EncodeFields for Option<T> {
    const BESIDE_A_TAG: bool = false;

    #[inline]
    fn encode_fields(&self, out: &mut Writer<'_>, any: bool) -> bool {
        self.as_ref().map_or(any, |value| value.encode_fields(out, any))
    }
}

impl EncodeFields for () {
    #[inline]
    fn encode_fields(&self, _: &mut Writer<'_>, any: bool) -> bool {
        any
    }
}

/// Writes the entries of a map, each with what stands before it.
#[inline]
pub(super) fn entries<'a, K, V>(
    entries: impl IntoIterator<Item = (&'a K, &'a V)>,
    out: &mut Writer<'_>,
    mut any: bool,
) -> bool
where
    K: EncodeKey + 'a,
    V: Encode + 'a,
{
    for (key, value) in entries {
        out.byte(if any { b',' } else { b'{' });
        key.encode_key(out);
        out.raw(":");
        value.encode(out);
        any = true;
    }
    any
}

/// Maps as objects, and as fields beside others.
macro_rules! encode_maps {
    ($(<K, V $(, $state:ident)?> $map:ty),* $(,)?) => {$(
        impl<K: EncodeKey, V: Encode $(, $state)?> Encode for $map {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                if !$crate::encode::encode_fields::entries(self, out, false) {
                    out.raw("{");
                }
                out.raw("}");
            }
        }

        impl<K: EncodeKey, V: Encode $(, $state)?> $crate::encode::encode_fields::EncodeFields for $map {
            #[inline]
            fn encode_fields(&self, out: &mut Writer<'_>, any: bool) -> bool {
                $crate::encode::encode_fields::entries(self, out, any)
            }
        }
    )*};
}

#[cfg(feature = "indexmap")]
pub(super) use encode_maps;

encode_maps!(<K, V> BTreeMap<K, V>, <K, V, S> HashMap<K, V, S>);

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::to_vec;

    /// What a value writes as the first fields of an object, and as later ones, with what it returns.
    fn written(fields: &impl EncodeFields) -> [(String, bool); 2] {
        [false, true].map(|any| {
            let mut bytes = BytesMut::new();
            let any = fields.encode_fields(&mut Writer::new(&mut bytes), any);
            (String::from_utf8(bytes.into()).unwrap(), any)
        })
    }

    #[test]
    fn maps_and_pointers_have_the_fields_of_their_entries() {
        let expected = [("{\"a\\\"\":1,\"b\":2".to_owned(), true), (",\"a\\\"\":1,\"b\":2".to_owned(), true)];
        let map = BTreeMap::from([("a\"", 1), ("b", 2)]);
        assert_eq!(written(&map), expected);
        assert_eq!(written(&Some(Box::new(&map))), expected);
        assert_eq!(written(&(Rc::new(map.clone()))), expected);
        assert_eq!(written(&Arc::new(Cow::Borrowed(&map))), expected);
        assert_eq!(written(&HashMap::from([("k", [true])]))[1], (",\"k\":[true]".to_owned(), true));
    }

    #[test]
    fn maps_escape_their_keys() {
        assert_eq!(to_vec(&BTreeMap::<String, u8>::new()), b"{}");
        assert_eq!(to_vec(&BTreeMap::from([("a\"b", 1), ("c", 2)])), br#"{"a\"b":1,"c":2}"#);
        assert_eq!(to_vec(&HashMap::from([("k".to_owned(), [true])])), br#"{"k":[true]}"#);
    }

    #[test]
    fn nothing_has_no_fields() {
        let expected = [(String::new(), false), (String::new(), true)];
        assert_eq!(written(&None::<BTreeMap<String, u8>>), expected);
        assert_eq!(written(&BTreeMap::<String, u8>::new()), expected);
        assert_eq!(written(&()), expected);
    }
}

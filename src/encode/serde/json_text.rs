//! Text that is JSON already, as serde_json hands it over: the only field of a struct, and both have the same name.

use serde::ser::{self, Error as _, Impossible, Serialize};

use super::error::SerializeError;
use crate::encode::writer::Writer;

/// The names: of a `RawValue`, and of a `Number` if serde_json's feature `arbitrary_precision` is on.
const TOKENS: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// Returns whether a struct has the name of a token.
///
/// The name alone does not make it serde_json's: an internally tagged enum adds its tag to the struct of a variant.
#[inline(always)]
pub(super) fn is_token(name: &str) -> bool {
    TOKENS.contains(&name)
}

/// Returns the error of a struct with such a name that has `fields` instead of the one field.
#[cold]
#[inline(never)]
pub(super) fn not_one_field(token: &str, fields: &str) -> SerializeError {
    SerializeError::custom(format_args!(
        "a struct named `{token}` has {fields}; allowed is one field, `{token}`. \
         A raw value or a number can't be a variant of an enum with a tag beside its fields"
    ))
}

/// Writes a string as it is, and refuses all else.
pub(super) struct TextSerializer<'a, 'w> {
    pub(super) out: &'a mut Writer<'w>,
    pub(super) token: &'static str,
}

impl TextSerializer<'_, '_> {
    #[cold]
    fn refuse<T>(self) -> Result<T, SerializeError> {
        Err(SerializeError::custom(format_args!("the field `{}` is not text; allowed is only a string", self.token)))
    }
}

macro_rules! refused {
    ($($method:ident($($argument:ty),*) -> $ok:ty),* $(,)?) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$ok, SerializeError> {
            self.refuse()
        }
    )*};
}

impl ser::Serializer for TextSerializer<'_, '_> {
    type Ok = ();
    type Error = SerializeError;
    type SerializeSeq = Impossible<(), SerializeError>;
    type SerializeTuple = Impossible<(), SerializeError>;
    type SerializeTupleStruct = Impossible<(), SerializeError>;
    type SerializeTupleVariant = Impossible<(), SerializeError>;
    type SerializeMap = Impossible<(), SerializeError>;
    type SerializeStruct = Impossible<(), SerializeError>;
    type SerializeStructVariant = Impossible<(), SerializeError>;

    #[inline]
    fn serialize_str(self, json: &str) -> Result<(), SerializeError> {
        self.out.json(json);
        Ok(())
    }

    refused! {
        serialize_bool(bool) -> (),
        serialize_i8(i8) -> (),
        serialize_i16(i16) -> (),
        serialize_i32(i32) -> (),
        serialize_i64(i64) -> (),
        serialize_i128(i128) -> (),
        serialize_u8(u8) -> (),
        serialize_u16(u16) -> (),
        serialize_u32(u32) -> (),
        serialize_u64(u64) -> (),
        serialize_u128(u128) -> (),
        serialize_f32(f32) -> (),
        serialize_f64(f64) -> (),
        serialize_char(char) -> (),
        serialize_bytes(&[u8]) -> (),
        serialize_none() -> (),
        serialize_unit() -> (),
        serialize_unit_struct(&'static str) -> (),
        serialize_unit_variant(&'static str, u32, &'static str) -> (),
        serialize_seq(Option<usize>) -> Self::SerializeSeq,
        serialize_tuple(usize) -> Self::SerializeTuple,
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant,
        serialize_map(Option<usize>) -> Self::SerializeMap,
        serialize_struct(&'static str, usize) -> Self::SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant,
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), SerializeError> {
        self.refuse()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<(), SerializeError> {
        self.refuse()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), SerializeError> {
        self.refuse()
    }
}

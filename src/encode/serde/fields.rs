//! The fields of a serde value, beside those of others.

use serde::ser::{self, Error as _, Impossible, Serialize};

use super::compound::Compound;
use super::error::SerializeError;
use super::json_text;
use crate::encode::writer::Writer;

/// Writes the fields of a struct or the entries of a map, and a variant as a field of its name, as serde's derive does
/// with `flatten` and `tag`; returns whether there are any fields now.
pub(super) struct FieldsSerializer<'a, 'w> {
    pub(super) out: &'a mut Writer<'w>,
    /// Whether a field stands before these.
    pub(super) any: bool,
    /// Whether they are the content of a variant whose tag is one of the fields before.
    pub(super) beside_a_tag: bool,
}

impl<'a, 'w> FieldsSerializer<'a, 'w> {
    fn members(self) -> Members<'a, 'w> {
        Members(Compound::fields(self.out, self.any))
    }

    /// Writes the key of a field whose value begins next.
    fn key(self, variant: &str) -> &'a mut Writer<'w> {
        self.out.key(if self.any { b',' } else { b'{' }, variant);
        self.out
    }
}

#[cold]
fn no_fields<T>(what: &str) -> Result<T, SerializeError> {
    Err(SerializeError::custom(format_args!("{what} has no fields; only structs, maps and variants do")))
}

macro_rules! refused {
    ($($method:ident: $value:ty, $what:literal;)*) => {$(
        fn $method(self, _: $value) -> Result<bool, SerializeError> {
            no_fields($what)
        }
    )*};
}

impl<'a, 'w> ser::Serializer for FieldsSerializer<'a, 'w> {
    type Ok = bool;
    type Error = SerializeError;
    type SerializeSeq = Impossible<bool, SerializeError>;
    type SerializeTuple = Impossible<bool, SerializeError>;
    type SerializeTupleStruct = Impossible<bool, SerializeError>;
    type SerializeTupleVariant = Content<'a, 'w>;
    type SerializeMap = Members<'a, 'w>;
    type SerializeStruct = Members<'a, 'w>;
    type SerializeStructVariant = Content<'a, 'w>;

    refused! {
        serialize_bool: bool, "a boolean";
        serialize_i8: i8, "an integer";
        serialize_i16: i16, "an integer";
        serialize_i32: i32, "an integer";
        serialize_i64: i64, "an integer";
        serialize_i128: i128, "an integer";
        serialize_u8: u8, "an integer";
        serialize_u16: u16, "an integer";
        serialize_u32: u32, "an integer";
        serialize_u64: u64, "an integer";
        serialize_u128: u128, "an integer";
        serialize_f32: f32, "a float";
        serialize_f64: f64, "a float";
        serialize_char: char, "a character";
        serialize_str: &str, "a string";
        serialize_bytes: &[u8], "a byte array";
    }

    fn serialize_none(self) -> Result<bool, SerializeError> {
        if self.beside_a_tag { no_fields("an option beside a tag") } else { Ok(self.any) }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, SerializeError> {
        if self.beside_a_tag { no_fields("an option beside a tag") } else { value.serialize(self) }
    }

    fn serialize_unit(self) -> Result<bool, SerializeError> {
        Ok(self.any)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, SerializeError> {
        Ok(self.any)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<bool, SerializeError> {
        self.key(variant).raw("null");
        Ok(true)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, SerializeError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<bool, SerializeError> {
        let mut fields = self.members().0;
        fields.field(variant, value)?;
        Ok(true)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, SerializeError> {
        no_fields("a sequence")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, SerializeError> {
        no_fields("a tuple")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, SerializeError> {
        no_fields("a tuple struct")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Content<'a, 'w>, SerializeError> {
        Ok(Content(Compound::array(self.key(variant))))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a, 'w>, SerializeError> {
        Ok(self.members())
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members<'a, 'w>, SerializeError> {
        if self.beside_a_tag && json_text::is_token(name) {
            return Err(json_text::not_one_field(name, "a tag beside it"));
        }
        Ok(self.members())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Content<'a, 'w>, SerializeError> {
        Ok(Content(Compound::object(self.key(variant))))
    }
}

/// The members of an object (RFC 8259, section 4): the fields of a struct, or the entries of a map.
pub(super) struct Members<'a, 'w>(Compound<'a, 'w>);

impl ser::SerializeStruct for Members<'_, '_> {
    type Ok = bool;
    type Error = SerializeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        self.0.field(key, value)
    }

    fn end(self) -> Result<bool, SerializeError> {
        Ok(self.0.any())
    }
}

impl ser::SerializeMap for Members<'_, '_> {
    type Ok = bool;
    type Error = SerializeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerializeError> {
        self.0.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        self.0.serialize_value(value)
    }

    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), SerializeError> {
        self.0.serialize_entry(key, value)
    }

    fn end(self) -> Result<bool, SerializeError> {
        self.0.has_all_values()?;
        Ok(self.0.any())
    }
}

/// The content of a variant, as the value of a field.
pub(super) struct Content<'a, 'w>(Compound<'a, 'w>);

impl ser::SerializeTupleVariant for Content<'_, '_> {
    type Ok = bool;
    type Error = SerializeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        ser::SerializeTupleVariant::serialize_field(&mut self.0, value)
    }

    fn end(self) -> Result<bool, SerializeError> {
        self.0.close().map(|()| true)
    }
}

impl ser::SerializeStructVariant for Content<'_, '_> {
    type Ok = bool;
    type Error = SerializeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        self.0.field(key, value)
    }

    fn end(self) -> Result<bool, SerializeError> {
        self.0.close().map(|()| true)
    }
}

//! Map keys, which are strings in JSON.

use std::fmt::Display;

use bytes::BytesMut;
use serde::ser::{self, Error as _, Impossible, Serialize};

use super::error::SerializeError;
use super::serializer::Serializer;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

/// Writes a map key: strings, characters and unit variants as they are; numbers and booleans in quotes.
pub(super) struct KeySerializer<'a, 'w> {
    pub(super) out: &'a mut Writer<'w>,
}

/// Returns the text of a key that was written before, escaped, for the path in an error.
#[cold]
#[inline(never)]
pub(super) fn text_of<K: Serialize + ?Sized>(key: &K) -> String {
    let mut json = BytesMut::new();
    let _ = key.serialize(KeySerializer { out: &mut Writer::new(&mut json) });
    let quoted = String::from_utf8_lossy(&json);
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or("?").to_owned()
}

fn not_a_key(what: &str) -> SerializeError {
    SerializeError::custom(format_args!(
        "a map key was {what}; allowed are strings, characters, numbers, booleans and unit variants"
    ))
}

macro_rules! quoted {
    ($($method:ident: $value:ty),* $(,)?) => {$(
        #[inline]
        fn $method(self, value: $value) -> Result<(), SerializeError> {
            self.out.raw("\"");
            value.encode(self.out);
            self.out.raw("\"");
            Ok(())
        }
    )*};
}

macro_rules! quoted_float {
    ($($method:ident: $value:ty),* $(,)?) => {$(
        fn $method(self, value: $value) -> Result<(), SerializeError> {
            if !value.is_finite() {
                return Err(not_a_key("a float that is not finite"));
            }
            let mut digits = ryu::Buffer::new();
            let text = digits.format_finite(value);
            self.out.raw("\"");
            // The text of a key is its identity, so it is serde_json's, which has the sign of every exponent.
            match text.split_once('e') {
                Some((mantissa, exponent)) if !exponent.starts_with('-') => {
                    self.out.raw(mantissa);
                    self.out.raw("e+");
                    self.out.raw(exponent);
                }
                _ => self.out.raw(text),
            }
            self.out.raw("\"");
            Ok(())
        }
    )*};
}

impl<'a, 'w> ser::Serializer for KeySerializer<'a, 'w> {
    type Ok = ();
    type Error = SerializeError;
    type SerializeSeq = Impossible<(), SerializeError>;
    type SerializeTuple = Impossible<(), SerializeError>;
    type SerializeTupleStruct = Impossible<(), SerializeError>;
    type SerializeTupleVariant = Impossible<(), SerializeError>;
    type SerializeMap = Impossible<(), SerializeError>;
    type SerializeStruct = Impossible<(), SerializeError>;
    type SerializeStructVariant = Impossible<(), SerializeError>;

    quoted! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
    }

    quoted_float! {
        serialize_f32: f32,
        serialize_f64: f64,
    }

    #[inline]
    fn serialize_str(self, key: &str) -> Result<(), SerializeError> {
        self.out.string(key);
        Ok(())
    }

    fn serialize_char(self, key: char) -> Result<(), SerializeError> {
        key.encode(self.out);
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), SerializeError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, key: &T) -> Result<(), SerializeError> {
        key.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, key: &T) -> Result<(), SerializeError> {
        key.serialize(self)
    }

    fn collect_str<T: Display + ?Sized>(self, key: &T) -> Result<(), SerializeError> {
        Serializer { out: self.out }.collect_str(key)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), SerializeError> {
        Err(not_a_key("bytes"))
    }

    fn serialize_none(self) -> Result<(), SerializeError> {
        Err(not_a_key("none"))
    }

    fn serialize_unit(self) -> Result<(), SerializeError> {
        Err(not_a_key("a unit"))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), SerializeError> {
        Err(not_a_key("a unit struct"))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), SerializeError> {
        Err(not_a_key("a newtype variant"))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, SerializeError> {
        Err(not_a_key("a sequence"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, SerializeError> {
        Err(not_a_key("a tuple"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, SerializeError> {
        Err(not_a_key("a tuple struct"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, SerializeError> {
        Err(not_a_key("a tuple variant"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, SerializeError> {
        Err(not_a_key("a map"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, SerializeError> {
        Err(not_a_key("a struct"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, SerializeError> {
        Err(not_a_key("a struct variant"))
    }
}

//! One value of the serde data model.

use std::fmt::Display;

use serde::ser::{self, Serialize};

use super::compound::{Compound, Struct};
use super::error::SerializeError;
use super::serializer::Serializer;
use crate::encode::display::{FAILED, write_display};
use crate::encode::encode_trait::Encode;

macro_rules! serialize_as_encoded {
    ($($method:ident: $value:ty),* $(,)?) => {$(
        #[inline]
        fn $method(self, value: $value) -> Result<(), SerializeError> {
            value.encode(self.out);
            Ok(())
        }
    )*};
}

/// Methods that write out of line. Only so do the methods of serde's own types that call them become small enough to be
/// inlined where a field is written; otherwise each is a call that takes the writer out of its registers.
macro_rules! serialize_by_call {
    ($($method:ident: $value:ty => $write:ident),* $(,)?) => {$(
        #[inline(always)]
        fn $method(self, value: $value) -> Result<(), SerializeError> {
            self.out.$write(value.into());
            Ok(())
        }
    )*};
}

impl<'a, 'w> ser::Serializer for Serializer<'a, 'w> {
    type Ok = ();
    type Error = SerializeError;
    type SerializeSeq = Compound<'a, 'w>;
    type SerializeTuple = Compound<'a, 'w>;
    type SerializeTupleStruct = Compound<'a, 'w>;
    type SerializeTupleVariant = Compound<'a, 'w>;
    type SerializeMap = Compound<'a, 'w>;
    type SerializeStruct = Struct<'a, 'w>;
    type SerializeStructVariant = Compound<'a, 'w>;

    serialize_as_encoded! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_char: char,
        serialize_bytes: &[u8],
    }

    serialize_by_call! {
        serialize_i16: i16 => signed_by_call,
        serialize_i32: i32 => signed_by_call,
        serialize_i64: i64 => signed_by_call,
        serialize_u16: u16 => unsigned_by_call,
        serialize_u32: u32 => unsigned_by_call,
        serialize_u64: u64 => unsigned_by_call,
        serialize_f64: f64 => f64_by_call,
        serialize_str: &str => string_by_call,
    }

    #[inline]
    fn serialize_none(self) -> Result<(), SerializeError> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), SerializeError> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), SerializeError> {
        self.out.raw("null");
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), SerializeError> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), SerializeError> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), SerializeError> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), SerializeError> {
        let mut object = Compound::object(self.out);
        object.field(variant, value)?;
        object.close()
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a, 'w>, SerializeError> {
        Ok(Compound::array(self.out))
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Compound<'a, 'w>, SerializeError> {
        Ok(Compound::array(self.out))
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'a, 'w>, SerializeError> {
        Ok(Compound::array(self.out))
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a, 'w>, SerializeError> {
        Ok(Compound::array_of_variant(self.out, variant))
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a, 'w>, SerializeError> {
        Ok(Compound::object(self.out))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Struct<'a, 'w>, SerializeError> {
        Ok(Struct::new(self.out, name))
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'a, 'w>, SerializeError> {
        Ok(Compound::object_of_variant(self.out, variant))
    }

    #[inline]
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), SerializeError> {
        write_display(value, self.out).map_err(|_| SerializeError::of(FAILED))
    }
}

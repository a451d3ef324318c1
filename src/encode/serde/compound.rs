//! Arrays and objects whose elements are still to come.

use serde::ser::{self, Serialize};

use super::error::SerializeError;
use super::json_text::{self, TextSerializer};
use super::key::{KeySerializer, text_of};
use super::serializer::serialize;
use crate::encode::writer::Writer;

/// An array or an object that is being written.
///
/// Methods that pass on a field are always inlined: its key then is a constant, which the compiler scans for escapes.
pub(super) struct Compound<'a, 'w> {
    out: &'a mut Writer<'w>,
    /// What comes before the next part: the opening bracket, then a comma; between a key and its value a colon.
    before_next: u8,
    closing: &'static str,
    /// The variant whose content it is, or an empty text; for the path in an error.
    variant: &'static str,
}

impl<'a, 'w> Compound<'a, 'w> {
    #[inline(always)]
    pub(super) fn array(out: &'a mut Writer<'w>) -> Self {
        Self { out, before_next: b'[', closing: "]", variant: "" }
    }

    #[inline(always)]
    pub(super) fn object(out: &'a mut Writer<'w>) -> Self {
        Self { out, before_next: b'{', closing: "}", variant: "" }
    }

    /// Goes on with an object that someone else began and closes; `any` tells whether it has a field.
    #[inline(always)]
    pub(super) fn fields(out: &'a mut Writer<'w>, any: bool) -> Self {
        Self { out, before_next: if any { b',' } else { b'{' }, closing: "", variant: "" }
    }

    /// Returns whether there is a part.
    #[inline(always)]
    pub(super) fn any(&self) -> bool {
        self.before_next == b','
    }

    /// Begins an array inside an object whose only field is named after a variant.
    #[inline(always)]
    pub(super) fn array_of_variant(out: &'a mut Writer<'w>, variant: &'static str) -> Self {
        out.key(b'{', variant);
        Self { out, before_next: b'[', closing: "]}", variant }
    }

    /// Begins an object inside such an object.
    #[inline(always)]
    pub(super) fn object_of_variant(out: &'a mut Writer<'w>, variant: &'static str) -> Self {
        out.key(b'{', variant);
        Self { out, before_next: b'{', closing: "}}", variant }
    }

    #[inline(always)]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        self.out.byte(self.before_next);
        self.before_next = b',';
        serialize(value, self.out).map_err(|error| error.within("[]").within(self.variant))
    }

    #[inline(always)]
    pub(super) fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        self.out.key(self.before_next, key);
        self.before_next = b',';
        serialize(value, self.out).map_err(|error| error.within(key).within(self.variant))
    }

    /// Returns an error if a map ends after a key.
    #[inline(always)]
    pub(super) fn has_all_values(&self) -> Result<(), SerializeError> {
        if self.before_next == b':' {
            return Err(SerializeError::of("a map ended after a key without a value"));
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn close(self) -> Result<(), SerializeError> {
        self.out.byte_if(self.before_next, !self.any());
        self.out.raw(self.closing);
        Ok(())
    }
}

macro_rules! serialize_elements {
    ($($part:ident: $method:ident),*) => {$(
        impl ser::$part for Compound<'_, '_> {
            type Ok = ();
            type Error = SerializeError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<(), SerializeError> {
                self.close()
            }
        }
    )*};
}

serialize_elements! {
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
}

impl ser::SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerializeError> {
        if self.before_next == b':' {
            return Err(SerializeError::of("a map key came before the value of the key before it"));
        }
        self.out.byte(self.before_next);
        self.before_next = b':';
        key.serialize(KeySerializer { out: self.out })
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        if self.before_next != b':' {
            return Err(SerializeError::of("a map value came without a key"));
        }
        self.out.raw(":");
        self.before_next = b',';
        serialize(value, self.out)
    }

    #[inline]
    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<(), SerializeError> {
        self.serialize_key(key)?;
        self.serialize_value(value).map_err(|error| error.within(&text_of(key)))
    }

    #[inline]
    fn end(self) -> Result<(), SerializeError> {
        self.has_all_values()?;
        self.close()
    }
}

impl ser::SerializeStructVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        self.field(key, value)
    }

    #[inline(always)]
    fn end(self) -> Result<(), SerializeError> {
        self.close()
    }
}

/// A struct: an object, or the text that it stands for.
pub(super) struct Struct<'a, 'w> {
    object: Compound<'a, 'w>,
    /// The name, if it is one of serde_json's.
    token: Option<&'static str>,
}

impl<'a, 'w> Struct<'a, 'w> {
    #[inline(always)]
    pub(super) fn new(out: &'a mut Writer<'w>, name: &'static str) -> Self {
        Self { object: Compound::object(out), token: json_text::is_token(name).then_some(name) }
    }
}

impl ser::SerializeStruct for Struct<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        let Some(token) = self.token else { return self.object.field(key, value) };
        if key != token || self.object.any() {
            return Err(json_text::not_one_field(token, &format!("also the field `{key}`")));
        }
        self.object.before_next = b',';
        value.serialize(TextSerializer { out: self.object.out, token })
    }

    #[inline(always)]
    fn end(self) -> Result<(), SerializeError> {
        match self.token {
            None => self.object.close(),
            Some(_) if self.object.any() => Ok(()),
            Some(token) => Err(json_text::not_one_field(token, "no field")),
        }
    }
}

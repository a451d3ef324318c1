//! Arrays and objects whose elements are still to come.

use serde::ser::{self, Serialize};

use super::error::SerializeError;
use super::key::KeySerializer;
use super::serializer::serialize;
use crate::encode::writer::Writer;

/// The struct names under which serde_json hands over text that is JSON already: a `RawValue`, and a `Number` if its
/// feature `arbitrary_precision` is on.
const JSON_TEXT: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// An array or an object that is being written.
///
/// Methods that pass on a field are always inlined: its key then is a constant, which the compiler scans for escapes.
pub(super) struct Compound<'a, 'w> {
    out: &'a mut Writer<'w>,
    /// What comes before the next element: the opening bracket, then a comma.
    before_next: u8,
    closing: &'static str,
}

impl<'a, 'w> Compound<'a, 'w> {
    #[inline(always)]
    pub(super) fn array(out: &'a mut Writer<'w>) -> Self {
        Self { out, before_next: b'[', closing: "]" }
    }

    #[inline(always)]
    pub(super) fn object(out: &'a mut Writer<'w>) -> Self {
        Self { out, before_next: b'{', closing: "}" }
    }

    /// Begins an array inside an object whose only field is named after a variant.
    #[inline(always)]
    pub(super) fn array_of_variant(out: &'a mut Writer<'w>, variant: &'static str) -> Self {
        out.key(b'{', variant);
        Self { out, before_next: b'[', closing: "]}" }
    }

    /// Begins an object inside such an object.
    #[inline(always)]
    pub(super) fn object_of_variant(out: &'a mut Writer<'w>, variant: &'static str) -> Self {
        out.key(b'{', variant);
        Self { out, before_next: b'{', closing: "}}" }
    }

    #[inline(always)]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        self.out.byte_if(self.before_next, true);
        self.before_next = b',';
        serialize(value, self.out)
    }

    #[inline(always)]
    pub(super) fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        self.out.key(self.before_next, key);
        self.before_next = b',';
        serialize(value, self.out)
    }

    #[inline(always)]
    pub(super) fn close(self) -> Result<(), SerializeError> {
        self.out.byte_if(self.before_next, self.before_next != b',');
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
        self.out.byte_if(self.before_next, true);
        self.before_next = b',';
        key.serialize(KeySerializer { out: self.out, is_json: false })
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        self.out.raw(":");
        serialize(value, self.out)
    }

    #[inline]
    fn end(self) -> Result<(), SerializeError> {
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
pub(super) enum Struct<'a, 'w> {
    Object(Compound<'a, 'w>),
    JsonText(&'a mut Writer<'w>),
}

impl<'a, 'w> Struct<'a, 'w> {
    #[inline(always)]
    pub(super) fn new(out: &'a mut Writer<'w>, name: &'static str) -> Self {
        if JSON_TEXT.contains(&name) { Self::JsonText(out) } else { Self::Object(Compound::object(out)) }
    }
}

impl ser::SerializeStruct for Struct<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    #[inline(always)]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        match self {
            Self::Object(object) => object.field(key, value),
            Self::JsonText(out) => value.serialize(KeySerializer { out, is_json: true }),
        }
    }

    #[inline(always)]
    fn end(self) -> Result<(), SerializeError> {
        match self {
            Self::Object(object) => object.close(),
            Self::JsonText(_) => Ok(()),
        }
    }
}

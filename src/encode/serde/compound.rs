//! Arrays and objects whose elements are still to come.

use serde::ser::{self, Serialize};

use super::{KeySerializer, SerializeError, serialize};
use crate::Writer;

/// The struct names under which serde_json hands over text that is JSON already: a `RawValue`, and a `Number` where its
/// feature `arbitrary_precision` is on.
const JSON_TEXT: [&str; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// An array or an object that is being written.
pub(super) struct Compound<'a, 'w> {
    out: &'a mut Writer<'w>,
    is_empty: bool,
    closing: &'static str,
}

impl<'a, 'w> Compound<'a, 'w> {
    #[inline]
    pub(super) fn array(out: &'a mut Writer<'w>) -> Self {
        out.raw("[");
        Self { out, is_empty: true, closing: "]" }
    }

    #[inline]
    pub(super) fn object(out: &'a mut Writer<'w>) -> Self {
        out.raw("{");
        Self { out, is_empty: true, closing: "}" }
    }

    /// An object whose only field is named after a variant; what is written is that field's value.
    #[inline]
    pub(super) fn variant(
        out: &'a mut Writer<'w>,
        variant: &'static str,
        opening: &'static str,
        closing: &'static str,
    ) -> Self {
        out.raw("{");
        out.string(variant);
        out.raw(":");
        out.raw(opening);
        Self { out, is_empty: true, closing }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeError> {
        self.separate();
        serialize(value, self.out)
    }

    #[inline]
    pub(super) fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        self.separate();
        self.out.string(key);
        self.out.raw(":");
        serialize(value, self.out)
    }

    #[inline]
    fn separate(&mut self) {
        self.out.byte_if(b',', !self.is_empty);
        self.is_empty = false;
    }

    #[inline]
    pub(super) fn close(self) -> Result<(), SerializeError> {
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
        self.separate();
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

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        self.field(key, value)
    }

    #[inline]
    fn end(self) -> Result<(), SerializeError> {
        self.close()
    }
}

/// A struct: an object, or the text that it stands for.
pub(super) enum Fields<'a, 'w> {
    Object(Compound<'a, 'w>),
    JsonText(&'a mut Writer<'w>),
}

impl<'a, 'w> Fields<'a, 'w> {
    #[inline]
    pub(super) fn new(out: &'a mut Writer<'w>, name: &'static str) -> Self {
        if JSON_TEXT.contains(&name) { Self::JsonText(out) } else { Self::Object(Compound::object(out)) }
    }
}

impl ser::SerializeStruct for Fields<'_, '_> {
    type Ok = ();
    type Error = SerializeError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), SerializeError> {
        match self {
            Self::Object(object) => object.field(key, value),
            Self::JsonText(out) => value.serialize(KeySerializer { out, is_json: true }),
        }
    }

    #[inline]
    fn end(self) -> Result<(), SerializeError> {
        match self {
            Self::Object(object) => object.close(),
            Self::JsonText(_) => Ok(()),
        }
    }
}

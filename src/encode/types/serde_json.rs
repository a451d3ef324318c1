//! Values of `serde_json`, as it writes them.

use std::fmt::{self, Write};

use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::encode::encode_fields::{EncodeFields, entries};
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

impl Encode for Value {
    fn encode(&self, out: &mut Writer<'_>) {
        match self {
            Self::Null => out.raw("null"),
            Self::Bool(value) => value.encode(out),
            Self::Number(value) => value.encode(out),
            Self::String(value) => value.encode(out),
            Self::Array(value) => value.encode(out),
            Self::Object(value) => value.encode(out),
        }
    }
}

impl Encode for Map<String, Value> {
    fn encode(&self, out: &mut Writer<'_>) {
        if !self.encode_fields(out, false) {
            out.raw("{");
        }
        out.raw("}");
    }
}

impl EncodeFields for Map<String, Value> {
    fn encode_fields(&self, out: &mut Writer<'_>, any: bool) -> bool {
        entries(self, out, any)
    }
}

impl Encode for Number {
    fn encode(&self, out: &mut Writer<'_>) {
        // Its `Display` alone has all digits if serde_json's feature `arbitrary_precision` is on.
        if write!(Digits(out), "{self}").is_err() {
            out.fail("a number could not be formatted");
        }
    }
}

/// The digits of a number, which need no escape.
struct Digits<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for Digits<'_, '_> {
    fn write_str(&mut self, digits: &str) -> fmt::Result {
        self.0.raw(digits);
        Ok(())
    }
}

impl Encode for RawValue {
    fn encode(&self, out: &mut Writer<'_>) {
        out.json(self.get());
    }
}

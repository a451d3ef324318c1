//! What derived code needs for the fields that go by way of serde.

pub use serde::Serialize;
use serde::Serializer as SerdeSerializer;

use super::error::SerializeError;
use super::fields::FieldsSerializer;
use super::serializer::Serializer;
use crate::encode::writer::Writer;

/// Returns a serializer that writes one value.
#[inline(always)]
pub fn value(out: &mut Writer<'_>) -> impl SerdeSerializer<Ok = (), Error = SerializeError> {
    Serializer { out }
}

/// Returns a serializer that writes the fields of a value beside others, and returns whether there are any now.
#[inline(always)]
pub fn fields(
    out: &mut Writer<'_>,
    any: bool,
    beside_a_tag: bool,
) -> impl SerdeSerializer<Ok = bool, Error = SerializeError> {
    FieldsSerializer { out, any, beside_a_tag }
}

/// Returns what was written, or notes that the part named `step` failed.
#[inline(always)]
pub fn or_fail<T>(out: &mut Writer<'_>, written: Result<T, SerializeError>, step: &str) -> Option<T> {
    written.map_err(|error| out.fail(error.within(step))).ok()
}

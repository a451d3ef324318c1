//! Serde's data model.

pub(crate) mod derived;
pub(crate) mod error;
pub(crate) mod serializer;
pub(crate) mod wrapper;

mod compound;
mod fields;
mod json_text;
mod key;
mod value;

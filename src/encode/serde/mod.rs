//! Serde's data model.

pub(crate) mod error;
pub(crate) mod serializer;

mod compound;
mod key;
mod value;

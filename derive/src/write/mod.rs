//! The code that writes a type.

pub(crate) mod derived;
pub(crate) mod enums;
pub(crate) mod structs;

mod code;
mod parts;
mod value;

//! The bounds of the implementations.

pub(crate) mod inferred;

mod mentioned;

//! Columns by type.

pub(crate) mod tier;

//! Columns by type, from PostgreSQL's binary format.

mod array;
pub(crate) mod column_error;
mod datetime;
mod digits;
mod input;
pub(crate) mod malformed;
pub(crate) mod native;
mod numeric;
pub(crate) mod raw;
pub(crate) mod record;
mod scalar;
mod text;
pub(crate) mod tier;

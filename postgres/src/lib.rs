//! Rows of PostgreSQL as JSON records, encoded from its binary format.
//!
//! The reference is `row_to_json`: the same bytes, but for floats and for the line breaks that the type `json` keeps,
//! which are equal as JSON.

// From the inside out: columns by type.
mod columns;
pub use columns::tier::Tier;

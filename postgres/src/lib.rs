//! Rows of PostgreSQL as JSON records, encoded from its binary format.
//!
//! The reference is `row_to_json`: the same bytes, but for floats and for the line breaks that the type `json` keeps,
//! which are equal as JSON.

// From the inside out: columns by type, of which there are rows.
mod columns;
pub use columns::{
    column_error::{ColumnError, UnsupportedColumn},
    malformed::Malformed,
    native::Native,
    record::Columns,
    tier::Tier,
};
mod rows;
pub use rows::{RowRecord, Rows};

// What is asked, and how it is split into pages.
mod query;
pub use query::definition::Definition;
pub use query::described::{DescribedColumn, Query};
pub use query::error::DescribeError;
pub use query::key::{Direction, KeyColumn};
pub use query::plan::Plan;
pub use query::value::Value;

// Pages, which hold a connection only while their client reads.
mod pages;
pub use pages::error::PagesError;
pub use pages::observe::ObservePages;
pub use pages::pages::Pages;

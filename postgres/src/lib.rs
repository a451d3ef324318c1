//! Rows of PostgreSQL as JSON records, encoded from its binary format.
//!
//! [`Rows`] makes records of what a query of tokio-postgres returns, in one line:
//!
//! ```no_run
//! use chunkwire::{Format, JsonBody};
//! use chunkwire_postgres::Rows;
//!
//! # async fn users(client: tokio_postgres::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let rows = client.query_raw("SELECT id, name FROM users ORDER BY id", [0_i64; 0]).await?;
//! let response = JsonBody::from_stream(Format::Array, Rows::new(rows)).ready().await?.into_response();
//! # drop(response);
//! # Ok(())
//! # }
//! ```
//!
//! A connection has to be discarded if its client leaves before the last row: see the repository's
//! `postgres/examples/pool.rs`.
//!
//! # Types
//!
//! The reference is `row_to_json`, in a session whose `TimeZone` is UTC and whose `bytea_output` is `hex`.
//!
//! - Encoded here, with arrays of them, domains over them, and enums: bool, int2, int4, int8, oid, xid, float4, float8,
//!   numeric, text, varchar, bpchar, name, "char", xml, json, jsonb, uuid, bytea, date, time, timestamp, timestamptz.
//! - All other columns are refused, with the form in which to ask for them: `column::text` or `to_json(column)`, as
//!   [`Tier`] says.
//! - NaN and the infinities are strings, as `to_json` has them, so that `null` always means NULL.
//! - Bytes are the same but for floats, whose digits are the fewest that read back as the same value (PostgreSQL may
//!   write one digit more of a float4), and for what could end a line: in lines, a space replaces a line break of the
//!   type json, and U+0085, U+2028 and U+2029 are escaped; in names of columns, they are in arrays as well.
//! - Text that is not UTF-8 and values that are not in the format of their type end the body with a [`ColumnError`].

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
pub use query::whole::WholeQuery;

// Pages, which hold a connection only while their client reads.
mod pages;
pub use pages::error::PagesError;
pub use pages::lender::Lender;
pub use pages::observe::ObservePages;
pub use pages::pages::Pages;
pub use pages::resume::Resume;
pub use pages::snapshot::Snapshot;

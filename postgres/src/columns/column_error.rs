//! Why a column can't be written.

use std::{error, fmt};

use tokio_postgres::types::Type;

use super::malformed::Malformed;
use super::tier::Tier;

/// A column that can't be a field of a record, as a statement asks for it.
///
/// # Examples
///
/// ```no_run
/// # async fn refused(client: &tokio_postgres::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use chunkwire_postgres::Columns;
///
/// let statement = client.prepare("SELECT now() - '2025-12-31' AS age").await?;
/// let error = Columns::new(statement.columns()).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "values of the type interval are not encoded here: ask for the column \"age\" as \"age\"::text"
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct UnsupportedColumn(String);

impl UnsupportedColumn {
    pub(super) fn twice(name: &str) -> Self {
        Self(format!("two columns have the name {name:?}: give each another name, by AS"))
    }

    pub(super) fn of_type(name: &str, ty: &Type) -> Self {
        let column = format!("\"{}\"", name.replace('"', "\"\""));
        let form = match Tier::of(ty) {
            Tier::Text => format!("{column}::text"),
            Tier::Native | Tier::ToJson => format!("to_json({column})"),
        };
        let ty = ty.name();
        Self(format!("values of the type {ty} are not encoded here: ask for the column {column} as {form}"))
    }
}

impl fmt::Display for UnsupportedColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for UnsupportedColumn {}

/// Why a row could not be written.
///
/// It is the cause of the [`chunkwire::Error`] that ends a body.
///
/// # Examples
///
/// ```no_run
/// # async fn refused(client: &tokio_postgres::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use std::error::Error;
///
/// use bytes::BytesMut;
/// use chunkwire::{Record, Writer};
/// use chunkwire_postgres::{ColumnError, Columns};
///
/// let two = client.query_one("SELECT 1 AS id, 'Ada' AS name", &[]).await?;
/// let one = client.query_one("SELECT 1 AS id", &[]).await?;
/// let columns = Columns::new(two.columns())?;
/// let error = columns.record(&one).write(&mut Writer::new(&mut BytesMut::new())).unwrap_err();
/// let cause = error.source().and_then(|cause| cause.downcast_ref::<ColumnError>()).unwrap();
/// assert_eq!(cause.to_string(), "the row has no column \"name\"");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ColumnError {
    name: String,
    why: Why,
}

#[derive(Clone, Copy, Debug)]
enum Why {
    Missing,
    OtherType,
    Malformed(Malformed),
}

impl ColumnError {
    #[cold]
    pub(super) fn missing(name: &str) -> Self {
        Self { name: name.to_owned(), why: Why::Missing }
    }

    #[cold]
    pub(super) fn other_type(name: &str) -> Self {
        Self { name: name.to_owned(), why: Why::OtherType }
    }

    #[cold]
    pub(super) fn malformed(name: &str, malformed: Malformed) -> Self {
        Self { name: name.to_owned(), why: Why::Malformed(malformed) }
    }
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.why {
            Why::Missing => write!(f, "the row has no column {name:?}"),
            Why::OtherType => write!(f, "the column {name:?} is not of the type that was described"),
            Why::Malformed(malformed) => write!(f, "a value of the column {name:?} can't be written: {malformed}"),
        }
    }
}

impl error::Error for ColumnError {}

//! The columns of a statement, which make records of its rows.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::BytesMut;
use chunkwire::{Error, Record, Short, Writer};
use tokio_postgres::{Column, Row};

use super::column_error::{ColumnError, UnsupportedColumn};
use super::native::Native;
use super::raw::RawColumn;

/// The columns of a statement, which make a record of each row: an object, as `row_to_json` has it.
///
/// A clone shares them.
///
/// # Examples
///
/// Rows of one statement, one by one:
///
/// ```no_run
/// use bytes::BytesMut;
/// use chunkwire::{Record, Writer};
/// use chunkwire_postgres::Columns;
///
/// async fn first(client: &tokio_postgres::Client) -> Result<BytesMut, Box<dyn std::error::Error>> {
///     let statement = client.prepare("SELECT id, name FROM users ORDER BY id").await?;
///     let columns = Columns::new(statement.columns())?;
///     let row = client.query_one(&statement, &[]).await?;
///
///     let mut json = BytesMut::new();
///     columns.record(&row).write(&mut Writer::new(&mut json))?;
///     assert_eq!(json, r#"{"id":1,"name":"Ada"}"#);
///     Ok(json)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Columns(Arc<[Field]>);

#[derive(Clone, Debug)]
struct Field {
    name: String,
    before: Before,
    oid: u32,
    native: Native,
}

/// What comes before a value: a comma if another field does, the name and a colon.
#[derive(Clone, Debug)]
enum Before {
    Short(Short),
    Long(String),
}

impl Columns {
    /// Returns how the rows of a statement with such columns are written.
    ///
    /// # Errors
    ///
    /// Returns an error if two columns have the same name, or if the values of one can't be encoded here; it says how
    /// that column has to be asked for.
    pub fn new(columns: &[Column]) -> Result<Self, UnsupportedColumn> {
        let mut names = HashSet::new();
        let fields = columns.iter().enumerate().map(|(at, column)| {
            if !names.insert(column.name()) {
                return Err(UnsupportedColumn::twice(column.name()));
            }
            let ty = column.type_();
            let native = Native::of(ty).ok_or_else(|| UnsupportedColumn::of_type(column.name(), ty))?;
            let before = before_value(at, column.name());
            Ok(Field { name: column.name().to_owned(), before, oid: ty.oid(), native })
        });
        fields.collect::<Result<_, _>>().map(Self)
    }

    /// Returns the first `count` of the columns, or all if there are fewer: what comes after them is asked for, but is
    /// not a part of the record.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Self(self.0.iter().take(count).cloned().collect())
    }

    /// Returns the number of columns.
    #[allow(clippy::len_without_is_empty, reason = "a row without columns is a row")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns a row as a record. Columns of the row after these are left out.
    ///
    /// Writing it fails if a value is [`Malformed`](crate::Malformed), or of another type than its column: the error's
    /// cause is then a [`ColumnError`].
    pub fn record<'a>(&'a self, row: &'a Row) -> impl Record + 'a {
        Borrowed { columns: self, row, is_checked: false }
    }

    /// Returns a row as a record, of a statement of which another row [was checked](Self::check).
    pub(crate) fn record_of_checked<'a>(&'a self, row: &'a Row) -> impl Record + 'a {
        Borrowed { columns: self, row, is_checked: true }
    }

    /// Checks that a row has these columns, and so has every other of its statement.
    pub(crate) fn check(&self, row: &Row) -> Result<(), ColumnError> {
        for (at, field) in self.0.iter().enumerate() {
            match row.columns().get(at) {
                None => return Err(ColumnError::missing(&field.name)),
                Some(column) if column.type_().oid() != field.oid => return Err(ColumnError::other_type(&field.name)),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Writes a row that has these columns as an object.
    pub(crate) fn write(&self, row: &Row, out: &mut Writer<'_>) -> Result<(), ColumnError> {
        out.raw("{");
        for (at, field) in self.0.iter().enumerate() {
            match &field.before {
                Before::Short(before) => out.short(before),
                Before::Long(before) => out.raw(before),
            }
            let value: Option<RawColumn<'_>> = row.try_get(at).map_err(|_| ColumnError::missing(&field.name))?;
            let bytes = value.map(|RawColumn(bytes)| bytes);
            field.native.write(bytes, out).map_err(|malformed| ColumnError::malformed(&field.name, malformed))?;
        }
        out.raw("}");
        Ok(())
    }
}

/// Returns what comes before the value of a column. Line breaks in its name are always escaped, so that lines may have it.
fn before_value(at: usize, name: &str) -> Before {
    let mut before = BytesMut::new();
    let mut out = Writer::for_lines(&mut before);
    out.raw(if at == 0 { "" } else { "," });
    out.string(name);
    out.raw(":");
    drop(out);
    let before = String::from_utf8_lossy(&before);
    if before.len() <= Short::MAX { Before::Short(Short::new(&before)) } else { Before::Long(before.into_owned()) }
}

struct Borrowed<'a> {
    columns: &'a Columns,
    row: &'a Row,
    is_checked: bool,
}

impl Record for Borrowed<'_> {
    #[inline]
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        let Self { columns, row, is_checked } = self;
        let checked = if is_checked { Ok(()) } else { columns.check(row) };
        checked.and_then(|()| columns.write(row, out)).map_err(Error::new)
    }
}

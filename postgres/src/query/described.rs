//! What has been described: SQL that is ready to be asked, and what comes.

use std::sync::Arc;

use tokio_postgres::types::Type;

use super::key::KeyColumn;
use super::plan::Plan;
use super::statements::{MOST_ROWS, Statement, Statements};
use crate::columns::record::Columns;
use crate::columns::tier::Tier;

/// A definition that the database knows all of: its columns, its key, and the statements of its pages.
///
/// A clone is the same one. A page's row has the chosen columns, then those of the key that are not
/// [among them](KeyColumn::place). Its parameters are those of the definition, then, for a page that is not the first,
/// the values of the key of the last row, and then the number of rows.
///
/// Unless the catalogue proves the key, the page behind a key has one column more, a `boolean` that is NULL. If it is
/// true, the row has the same key as another, and one of them has no page; nor has any row with a NULL in its key.
///
/// # Examples
///
/// ```no_run
/// use chunkwire_postgres::{Query, Value};
/// use tokio_postgres::{Client, Error, Row};
/// use tokio_postgres::types::ToSql;
///
/// /// The page behind a key, or the first one.
/// async fn page(client: &Client, query: &Query, key: &[Value], rows: u32) -> Result<Vec<Row>, Error> {
///     let rows = [Value::Text(rows.to_string())];
///     let values = key.iter().chain(&rows).map(|value| value as &(dyn ToSql + Sync));
///     let is_behind = !key.is_empty();
///     let bound: Vec<_> = values.zip(query.page_types(is_behind).iter().cloned()).collect();
///     client.query_typed(query.page_sql(is_behind), &bound).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Query(pub(super) Arc<Described>);

#[derive(Debug)]
pub(super) struct Described {
    pub(super) columns: Columns,
    pub(super) about_columns: Vec<DescribedColumn>,
    pub(super) key: Vec<KeyColumn>,
    /// How many columns the first page has.
    pub(super) width: usize,
    pub(super) key_is_proven: bool,
    pub(super) statements: Statements,
    pub(super) plan: Plan,
}

/// A chosen column: its name, its type, and how it is asked for.
///
/// # Examples
///
/// ```
/// use chunkwire_postgres::Query;
///
/// fn names(query: &Query) -> Vec<&str> {
///     query.about_columns().iter().map(|column| column.name()).collect()
/// }
/// # let _ = names;
/// ```
#[derive(Clone, Debug)]
pub struct DescribedColumn {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) tier: Tier,
}

impl DescribedColumn {
    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the type as SQL names it; that of a domain is the one which it is made of.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns how the column is asked for.
    pub fn tier(&self) -> Tier {
        self.tier
    }
}

impl Query {
    /// How many rows a page has at most: 1,024.
    pub const MOST_ROWS: usize = MOST_ROWS;

    /// Returns what writes the chosen columns of a row, without those that are there for the key alone.
    pub fn columns(&self) -> &Columns {
        &self.0.columns
    }

    /// Returns what is known of the chosen columns.
    pub fn about_columns(&self) -> &[DescribedColumn] {
        &self.0.about_columns
    }

    /// Returns the key, and where its values are in a row.
    pub fn key(&self) -> &[KeyColumn] {
        &self.0.key
    }

    /// Returns the statement of the first page, or of one behind a key.
    pub fn page_sql(&self, is_behind: bool) -> &str {
        &self.page(is_behind).sql
    }

    /// Returns the types of its parameters: those of the definition, those of the key if it is behind one, and the
    /// number of rows, which is a `bigint`.
    pub fn page_types(&self, is_behind: bool) -> &[Type] {
        &self.page(is_behind).types
    }

    pub(crate) fn page(&self, is_behind: bool) -> &Arc<Statement> {
        if is_behind { &self.0.statements.next } else { &self.0.statements.first }
    }

    pub(crate) fn item(&self) -> &Arc<Statement> {
        &self.0.statements.item
    }

    /// Returns the column that tells of a row with the same key as another, if pages have one.
    pub(crate) fn same_key(&self) -> Option<usize> {
        (!self.0.key_is_proven).then_some(self.0.width)
    }

    /// Returns the statement of the one row that has a key.
    pub fn item_sql(&self) -> &str {
        &self.0.statements.item.sql
    }

    /// Returns the types of its parameters: those of the definition, and those of the key.
    pub fn item_types(&self) -> &[Type] {
        &self.0.statements.item.types
    }

    /// Returns what its pages cost.
    pub fn plan(&self) -> &Plan {
        &self.0.plan
    }
}

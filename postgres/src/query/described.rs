//! What has been described: SQL that is ready to be asked, and what comes.

use std::sync::Arc;

use tokio_postgres::types::Type;

use super::key::KeyColumn;
use super::plan::Plan;
use super::statements::{LIMITS, Statements};
use crate::columns::tier::Tier;

/// A definition that the database knows all of: its columns, its key, and the statements of its pages.
///
/// A clone is the same one. A page's row has the chosen columns, then those of the key. Its parameters are those of the
/// definition, then, for a page that is not the first, the values of the key of the last row.
///
/// # Examples
///
/// ```no_run
/// use chunkwire_postgres::{Query, Value};
/// use tokio_postgres::{Client, Error, Row};
///
/// /// The first page of a definition without parameters.
/// async fn first_page(client: &Client, query: &Query) -> Result<Vec<Row>, Error> {
///     client.query(query.page_sql(false, 128), &[]).await
/// }
///
/// /// The page behind a key.
/// async fn page_behind(client: &Client, query: &Query, key: &[Value]) -> Result<Vec<Row>, Error> {
///     let types = query.page_types(true).iter().cloned();
///     let values = key.iter().map(|value| value as &(dyn tokio_postgres::types::ToSql + Sync));
///     let bound: Vec<_> = values.zip(types).collect();
///     client.query_typed(query.page_sql(true, 128), &bound).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Query(pub(super) Arc<Described>);

#[derive(Debug)]
pub(super) struct Described {
    pub(super) about_columns: Vec<DescribedColumn>,
    pub(super) key: Vec<KeyColumn>,
    pub(super) parameters: usize,
    /// The types of the parameters, those of the key last.
    pub(super) types: Vec<Type>,
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
    /// The limits that pages have. They are literals of the statements, so there are only a few.
    pub const LIMITS: &[usize] = &LIMITS;

    /// Returns what is known of the chosen columns.
    pub fn about_columns(&self) -> &[DescribedColumn] {
        &self.0.about_columns
    }

    /// Returns the key. Its values are the last columns of every row.
    pub fn key(&self) -> &[KeyColumn] {
        &self.0.key
    }

    /// Returns the statement of the first page or of one behind a key, with the least of the [`LIMITS`](Self::LIMITS)
    /// that has so many rows, or the largest one.
    pub fn page_sql(&self, after: bool, rows: usize) -> &str {
        self.0.statements.page(after, rows)
    }

    /// Returns the types of the parameters of such a page: those of the definition, then those of the key if it is not
    /// the first.
    pub fn page_types(&self, after: bool) -> &[Type] {
        &self.0.types[..if after { self.0.types.len() } else { self.0.parameters }]
    }

    /// Returns the statement of the one row that has a key. Its parameters are those of a page behind one.
    pub fn item_sql(&self) -> &str {
        &self.0.statements.item
    }

    /// Returns what its pages cost.
    pub fn plan(&self) -> &Plan {
        &self.0.plan
    }
}

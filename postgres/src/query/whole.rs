//! All rows of a definition as one snapshot, described.

use std::sync::Arc;

use tokio_postgres::types::Type;

use super::described::DescribedColumn;
use super::statements::Statement;
use crate::columns::record::Columns;

/// A definition that the database knows all of but for a key: one statement of all rows.
///
/// A clone is the same one. The parameters are those of the definition, and then the number of rows.
///
/// # Examples
///
/// ```no_run
/// use chunkwire_postgres::{Definition, DescribeError, WholeQuery};
/// use tokio_postgres::Client;
///
/// async fn sums(client: &mut Client) -> Result<WholeQuery, DescribeError> {
///     Definition::sql("SELECT country, count(*) AS users FROM users GROUP BY country").describe_whole(client).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct WholeQuery(pub(super) Arc<DescribedWhole>);

#[derive(Debug)]
pub(super) struct DescribedWhole {
    pub(super) columns: Columns,
    pub(super) about_columns: Vec<DescribedColumn>,
    pub(super) statement: Arc<Statement>,
}

impl WholeQuery {
    /// Returns what writes a row.
    pub fn columns(&self) -> &Columns {
        &self.0.columns
    }

    /// Returns what is known of the columns.
    pub fn about_columns(&self) -> &[DescribedColumn] {
        &self.0.about_columns
    }

    pub(crate) fn statement(&self) -> &Arc<Statement> {
        &self.0.statement
    }

    /// Returns the SQL of the statement.
    pub fn sql(&self) -> &str {
        &self.0.statement.sql
    }

    /// Returns the types of its parameters: those of the definition, and the number of rows, which is a `bigint`.
    pub fn types(&self) -> &[Type] {
        &self.0.statement.types
    }
}

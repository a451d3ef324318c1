//! Asks the database about a definition.

use std::sync::Arc;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Column, Transaction};

use super::asked::{as_column, as_key, key_is_native};
use super::catalog;
use super::condition::Part;
use super::definition::Definition;
use super::described::{Described, DescribedColumn, Query};
use super::error::DescribeError;
use super::key::{KeyColumn, order};
use super::origin::{Rows, prepared};
use super::plan::{self, Page};
use super::statements::{self, Select, Statement, Statements};
use super::whole::{DescribedWhole, WholeQuery};
use crate::columns::record::Columns;
use crate::columns::tier::Tier;

impl Definition {
    /// Asks the catalogue and the planner about the definition, in a transaction that reads only and is rolled back.
    ///
    /// # Errors
    ///
    /// What is wrong about the definition, or that the database failed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use chunkwire_postgres::{Definition, DescribeError};
    /// # async fn example(client: &mut tokio_postgres::Client) -> Result<(), DescribeError> {
    /// let users = Definition::table("users").describe(client).await?;
    /// assert_eq!(users.key()[0].name(), "id");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn describe(&self, client: &mut Client) -> Result<Query, DescribeError> {
        let mut database = self.transaction(client).await?;
        let described = self.described(&mut database).await;
        database.rollback().await?;
        Ok(Query(Arc::new(described?)))
    }

    async fn described(&self, database: &mut Transaction<'_>) -> Result<Described, DescribeError> {
        let parameters = self.parameter_types(database).await?;
        let rows = self.rows(database, &parameters).await?;
        let chosen = rows.chosen(self)?;
        let key = self.key_of(database, &rows).await?;
        let key_columns = rows.of_key(&key)?;

        let types: Vec<_> = parameters.iter().chain(key_columns.iter().map(|column| column.type_())).cloned().collect();
        let sql_types = catalog::type_names(database, &types).await?;
        let mut width = chosen.len();
        let key: Vec<_> = (key.iter().zip(key_columns).zip(&sql_types[parameters.len()..]))
            .map(|(((name, direction), column), type_name)| KeyColumn {
                name: name.clone(),
                direction: *direction,
                type_: column.type_().clone(),
                type_name: type_name.clone(),
                place: place(column, &chosen).unwrap_or_else(|| {
                    width += 1;
                    width - 1
                }),
            })
            .collect();

        let statements = statements(database, &rows, &chosen, &key, &parameters).await?;
        let first = Page { sql: &statements.first.sql, types: &sql_types[..parameters.len()] };
        let next = Page { sql: &statements.behind.sql, types: &sql_types };
        let columns = columns(database, &statements.first, chosen.len()).await?;
        let plan = plan::plan(database, first, next, parameters.len() + 1).await?;
        if let Some(step) = plan.obstacle().filter(|_| !self.accepts_expensive_pages) {
            return Err(DescribeError::Expensive { key: order(&key), step: step.to_owned() });
        }
        let about_columns = about(database, &chosen).await?;
        Ok(Described { columns, about_columns, key, width, key_is_proven: rows.key_is_proven, statements, plan })
    }

    /// Asks the catalogue about all rows of the definition as one snapshot, for which it needs no key. If it has one, the
    /// rows are in its order.
    ///
    /// # Errors
    ///
    /// What is wrong about the definition, or that the database failed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use chunkwire_postgres::{Definition, DescribeError};
    /// # async fn example(client: &mut tokio_postgres::Client) -> Result<(), DescribeError> {
    /// let sums = Definition::sql("SELECT country, count(*) AS users FROM users GROUP BY country");
    /// let sums = sums.describe_whole(client).await?;
    /// assert_eq!(sums.about_columns()[1].type_name(), "bigint");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn describe_whole(&self, client: &mut Client) -> Result<WholeQuery, DescribeError> {
        let database = self.transaction(client).await?;
        let described = self.described_whole(&database).await;
        database.rollback().await?;
        Ok(WholeQuery(Arc::new(described?)))
    }

    async fn described_whole(&self, database: &Transaction<'_>) -> Result<DescribedWhole, DescribeError> {
        let parameters = self.parameter_types(database).await?;
        let rows = self.rows(database, &parameters).await?;
        let chosen = rows.chosen(self)?;
        let key = if self.key.is_empty() { self.key.clone() } else { self.key_of(database, &rows).await? };
        let selected = selected(database, &chosen).await?;
        let names = catalog::quoted(database, &key.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()).await?;
        let order: Vec<_> = names.iter().zip(&key).map(|(name, (_, direction))| (name.as_str(), *direction)).collect();
        let statement = statements::whole(&rows.from, &selected.join(", "), &order, &parameters);
        let columns = columns(database, &statement, chosen.len()).await?;
        let about_columns = about(database, &chosen).await?;
        Ok(DescribedWhole { columns, about_columns, statement: Arc::new(statement) })
    }

    async fn transaction<'client>(&self, client: &'client mut Client) -> Result<Transaction<'client>, DescribeError> {
        let database = client.build_transaction().read_only(true).start().await?;
        if self.comes_through_pooler {
            catalog::remove_statements(&database).await?;
        }
        Ok(database)
    }

    async fn parameter_types(&self, database: &Transaction<'_>) -> Result<Vec<Type>, DescribeError> {
        let mut types = Vec::new();
        for name in &self.parameters {
            let found = catalog::type_named(database, name).await;
            let found = found.map_err(|error| DescribeError::refused(name, error))?;
            types.push(found.ok_or_else(|| DescribeError::NoType { name: name.clone() })?);
        }
        Ok(types)
    }
}

async fn statements(
    database: &Transaction<'_>,
    rows: &Rows,
    chosen: &[&Column],
    key: &[KeyColumn],
    parameters: &[Type],
) -> Result<Statements, DescribeError> {
    let selected = selected(database, chosen).await?;
    let is_among_them: Vec<_> = key.iter().map(|part| part.place < selected.len()).collect();
    let key_names: Vec<_> = key.iter().map(|part| part.name.clone()).collect();
    let key_names = catalog::quoted(database, &key_names).await?;
    let key_types: Vec<_> = key.iter().map(|part| part.type_.clone()).collect();
    let key: Vec<_> = (key.iter().zip(key_names).zip(parameters.len() + 1..))
        .map(|((part, name), number)| Part {
            column: format!("q.{name}"),
            direction: part.direction,
            parameter: format!("${number}"),
        })
        .collect();
    let others = key.iter().zip(&key_types).zip(is_among_them).filter(|(_, is_among_them)| !is_among_them);
    let others = others.map(|((part, ty), _)| as_key(&part.column, ty));
    let columns: Vec<_> = selected.into_iter().chain(others).collect();
    let select = Select {
        from: &rows.from,
        columns: &columns.join(", "),
        key: &key,
        parameters,
        key_types: &key_types,
        key_is_proven: rows.key_is_proven,
    };
    Ok(select.statements())
}

/// Returns which of the chosen columns has the values of this one as a key has them.
fn place(column: &Column, chosen: &[&Column]) -> Option<usize> {
    let is_same = |chosen: &&Column| chosen.name() == column.name();
    key_is_native(column.type_()).then(|| chosen.iter().position(is_same)).flatten()
}

/// Returns how the chosen columns are asked for.
async fn selected(database: &Transaction<'_>, chosen: &[&Column]) -> Result<Vec<String>, DescribeError> {
    let names: Vec<_> = chosen.iter().map(|column| column.name().to_owned()).collect();
    let names = catalog::quoted(database, &names).await?;
    Ok(chosen.iter().zip(&names).map(|(column, name)| as_column(name, column.type_())).collect())
}

/// Returns what writes the first columns of a statement's rows.
async fn columns(database: &Transaction<'_>, statement: &Statement, count: usize) -> Result<Columns, DescribeError> {
    let prepared = prepared(database, &statement.sql, &statement.types).await?;
    Columns::new(prepared.columns().get(..count).unwrap_or_default()).map_err(DescribeError::Unsupported)
}

async fn about(database: &Transaction<'_>, chosen: &[&Column]) -> Result<Vec<DescribedColumn>, DescribeError> {
    let types: Vec<_> = chosen.iter().map(|column| column.type_().clone()).collect();
    let names = catalog::type_names(database, &types).await?;
    let about = chosen.iter().zip(names).map(|(column, type_name)| DescribedColumn {
        name: column.name().to_owned(),
        type_name,
        tier: Tier::of(column.type_()),
    });
    Ok(about.collect())
}

//! Asks the database about a definition.

use std::sync::Arc;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Column, Statement, Transaction};

use super::catalog::{self, RelationKind};
use super::condition::Part;
use super::definition::{Definition, Origin};
use super::described::{Described, DescribedColumn, Query};
use super::error::DescribeError;
use super::key::{Direction, KeyColumn, order};
use super::plan::{self, Page};
use super::statements::{Select, Statements};
use crate::columns::record::Columns;
use crate::columns::tier::Tier;

/// What the origin has.
struct Rows {
    /// As it stands behind FROM, named q.
    from: String,
    /// The key, if nothing is said of one.
    key: Vec<(String, Direction)>,
    all: Statement,
}

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
        let mut database = client.build_transaction().read_only(true).start().await?;
        let described = self.described(&mut database).await;
        database.rollback().await?;
        Ok(Query(Arc::new(described?)))
    }

    async fn described(&self, database: &mut Transaction<'_>) -> Result<Described, DescribeError> {
        let parameters = self.parameter_types(database).await?;
        let rows = self.rows(database, &parameters).await?;
        let chosen = match &self.columns {
            None => rows.all.columns().iter().collect(),
            Some(names) => chosen(rows.all.columns(), names)?,
        };
        if chosen.is_empty() {
            return Err(DescribeError::NoColumns);
        }
        let key_columns = named(rows.all.columns(), rows.key.iter().map(|(name, _)| name))?;

        let types: Vec<_> = parameters.iter().chain(key_columns.iter().map(|column| column.type_())).cloned().collect();
        let sql_types = catalog::type_names(database, &types).await?;
        let key: Vec<_> = (rows.key.iter().zip(key_columns).zip(&sql_types[parameters.len()..]))
            .map(|(((name, direction), column), type_name)| KeyColumn {
                name: name.clone(),
                direction: *direction,
                type_: column.type_().clone(),
                type_name: type_name.clone(),
            })
            .collect();

        let statements = statements(database, &rows.from, &chosen, &key, &parameters).await?;
        let first = Page { sql: &statements.first.sql, types: &sql_types[..parameters.len()] };
        let next = Page { sql: &statements.next.sql, types: &sql_types };
        let described = prepared(database, &statements.first.sql, &statements.first.types).await?;
        let columns = described.columns().get(..chosen.len()).unwrap_or_default();
        let columns = Columns::new(columns).map_err(DescribeError::Unsupported)?;
        let plan = plan::plan(database, first, next, parameters.len() + 1).await?;
        if let Some(step) = plan.obstacle().filter(|_| !self.accepts_expensive_pages) {
            return Err(DescribeError::Expensive { key: order(&key), step: step.to_owned() });
        }
        let about_columns = about(database, &chosen).await?;
        Ok(Described { columns, about_columns, key, statements, plan })
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

    async fn rows(&self, database: &Transaction<'_>, parameters: &[Type]) -> Result<Rows, DescribeError> {
        let (table, from) = match &self.origin {
            // What the last line is a comment of does not go on behind it.
            Origin::Sql(text) => (None, format!("(\n{text}\n) AS q")),
            Origin::Table(name) => {
                let (oid, from) = relation(database, name, RelationKind::Table).await?;
                (Some(oid), from)
            }
            Origin::View(name) => (None, relation(database, name, RelationKind::View).await?.1),
        };
        let all = prepared(database, &format!("SELECT * FROM {from}"), parameters).await?;
        let columns = all.columns();
        for (place, column) in columns.iter().enumerate() {
            if columns[..place].iter().any(|other| other.name() == column.name()) {
                return Err(DescribeError::Duplicate { name: column.name().to_owned() });
            }
        }
        named(columns, self.key.iter().map(|(name, _)| name))?;
        let key = match table {
            Some(table) => self.key_of_table(database, table).await?,
            None => self.key.clone(),
        };
        if key.is_empty() {
            return Err(DescribeError::NoKey { unique: Vec::new() });
        }
        Ok(Rows { from, key, all })
    }

    /// The key of a table, which no two rows have in common and which has no NULL.
    async fn key_of_table(
        &self,
        database: &Transaction<'_>,
        table: u32,
    ) -> Result<Vec<(String, Direction)>, DescribeError> {
        let nullable = catalog::nullable(database, table).await?;
        let mut keys = catalog::unique_keys(database, table).await?;
        if self.key.is_empty() {
            keys.retain(|key| !key.columns.iter().any(|column| nullable.contains(column)));
            return match keys.first() {
                Some(key) if key.is_primary => {
                    Ok(key.columns.iter().map(|column| (column.clone(), Direction::default())).collect())
                }
                _ => Err(DescribeError::NoKey { unique: keys.into_iter().map(|key| key.columns).collect() }),
            };
        }
        let has = |column: &String| self.key.iter().any(|(name, _)| name == column);
        if let Some(column) = nullable.iter().find(|column| has(column)) {
            return Err(DescribeError::Nullable { column: column.clone() });
        }
        if !keys.iter().any(|key| key.columns.iter().all(has)) {
            let key = self.key.iter().map(|(name, _)| name.clone()).collect();
            let unique = keys.into_iter().map(|key| key.columns).collect();
            return Err(DescribeError::NotUnique { key, unique });
        }
        Ok(self.key.clone())
    }
}

/// The number of a relation of this kind, and how it stands behind FROM.
async fn relation(
    database: &Transaction<'_>,
    name: &str,
    wanted: RelationKind,
) -> Result<(u32, String), DescribeError> {
    let relation = catalog::relation(database, name).await;
    let Some(relation) = relation.map_err(|error| DescribeError::refused(name, error))? else {
        let existing = catalog::relations(database).await?;
        return Err(DescribeError::NoRelation { name: name.to_owned(), existing });
    };
    if relation.kind != wanted {
        let instead = match relation.kind {
            RelationKind::Table => "a table, and not a view",
            RelationKind::View => "a view, and not a table; it needs a key of its own",
            RelationKind::Other => "neither a table nor a view",
        };
        return Err(DescribeError::NotThatKind { name: name.to_owned(), instead });
    }
    Ok((relation.oid, format!("{} AS q", relation.name)))
}

/// What a statement returns.
async fn prepared(database: &Transaction<'_>, sql: &str, types: &[Type]) -> Result<Statement, DescribeError> {
    let statement = database.prepare_typed(sql, types).await;
    let statement = statement.map_err(|error| DescribeError::refused(sql, error))?;
    let (declared, used) = (types.len(), statement.params().len());
    if used > declared {
        return Err(DescribeError::NotDeclared { declared, used });
    }
    Ok(statement)
}

fn chosen<'columns>(columns: &'columns [Column], names: &[String]) -> Result<Vec<&'columns Column>, DescribeError> {
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            return Err(DescribeError::Duplicate { name: name.clone() });
        }
    }
    named(columns, names)
}

fn named<'columns, 'name>(
    columns: &'columns [Column],
    names: impl IntoIterator<Item = &'name String>,
) -> Result<Vec<&'columns Column>, DescribeError> {
    let column = |name: &String| {
        columns.iter().find(|column| column.name() == name).ok_or_else(|| DescribeError::NoColumn {
            name: name.clone(),
            existing: columns.iter().map(|column| column.name().to_owned()).collect(),
        })
    };
    names.into_iter().map(column).collect()
}

async fn statements(
    database: &Transaction<'_>,
    from: &str,
    chosen: &[&Column],
    key: &[KeyColumn],
    parameters: &[Type],
) -> Result<Statements, DescribeError> {
    let names: Vec<_> = chosen.iter().map(|column| column.name().to_owned()).collect();
    let names = catalog::quoted(database, &names).await?;
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
    let asked_for = chosen.iter().zip(&names).map(|(column, name)| match Tier::of(column.type_()) {
        Tier::Native => format!("q.{name}"),
        Tier::Text => format!("q.{name}::text AS {name}"),
        Tier::ToJson => format!("to_json(q.{name}) AS {name}"),
    });
    let columns: Vec<_> = asked_for.chain(key.iter().map(|part| part.column.clone())).collect();
    Ok(Select { from, columns: &columns.join(", "), key: &key, parameters, key_types: &key_types }.statements())
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

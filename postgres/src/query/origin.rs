//! What a definition takes its rows from.

use tokio_postgres::types::Type;
use tokio_postgres::{Column, Statement, Transaction};

use super::catalog::{self, Relation, RelationKind};
use super::definition::{Definition, Origin};
use super::error::DescribeError;
use super::key::Direction;

/// What the origin has.
pub(super) struct Rows {
    /// As it stands behind FROM, named q.
    pub(super) from: String,
    /// The number of the table, if it is one.
    table: Option<u32>,
    /// Whether the keys of the catalogue hold for all rows.
    pub(super) key_is_proven: bool,
    all: Statement,
}

impl Rows {
    /// Returns the columns that a definition has chosen.
    pub(super) fn chosen(&self, definition: &Definition) -> Result<Vec<&Column>, DescribeError> {
        let chosen = match &definition.columns {
            None => self.all.columns().iter().collect(),
            Some(names) => chosen(self.all.columns(), names)?,
        };
        if chosen.is_empty() { Err(DescribeError::NoColumns) } else { Ok(chosen) }
    }

    /// Returns the columns of a key.
    pub(super) fn of_key(&self, key: &[(String, Direction)]) -> Result<Vec<&Column>, DescribeError> {
        named(self.all.columns(), key.iter().map(|(name, _)| name))
    }
}

impl Definition {
    pub(super) async fn rows(&self, database: &Transaction<'_>, parameters: &[Type]) -> Result<Rows, DescribeError> {
        let (table, from) = match &self.origin {
            // What the last line is a comment of does not go on behind it.
            Origin::Sql(text) => (None, format!("(\n{text}\n) AS q")),
            Origin::Table(name) => {
                let table = relation(database, name, RelationKind::Table).await?;
                let from = format!("{} AS q", table.name);
                (Some(table), from)
            }
            Origin::View(name) => (None, format!("{} AS q", relation(database, name, RelationKind::View).await?.name)),
        };
        let all = prepared(database, &format!("SELECT * FROM {from}"), parameters).await?;
        let columns = all.columns();
        for (place, column) in columns.iter().enumerate() {
            if columns[..place].iter().any(|other| other.name() == column.name()) {
                return Err(DescribeError::Duplicate { name: column.name().to_owned() });
            }
        }
        named(columns, self.key.iter().map(|(name, _)| name))?;
        let key_is_proven = table.as_ref().is_some_and(|table| !table.has_heirs);
        Ok(Rows { from, table: table.map(|table| table.oid), key_is_proven, all })
    }

    /// Returns the key, which is the primary key of a table if nothing is said of one.
    pub(super) async fn key_of(
        &self,
        database: &Transaction<'_>,
        rows: &Rows,
    ) -> Result<Vec<(String, Direction)>, DescribeError> {
        let key = match rows.table {
            Some(table) => self.key_of_table(database, table).await?,
            None => self.key.clone(),
        };
        if key.is_empty() { Err(DescribeError::NoKey { unique: Vec::new() }) } else { Ok(key) }
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

/// The relation that has this name, if it is of this kind.
async fn relation(database: &Transaction<'_>, name: &str, wanted: RelationKind) -> Result<Relation, DescribeError> {
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
    Ok(relation)
}

/// What a statement returns.
pub(super) async fn prepared(
    database: &Transaction<'_>,
    sql: &str,
    types: &[Type],
) -> Result<Statement, DescribeError> {
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

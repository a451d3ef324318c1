//! The SQL of pages and of one item.
//!
//! The first page and the next ones are statements of their own: with one for both, whose parameter may be NULL,
//! PostgreSQL reads the whole table. The number of rows is a parameter, within a limit that is a literal: with the
//! parameter alone, each page is planned again, since a plan for any number is one for a tenth of the table.

use std::sync::Arc;

use tokio_postgres::types::Type;

use super::condition::{Part, at, behind};
use super::key::Direction;

/// How many rows a page has at most.
pub(super) const MOST_ROWS: usize = 1024;

/// What all statements select from and what.
#[derive(Debug)]
pub(super) struct Select<'sql> {
    /// A table, or the query in parentheses.
    pub(super) from: &'sql str,
    /// The columns, those of the key last.
    pub(super) columns: &'sql str,
    pub(super) key: &'sql [Part],
    /// The types of the parameters of the definition.
    pub(super) parameters: &'sql [Type],
    /// Those of the key.
    pub(super) key_types: &'sql [Type],
}

/// The statements of a query.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) first: Arc<Statement>,
    pub(super) next: Arc<Statement>,
    pub(super) item: Statement,
}

/// A statement, and the types of its parameters.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) types: Vec<Type>,
}

impl Select<'_> {
    pub(super) fn statements(&self) -> Statements {
        let Self { from, columns, key, parameters, key_types } = self;
        let page = |condition: &str, types: Vec<Type>| {
            let order: Vec<_> = key.iter().map(|part| format!("{} {}", part.column, part.direction.sql())).collect();
            let order = order.join(", ");
            let (most, rows) = (MOST_ROWS, types.len() + 1);
            let largest = format!("SELECT {columns} FROM {from}{condition} ORDER BY {order} LIMIT {most}");
            let sql = format!("SELECT * FROM (\n{largest}\n) AS page LIMIT ${rows}");
            Arc::new(Statement { sql, types: [types, vec![Type::INT8]].concat() })
        };
        let with_key = [*parameters, *key_types].concat();
        let one = format!("SELECT {columns} FROM {from} WHERE {} LIMIT 1", at(key));
        Statements {
            first: page("", parameters.to_vec()),
            next: page(&format!(" WHERE {}", behind(key)), with_key.clone()),
            item: Statement { sql: one, types: with_key },
        }
    }
}

/// Returns the statement of all rows, in this order.
pub(super) fn whole(from: &str, columns: &str, order: &[(&str, Direction)], parameters: &[Type]) -> Statement {
    let order: Vec<_> = order.iter().map(|(column, direction)| format!("q.{column} {}", direction.sql())).collect();
    let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
    let sql = format!("SELECT {columns} FROM {from}{order} LIMIT ${}", parameters.len() + 1);
    Statement { sql, types: [parameters, &[Type::INT8]].concat() }
}

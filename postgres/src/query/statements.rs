//! The SQL of pages and of one item.
//!
//! The first page and the next ones are statements of their own: with one for both, whose parameter may be NULL,
//! PostgreSQL reads the whole table. The number of rows is a parameter, within a limit that is a literal: with the
//! parameter alone, each page is planned again, since a plan for any number is one for a tenth of the table.

use std::sync::Arc;

use tokio_postgres::types::Type;

use super::condition::{Part, at, behind, null_behind};
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
    /// Whether the catalogue says that no two rows have the same key, and none has a NULL in it.
    pub(super) key_is_proven: bool,
}

/// The statements of a query.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) first: Arc<Statement>,
    /// The rows behind a key.
    pub(super) behind: Arc<Statement>,
    /// The next page: these rows, and those that have no page unless the key is proven.
    pub(super) next: Arc<Statement>,
    pub(super) item: Arc<Statement>,
}

/// A statement, and the types of its parameters.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) types: Vec<Type>,
}

impl Select<'_> {
    pub(super) fn statements(&self) -> Statements {
        let Self { from, columns, key, parameters, key_types, key_is_proven } = self;
        let with_key = [*parameters, *key_types].concat();
        let rows_behind = page(&self.rows(columns, &format!(" WHERE {}", behind(key))), &with_key);
        let next = if *key_is_proven { Arc::clone(&rows_behind) } else { page(&self.rows_or_unreached(), &with_key) };
        let one = format!("SELECT {columns} FROM {from} WHERE {} LIMIT 1", at(key));
        Statements {
            first: page(&self.rows(columns, ""), parameters),
            behind: rows_behind,
            next,
            item: Arc::new(Statement { sql: one, types: with_key }),
        }
    }

    /// The rows of a page of the largest size.
    fn rows(&self, columns: &str, condition: &str) -> String {
        let order: Vec<_> = self.key.iter().map(|part| format!("{} {}", part.column, part.direction.sql())).collect();
        format!("SELECT {columns} FROM {}{condition} ORDER BY {} LIMIT {MOST_ROWS}", self.from, order.join(", "))
    }

    /// The rows behind a key, and one of each kind that no page would have: that has the same key as another, which the
    /// last column tells, and that has a NULL in its key. Such a row is looked up as the others are.
    ///
    /// Where NULL comes last of all, it is looked up if the page has fewer rows than are asked for.
    fn rows_or_unreached(&self) -> String {
        let Self { from, columns, key, .. } = self;
        let columns_of_none = format!("{columns}, NULL::boolean AS again");
        let same = format!("(SELECT {columns}, true AS again FROM {from} WHERE {} OFFSET 1 LIMIT 1)", at(key));
        let rows = format!("({})", self.rows(&columns_of_none, &format!(" WHERE {}", behind(key))));
        let null = |condition| format!("(SELECT {columns_of_none} FROM {from} WHERE {condition} LIMIT 1)");
        let (mut before, mut last) = (vec![same], vec![rows]);
        for (place, condition) in null_behind(key) {
            if place == 0 { &mut last } else { &mut before }.push(null(condition));
        }
        [before, last].concat().join("\nUNION ALL\n")
    }
}

/// Asks for some rows of a page.
fn page(rows: &str, types: &[Type]) -> Arc<Statement> {
    let sql = format!("SELECT * FROM (\n{rows}\n) AS page LIMIT ${}", types.len() + 1);
    Arc::new(Statement { sql, types: [types, &[Type::INT8]].concat() })
}

/// Returns the statement of all rows, in this order.
pub(super) fn whole(from: &str, columns: &str, order: &[(&str, Direction)], parameters: &[Type]) -> Statement {
    let order: Vec<_> = order.iter().map(|(column, direction)| format!("q.{column} {}", direction.sql())).collect();
    let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
    let sql = format!("SELECT {columns} FROM {from}{order} LIMIT ${}", parameters.len() + 1);
    Statement { sql, types: [parameters, &[Type::INT8]].concat() }
}

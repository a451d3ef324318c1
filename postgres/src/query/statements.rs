//! The SQL of pages and of one item.
//!
//! The first page and the next ones are statements of their own, and their limit is a literal: with a parameter that
//! may be NULL, or one for the limit, PostgreSQL makes plans that read the whole table, or one for each page.

use super::condition::{Part, at, behind};

/// How many rows a page may ask for.
pub(super) const LIMITS: [usize; 4] = [32, 128, 512, 1024];

/// What all statements select from and what.
#[derive(Debug)]
pub(super) struct Select<'sql> {
    /// A table, or the query in parentheses.
    pub(super) from: &'sql str,
    /// The columns, those of the key last.
    pub(super) columns: &'sql str,
    pub(super) key: &'sql [Part],
}

/// The statements of a query.
#[derive(Debug)]
pub(super) struct Statements {
    first: [String; LIMITS.len()],
    next: [String; LIMITS.len()],
    pub(super) item: String,
}

impl Select<'_> {
    pub(super) fn statements(&self) -> Statements {
        let Self { from, columns, key } = self;
        let order: Vec<_> = key.iter().map(|part| format!("{} {}", part.column, part.direction.sql())).collect();
        let order = order.join(", ");
        let next = behind(key);
        Statements {
            first: LIMITS.map(|rows| format!("SELECT {columns} FROM {from} ORDER BY {order} LIMIT {rows}")),
            next: LIMITS.map(|rows| format!("SELECT {columns} FROM {from} WHERE {next} ORDER BY {order} LIMIT {rows}")),
            item: format!("SELECT {columns} FROM {from} WHERE {} LIMIT 1", at(key)),
        }
    }
}

impl Statements {
    /// Returns the page with the least limit that has so many rows, or the largest page.
    pub(super) fn page(&self, after: bool, rows: usize) -> &str {
        let pages = if after { &self.next } else { &self.first };
        let place = LIMITS.partition_point(|limit| *limit < rows);
        &pages[place.min(LIMITS.len() - 1)]
    }
}

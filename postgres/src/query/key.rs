//! The key, which puts rows in order and tells where a page ends.

use bytes::BytesMut;
use chunkwire::Writer;
use tokio_postgres::types::Type;

use super::asked::key_is_native;
use super::value::Value;
use crate::columns::native::Native;

/// The direction of a part of the key.
///
/// # Examples
///
/// ```
/// use chunkwire_postgres::Direction;
///
/// assert_eq!(Direction::default(), Direction::Ascending);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The least value comes first.
    #[default]
    Ascending,
    /// The greatest value comes first.
    Descending,
}

impl Direction {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }

    /// What is behind a value.
    pub(super) fn behind(self) -> &'static str {
        match self {
            Self::Ascending => ">",
            Self::Descending => "<",
        }
    }
}

/// A part of the key of a [`Query`](crate::Query), by which its pages are in order.
///
/// # Examples
///
/// ```
/// use chunkwire_postgres::{Direction, Query};
///
/// fn order(query: &Query) -> Vec<(&str, Direction)> {
///     query.key().iter().map(|part| (part.name(), part.direction())).collect()
/// }
/// # let _ = order;
/// ```
#[derive(Clone, Debug)]
pub struct KeyColumn {
    pub(super) name: String,
    pub(super) direction: Direction,
    pub(super) type_: Type,
    pub(super) type_name: String,
    pub(super) place: usize,
}

impl KeyColumn {
    /// Returns the name of the column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the direction.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Returns the type of the column; that of a domain is the one which it is made of.
    pub fn type_(&self) -> &Type {
        &self.type_
    }

    /// Returns which column of a page's rows has its values, from 0.
    pub fn place(&self) -> usize {
        self.place
    }

    /// Whether pages have its values as text.
    pub(crate) fn comes_as_text(&self) -> bool {
        !key_is_native(&self.type_)
    }

    /// Returns a value of a page as text that PostgreSQL reads as the same value, unless it is malformed.
    pub(crate) fn text_of(&self, value: &Value) -> Option<String> {
        let bytes = match value {
            Value::Text(text) => return Some(text.clone()),
            Value::Binary(bytes) => bytes,
            Value::Null => return None,
        };
        let mut json = BytesMut::new();
        Native::of(&self.type_)?.write(Some(bytes), &mut Writer::new(&mut json)).ok()?;
        match json.first() {
            Some(b'"') => serde_json::from_slice(&json).ok(),
            _ => String::from_utf8(json.to_vec()).ok(),
        }
    }

    /// Returns the type as SQL names it, such as `timestamp with time zone`.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }
}

/// The key as an index has it.
pub(super) fn order(key: &[KeyColumn]) -> String {
    let parts = key.iter().map(|part| match part.direction {
        Direction::Ascending => part.name.clone(),
        Direction::Descending => format!("{} DESC", part.name),
    });
    parts.collect::<Vec<_>>().join(", ")
}

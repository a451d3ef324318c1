//! The key, which puts rows in order and tells where a page ends.

use tokio_postgres::types::Type;

use super::asked::is_built_in;

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

    /// Whether pages have its values as text.
    pub(crate) fn comes_as_text(&self) -> bool {
        !is_built_in(&self.type_)
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

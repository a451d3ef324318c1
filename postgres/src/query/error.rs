//! Why a definition can't be described.

use std::error::Error;
use std::fmt;

use crate::columns::column_error::UnsupportedColumn;

/// Why a [`Definition`](crate::Definition) can't be described: what is wrong, and what there is instead.
///
/// # Examples
///
/// ```no_run
/// use chunkwire_postgres::{Definition, DescribeError};
/// use tokio_postgres::Client;
///
/// /// Whether it may work later, since the definition is not what failed.
/// async fn is_worth_a_retry(client: &mut Client) -> bool {
///     match Definition::table("users").describe(client).await {
///         Err(DescribeError::Database(error)) => error.as_db_error().is_none(),
///         _ => false,
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum DescribeError {
    /// The database failed while it was asked about the definition.
    Database(tokio_postgres::Error),
    /// The database refuses a name of the definition, or a statement that was made of it.
    Refused {
        /// The name or the statement.
        sql: String,
        /// Why.
        error: tokio_postgres::Error,
    },
    /// The values of a column can't be encoded.
    Unsupported(UnsupportedColumn),
    /// There is no such table or view.
    NoRelation {
        /// What was asked for.
        name: String,
        /// Relations that there are, at most 20.
        existing: Vec<String>,
    },
    /// What is there is no table where a table was asked for, or no view where a view was.
    NotThatKind {
        /// What was asked for.
        name: String,
        /// What should be said instead.
        instead: &'static str,
    },
    /// There is no such column.
    NoColumn {
        /// What was asked for.
        name: String,
        /// The columns that there are.
        existing: Vec<String>,
    },
    /// There is no such type of a parameter.
    NoType {
        /// What was asked for.
        name: String,
    },
    /// The query has more parameters than are declared.
    NotDeclared {
        /// How many are declared.
        declared: usize,
        /// How many there are.
        used: usize,
    },
    /// Two columns have one name, or the same one was chosen twice.
    Duplicate {
        /// The name.
        name: String,
    },
    /// No column is chosen.
    NoColumns,
    /// No key is known.
    NoKey {
        /// The unique keys without NULL that the table has, or none.
        unique: Vec<Vec<String>>,
    },
    /// The table may have several rows with the same key.
    NotUnique {
        /// The key that was asked for.
        key: Vec<String>,
        /// The unique keys of the table.
        unique: Vec<Vec<String>>,
    },
    /// A part of the key may be NULL.
    Nullable {
        /// The column.
        column: String,
    },
    /// The key can't be looked up in an index: each page would compute all rows again.
    Expensive {
        /// The key, as an index has to have it.
        key: String,
        /// The step of the plan that is in the way.
        step: String,
    },
}

impl DescribeError {
    /// What the database says of a text that was made of the definition.
    pub(super) fn refused(text: &str, error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(_) => Self::Refused { sql: text.to_owned(), error },
            None => Self::Database(error),
        }
    }

    /// Returns the error of the database that is behind this one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use chunkwire_postgres::DescribeError;
    /// assert!(DescribeError::NoColumns.database().is_none());
    /// ```
    pub fn database(&self) -> Option<&tokio_postgres::Error> {
        match self {
            Self::Database(error) | Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for DescribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "the database failed: {}", Told(error)),
            Self::Refused { sql, error } => write!(f, "the database refuses this: {}: {sql}", Told(error)),
            Self::Unsupported(error) => error.fmt(f),
            Self::NoRelation { name, existing } => {
                write!(f, "there is no table or view {name:?}; this role may read {}", listed(existing))
            }
            Self::NotThatKind { name, instead } => write!(f, "{name:?} is {instead}"),
            Self::NoColumn { name, existing } => {
                write!(f, "there is no column {name:?}; there are {}", listed(existing))
            }
            Self::NoType { name } => {
                write!(f, "there is no type {name:?}; a type is one that SQL names, such as bigint or timestamptz")
            }
            Self::NotDeclared { declared, used } => {
                write!(f, "the query has {used} parameters, but {declared} are declared; declare each, $1 first")
            }
            Self::Duplicate { name } => {
                write!(f, "there are two columns {name:?}; each needs a name of its own, such as by AS")
            }
            Self::NoColumns => write!(f, "no column is chosen; a row needs one at least"),
            Self::NoKey { unique } if unique.is_empty() => {
                write!(f, "it has no key; name columns that no two rows have in common and that are never NULL")
            }
            Self::NoKey { unique } => {
                write!(f, "the table has no primary key; name a key, such as {}", keys(unique))
            }
            Self::NotUnique { key, unique } => {
                let key = key.join(", ");
                write!(f, "the table may have several rows with the same ({key}); unique is {}", keys(unique))
            }
            Self::Nullable { column } => {
                write!(f, "the column {column:?} of the key may be NULL; declare it NOT NULL, or choose another key")
            }
            Self::Expensive { key, step } => write!(
                f,
                "each page would compute all rows again, since the key is not looked up in an index ({step}); make an \
                 index on ({key}) behind what the query compares by =, define it over a materialized view with such \
                 an index, or accept expensive pages",
            ),
        }
    }
}

impl Error for DescribeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Database(error) | Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<tokio_postgres::Error> for DescribeError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

/// What an error of the client does not say by itself.
struct Told<'error>(&'error tokio_postgres::Error);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_db_error() {
            Some(error) => {
                write!(f, "{} ({})", error.message(), error.code().code())?;
                error.hint().map_or(Ok(()), |hint| write!(f, ", {hint}"))
            }
            None => self.0.fmt(f),
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn keys(keys: &[Vec<String>]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| format!("({})", key.join(", "))).collect();
    listed(&keys)
}

//! Why there are no more rows.

use std::{error, fmt};

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::error::SqlState;

/// Why [`Pages`](crate::Pages) or a [`Snapshot`](crate::Snapshot) failed. It is the cause of the [`chunkwire::Error`] that ends the body.
///
/// # Examples
///
/// ```
/// use std::error::Error as _;
///
/// use chunkwire_postgres::PagesError;
///
/// /// Returns the status of a response whose first row could not be had.
/// fn status(error: &chunkwire::Error) -> u16 {
///     match error.source().and_then(|cause| cause.downcast_ref()) {
///         Some(PagesError::NoConnection(_)) => 503,
///         Some(PagesError::TimedOut) => 504,
///         _ => 500,
///     }
/// }
///
/// assert_eq!(status(&chunkwire::Error::new(PagesError::TimedOut)), 504);
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum PagesError {
    /// The pool had no connection in time, or could not make one.
    NoConnection(PoolError),
    /// The database refused the statement, or the connection broke.
    Database(tokio_postgres::Error),
    /// The database did not answer within the [limit](crate::Pages::query_timeout).
    TimedOut,
    /// A snapshot held its connection for [too long](crate::Snapshot::max_age).
    TooOld,
    /// There are more or fewer values than the query has parameters, or its key has parts.
    Values {
        /// How many there are, with the number of rows.
        given: usize,
        /// How many the statement has.
        wanted: usize,
    },
    /// A row is longer than the [limit](crate::Lender::max_record).
    TooLong {
        /// The length of the row in bytes, as PostgreSQL sent it.
        bytes: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// A part of the key is NULL, so that nothing can come behind it.
    NullInKey {
        /// The name of the column.
        column: String,
    },
    /// Several rows have the same key, so that nobody can tell which of them have been sent.
    SameKey {
        /// The names of its columns.
        key: Vec<String>,
    },
}

impl PagesError {
    /// Returns the code of PostgreSQL's error, if it is one (PostgreSQL, appendix A).
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_postgres::PagesError;
    ///
    /// assert!(PagesError::TimedOut.code().is_none());
    /// ```
    pub fn code(&self) -> Option<&SqlState> {
        self.of_database().and_then(tokio_postgres::Error::code)
    }

    /// Returns what the database or the connection to it said.
    fn of_database(&self) -> Option<&tokio_postgres::Error> {
        match self {
            Self::Database(error)
            | Self::NoConnection(PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error))) => {
                Some(error)
            }
            _ => None,
        }
    }

    /// Returns whether the same page may succeed soon: after a restart, on another host, without a conflict, when a
    /// connection is free.
    pub(super) fn may_pass(&self) -> bool {
        let is_late = matches!(self, Self::TimedOut | Self::NoConnection(PoolError::Timeout(_)));
        is_late
            || self.of_database().is_some_and(|error| match error.code() {
                Some(code) => passes(code.code()),
                // The socket broke, or the connection could not be made.
                None => error.is_closed() || is_io(error),
            })
    }

    /// Returns whether there was a connection.
    pub(super) fn had_connection(&self) -> bool {
        !matches!(self, Self::NoConnection(_))
    }

    /// Returns whether statements that were prepared have to be prepared again: what they return has changed.
    pub(super) fn is_of_old_statement(&self) -> bool {
        self.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED)
    }
}

/// Whether the condition of an error may be gone soon: connections (class 08), too many of them (53300), the end of a
/// server or its start (57P01 to 57P03), serialization and recovery conflicts (40001), a statement that was prepared for
/// other columns (0A000), a server that is read-only (25006).
fn passes(code: &str) -> bool {
    code.starts_with("08") || matches!(code, "0A000" | "25006" | "40001" | "53300" | "57P01" | "57P02" | "57P03")
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}

impl fmt::Display for PagesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection(_) => f.write_str("there was no connection to the database"),
            Self::Database(_) => f.write_str("the database failed"),
            Self::TimedOut => f.write_str("the database did not answer in time"),
            Self::TooOld => f.write_str("the snapshot was read for too long, and its connection was taken back"),
            Self::Values { given, wanted } => write!(f, "{given} values are bound; the statement has {wanted}"),
            Self::TooLong { bytes, most } => write!(f, "a row has {bytes} bytes; allowed are {most}"),
            Self::NullInKey { column } => write!(f, "the column `{column}` of the key is NULL; it must not be"),
            Self::SameKey { key } => {
                write!(f, "several rows have the same key; no two may have ({}) in common", key.join(", "))
            }
        }
    }
}

impl error::Error for PagesError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NoConnection(error) => Some(error),
            Self::Database(error) => Some(error),
            Self::TimedOut | Self::TooOld | Self::Values { .. } | Self::TooLong { .. } => None,
            Self::NullInKey { .. } | Self::SameKey { .. } => None,
        }
    }
}

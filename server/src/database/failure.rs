//! Failures of the database as problem documents. What the database says is for the log alone.

use std::error::Error;
use std::fmt;
use std::io;

use deadpool_postgres::{HookError, PoolError, TimeoutType};
use tracing::{error, warn};

use super::parameters::Bound;
use crate::problem::Problem;

/// Returns the problem of a request that got no connection.
pub(super) fn no_connection(error: &PoolError) -> Problem {
    match error {
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => of_statement(error, &[]),
        PoolError::Timeout(TimeoutType::Wait) => {
            warn!("no connection of the database came free in time");
            Problem::unavailable("all connections of the database are taken")
        }
        other => {
            warn!(error = %Chain(other), "there is no connection to the database");
            Problem::unavailable("the database can't be reached")
        }
    }
}

/// Returns the problem of a statement that failed, with these values bound to it.
pub(super) fn of_statement(error: &tokio_postgres::Error, bound: &[Bound]) -> Problem {
    let Some(state) = error.code() else {
        warn!(error = %Chain(error), "the database can't be reached");
        return Problem::unavailable("the database can't be reached");
    };
    let (state, class) = (state.code(), state.code().get(..2).unwrap_or_default());
    if let Some(bound) = parameter(error).and_then(|number| bound.get(number - 1)) {
        return bound.problem();
    }
    match state {
        // Too many connections; a server that stops or starts; a row that another waits for.
        "53300" | "57P01" | "57P02" | "57P03" | "55P03" | "40001" | "40P01" => {
            warn!(state, error = %Chain(error), "the database has no time");
            Problem::unavailable("the database has no time for this now")
        }
        _ if class == "08" => {
            warn!(state, error = %Chain(error), "the connection to the database broke");
            Problem::unavailable("the database can't be reached")
        }
        "57014" => {
            warn!(state, error = %Chain(error), "a statement took too long");
            Problem::too_slow()
        }
        _ => {
            error!(state, error = %Chain(error), "the database failed");
            Problem::internal()
        }
    }
}

/// Returns the problem of a statement that was given up.
pub(super) fn given_up() -> Problem {
    warn!("the database did not answer in time, nor did it say that it can't");
    Problem::too_slow()
}

/// Whether a later attempt may be better: the database is away, or has no time. It is not if the client can't speak with
/// it, such as without a password, or with a certificate that proves nothing (`InvalidData` of TLS).
pub(super) fn is_passing(error: &tokio_postgres::Error) -> bool {
    match error.code().map(|state| state.code()) {
        None => {
            let io = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
            error.is_closed() || io.is_some_and(|error| error.kind() != io::ErrorKind::InvalidData)
        }
        Some("57014" | "55P03" | "40001" | "40P01" | "57P01" | "57P02" | "57P03") => true,
        Some(state) => state.starts_with("08") || state.starts_with("53"),
    }
}

/// Returns the number of the parameter whose value the database could not read: `unnamed portal parameter $1`, in the
/// language of the database.
fn parameter(error: &tokio_postgres::Error) -> Option<usize> {
    let context = error.as_db_error()?.where_()?;
    number_in(context)
}

fn number_in(context: &str) -> Option<usize> {
    // What is outside comes last. Contexts that tell of SQL have quotation marks or parentheses.
    let (words, after) = context.lines().last()?.split_once(" $")?;
    let digits = after.split(|next: char| !next.is_ascii_digit()).next()?;
    let number = digits.parse().ok().filter(|number| *number > 0);
    number.filter(|_| !words.contains(['"', '(']))
}

/// An error and its causes, in one line.
pub(super) struct Chain<'error>(pub(super) &'error (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let next = error.to_string();
            // Some say what their cause says.
            if !said.contains(&next) {
                said = format!("{said}: {next}");
            }
            cause = error.source();
        }
        f.write_str(&said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_parameter_in_a_context() {
        for (context, number) in [
            ("unnamed portal parameter $1", Some(1)),
            ("unbenannter Portalparameter $12", Some(12)),
            ("unnamed portal parameter $2 = '...'", Some(2)),
            ("SQL statement \"SELECT $1\"", None),
            ("PL/pgSQL function f(integer) line 1 at $1", None),
            ("JSON data, line 1: x", None),
            ("JSON data, line 1: x\nunnamed portal parameter $1", Some(1)),
            ("unnamed portal parameter $0", None),
        ] {
            assert_eq!(number_in(context), number, "{context}");
        }
    }
}

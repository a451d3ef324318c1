//! Asks for rows on a connection of the pool.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::time::{Instant, timeout};
use tokio_postgres::NoTls;
use tokio_postgres::types::Type;

use super::error::PagesError;
use super::lease::{Busy, Cancel, Lease, cancel_by};
use super::observe::{Nobody, ObservePages};
use crate::query::value::Value;

/// A statement, and the types of its parameters.
pub(super) trait Asked: Send + Sync + 'static {
    fn sql(&self) -> &str;
    fn types(&self) -> &[Type];
}

/// A lease that is waited for.
pub(super) type Asking = Pin<Box<dyn Future<Output = Result<Box<Lease>, PagesError>> + Send>>;

/// A pool, and how its connections are used.
#[derive(Clone)]
pub(super) struct Lender {
    pool: Pool,
    pub(super) is_prepared: bool,
    /// How many bytes a row may have.
    pub(super) max_record: usize,
    pub(super) cancel: Cancel,
    pub(super) observer: Arc<dyn ObservePages>,
}

impl Lender {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, is_prepared: true, max_record: 1024 * 1024, cancel: cancel_by(NoTls), observer: Arc::new(Nobody) }
    }

    /// Asks for `rows` rows, which are to come within a limit. The number of rows is the last parameter, behind `values`.
    pub(super) fn ask(&self, statement: impl Asked, mut values: Vec<Value>, rows: usize, limit: Duration) -> Asking {
        let Self { pool, is_prepared, max_record, cancel, observer } = self.clone();
        values.push(Value::Text(rows.to_string()));
        Box::pin(async move {
            let (given, wanted) = (values.len(), statement.types().len());
            if given != wanted {
                return Err(PagesError::Values { given, wanted });
            }
            let began = Instant::now();
            let connection = pool.get().await.map_err(PagesError::NoConnection)?;
            observer.connection(began.elapsed());
            let began = Instant::now();
            let mut busy = Busy::new(connection, cancel);
            let rows_come = async {
                let (sql, types, connection) = (statement.sql(), statement.types(), busy.connection());
                if is_prepared {
                    let prepared = connection.prepare_typed_cached(sql, types).await?;
                    connection.query_raw(&prepared, values).await
                } else {
                    connection.query_typed_raw(sql, values.into_iter().zip(types.iter().cloned())).await
                }
            };
            match timeout(limit, rows_come).await {
                Ok(Ok(stream)) => {
                    observer.page_begin(began.elapsed());
                    Ok(Lease::new(stream, busy, rows, limit, max_record, observer))
                }
                Ok(Err(error)) => {
                    let error = PagesError::Database(error);
                    if error.is_of_old_statement() {
                        busy.connection().statement_cache.clear();
                    }
                    busy.give_back();
                    Err(error)
                }
                Err(_) => Err(PagesError::TimedOut),
            }
        })
    }
}

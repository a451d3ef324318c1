//! Asks for rows on a connection of the pool.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::time::{Instant, timeout};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{NoTls, Row, Socket};

use super::error::PagesError;
use super::lease::{Busy, Cancel, Lease, cancel_by};
use super::observe::{Nobody, ObservePages};
use crate::query::described::Query;
use crate::query::statements::Statement;
use crate::query::value::Value;

/// A lease that is waited for.
pub(super) type Asking = Pin<Box<dyn Future<Output = Result<Box<Lease>, PagesError>> + Send>>;

/// A pool of connections, and how [`Pages`](crate::Pages) and a [`Snapshot`](crate::Snapshot) use them.
///
/// A clone is cheap, so that a service makes one for all of its requests. A pool alone, where one of these is taken, is
/// used as [`new`](Self::new) says.
///
/// # Examples
///
/// ```no_run
/// use chunkwire_postgres::{Lender, Pages, Query};
/// use deadpool_postgres::Pool;
///
/// fn behind_a_pooler(pool: Pool) -> Lender {
///     Lender::new(pool).unprepared().max_record(64 * 1024)
/// }
///
/// fn rows(lender: &Lender, query: &Query) -> Pages {
///     Pages::new(lender.clone(), query.clone())
/// }
/// ```
#[derive(Clone)]
pub struct Lender {
    pool: Pool,
    is_prepared: bool,
    /// How many bytes a row may have.
    max_record: usize,
    cancel: Cancel,
    observer: Arc<dyn ObservePages>,
}

impl From<Pool> for Lender {
    fn from(pool: Pool) -> Self {
        Self::new(pool)
    }
}

impl Lender {
    /// Returns one that asks by prepared statements, for rows of 1 MiB at most.
    pub fn new(pool: Pool) -> Self {
        Self { pool, is_prepared: true, max_record: 1024 * 1024, cancel: cancel_by(NoTls), observer: Arc::new(Nobody) }
    }

    /// Sets how many bytes a row may have as PostgreSQL sends it; 1 MiB by default. A longer one ends the body with an
    /// error, and its connection is closed, which would keep memory of that size.
    #[must_use]
    pub fn max_record(mut self, bytes: usize) -> Self {
        self.max_record = bytes;
        self
    }

    /// Asks by unnamed statements, as a pooler needs it that lends a connection for a transaction only (PgBouncer before
    /// 1.21).
    #[must_use]
    pub fn unprepared(mut self) -> Self {
        self.is_prepared = false;
        self
    }

    /// Sets how statements are cancelled over TLS; without it, they are cancelled if that is possible without TLS.
    #[must_use]
    pub fn cancel_by<T>(mut self, tls: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        self.cancel = cancel_by(tls);
        self
    }

    /// Sets the observer, which is told of the pages; the rows of a snapshot are one.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn ObservePages>) -> Self {
        self.observer = observer;
        self
    }

    /// Returns the pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Tells that a page failed, and makes ready to ask for it again. If the database said nothing, its other connections
    /// may lead to the same silent host: those that are idle are closed.
    pub(super) fn prepare_retry(&self, error: &PagesError) {
        if matches!(error, PagesError::TimedOut) {
            self.pool.retain(|_, _| false);
        }
        self.observer.retry(error);
    }

    /// Asks for the row that has a key, within a limit besides the pool's. The values are those of the query's parameters,
    /// then the parts of the key. If nobody waits for the row any more, its statement is cancelled.
    ///
    /// # Errors
    ///
    /// Why it can't be had.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use bytes::BytesMut;
    /// use chunkwire::{Record, Writer};
    /// use chunkwire_postgres::{Lender, Query, Value};
    ///
    /// async fn user(lender: &Lender, query: &Query, id: &str) -> Result<Option<BytesMut>, chunkwire::Error> {
    ///     let id = vec![Value::Text(id.to_owned())];
    ///     let row = lender.item(query, id, Duration::from_secs(10)).await.map_err(chunkwire::Error::new)?;
    ///     let Some(row) = row else { return Ok(None) };
    ///     let mut json = BytesMut::new();
    ///     query.columns().record(&row).write(&mut Writer::new(&mut json))?;
    ///     Ok(Some(json))
    /// }
    /// ```
    pub async fn item(&self, query: &Query, values: Vec<Value>, limit: Duration) -> Result<Option<Row>, PagesError> {
        // What is not prepared is one message.
        let asking = self.clone().unprepared().begin(Arc::clone(query.item()), values, 1, limit);
        let mut lease = asking.await?;
        let row = poll_fn(|cx| lease.poll_row(cx)).await.transpose()?;
        lease.give_back();
        Ok(row)
    }

    /// Asks for `rows` rows, which are to come within a limit. The number of rows is the last parameter, behind `values`.
    pub(super) fn ask(
        &self,
        statement: Arc<Statement>,
        mut values: Vec<Value>,
        rows: usize,
        limit: Duration,
    ) -> Asking {
        values.push(Value::Text(rows.to_string()));
        self.clone().begin(statement, values, rows, limit)
    }

    /// Begins a statement that returns so many rows at most.
    fn begin(self, statement: Arc<Statement>, values: Vec<Value>, rows: usize, limit: Duration) -> Asking {
        let Self { pool, is_prepared, max_record, cancel, observer } = self;
        Box::pin(async move {
            let (given, wanted) = (values.len(), statement.types.len());
            if given != wanted {
                return Err(PagesError::Values { given, wanted });
            }
            let began = Instant::now();
            let connection = pool.get().await;
            observer.connection(began.elapsed());
            let connection = connection.map_err(PagesError::NoConnection)?;
            let began = Instant::now();
            let mut busy = Busy::new(connection, cancel);
            let rows_come = async {
                let (Statement { sql, types }, connection) = (&*statement, busy.connection());
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
                        pool.manager().statement_caches.clear();
                    }
                    busy.give_back();
                    Err(error)
                }
                Err(_) => Err(PagesError::TimedOut),
            }
        })
    }
}

impl fmt::Debug for Lender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lender")
            .field("is_prepared", &self.is_prepared)
            .field("max_record", &self.max_record)
            .finish_non_exhaustive()
    }
}

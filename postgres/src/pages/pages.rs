//! The source of leased pages.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use chunkwire::{Error, Records, Source, Stopped};
use deadpool_postgres::Pool;
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{NoTls, Row, Socket};

use super::error::PagesError;
use super::lease::{Busy, Cancel, Held, Lease, cancel_by};
use super::observe::{Nobody, ObservePages};
use super::page_size::PageSize;
use super::retry::Retry;
use crate::columns::raw::RawColumn;
use crate::query::described::Query;
use crate::query::value::Value;

/// The rows of a [`Query`], page by page: a source of records that holds a connection only while its client reads.
///
/// A page is some chunks' worth of rows behind the last key. Chunk after chunk is encoded from it while the client comes
/// back within [`hold`](Self::hold). If it does not, the rest of the page is thrown away, the connection goes back to
/// the pool, and the next page begins behind the last row that was sent. So a client that does not read holds no
/// connection, no snapshot and no lock, however many there are.
///
/// - **Each page is a snapshot of its own.** A row that exists all the time, and whose key does not change, is sent
///   exactly once. Rows that come or go meanwhile may be there or not.
/// - **A page that fails is asked for again**, on another connection, once a row has been sent: after a restart of the
///   database, on the host that takes over, after a conflict of a standby. A database that is away is waited for, 30 s
///   at most. Before the first row, the body fails at once ([`ready`](chunkwire::JsonBody::ready)).
/// - **The size of a page** begins with four chunks, doubles to sixteen while the client keeps up, and is one chunk for
///   a client that does not.
/// - **A client that leaves** gives its connection back when nothing is under way on it. A statement that takes longer
///   than 100 ms is cancelled, and its connection closed.
///
/// The body should wait for [full chunks](chunkwire::JsonBody::full_chunks), since PostgreSQL sends pieces of 8 KiB. The
/// settings of the session belong to who makes the pool: `row_to_json` is met if `TimeZone` is `UTC`, `DateStyle` is
/// `ISO`, `IntervalStyle` is `postgres` and `client_encoding` is `UTF8`.
///
/// It has to be polled in a runtime of tokio.
///
/// # Examples
///
/// ```no_run
/// use chunkwire::{Error, Format, JsonBody};
/// use chunkwire_postgres::{Definition, DescribeError, Pages, Query};
/// use deadpool_postgres::Pool;
///
/// // Once, at the start:
/// async fn describe(client: &mut tokio_postgres::Client) -> Result<Query, DescribeError> {
///     Definition::table("users").describe(client).await
/// }
///
/// // For each request:
/// async fn users(pool: &Pool, query: &Query) -> Result<JsonBody<Pages>, Error> {
///     let pages = Pages::new(pool.clone(), query.clone()).limit(1_000_000);
///     JsonBody::from_source(Format::Array, pages).full_chunks().ready().await
/// }
/// ```
pub struct Pages {
    pool: Pool,
    query: Query,
    parameters: Vec<Value>,
    /// The key of the last row.
    after: Vec<Value>,
    /// How many rows are still wanted.
    left: u64,
    hold: Duration,
    query_timeout: Duration,
    max_record: usize,
    is_prepared: bool,
    cancel: Cancel,
    observer: Arc<dyn ObservePages>,
    size: PageSize,
    retry: Retry,
    state: State,
    /// The last row that was written, until its key is needed.
    last: Option<Row>,
    /// How many rows the chunk has.
    rows_of_chunk: usize,
    /// When a chunk was full, and the client had to come back.
    full_at: Option<Instant>,
    /// Whether it came back soon.
    keeps_up: bool,
    has_begun: bool,
}

enum State {
    /// No connection.
    Idle,
    /// For a while after a failure.
    Pausing(Pin<Box<Sleep>>),
    /// For a connection, and for the beginning of the page.
    Asking(Asking),
    /// Rows come.
    Reading(Box<Lease>),
    /// The chunk is full, and the client may come back soon.
    Held(Held),
}

type Asking = Pin<Box<dyn Future<Output = Result<Box<Lease>, PagesError>> + Send>>;

impl Pages {
    /// Returns a source of all rows of a query without parameters.
    pub fn new(pool: Pool, query: Query) -> Self {
        Self {
            pool,
            query,
            parameters: Vec::new(),
            after: Vec::new(),
            left: u64::MAX,
            hold: Duration::from_millis(2),
            query_timeout: Duration::from_secs(10),
            max_record: 1024 * 1024,
            is_prepared: true,
            cancel: cancel_by(NoTls),
            observer: Arc::new(Nobody),
            size: PageSize::new(),
            retry: Retry::default(),
            state: State::Idle,
            last: None,
            rows_of_chunk: 0,
            full_at: None,
            keeps_up: false,
            has_begun: false,
        }
    }

    /// Sets the values of the query's parameters. If there are more or fewer than it has, the source fails.
    #[must_use]
    pub fn parameters(mut self, values: Vec<Value>) -> Self {
        self.parameters = values;
        self
    }

    /// Begins behind a key instead of with the first row. If it has more or fewer parts than the key of the query, the
    /// source fails.
    #[must_use]
    pub fn after(mut self, key: Vec<Value>) -> Self {
        self.after = key;
        self
    }

    /// Limits the number of rows; without it there are all.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.left = rows;
        self
    }

    /// Sets how long a connection waits for a client that has a chunk to read; 2 ms by default.
    ///
    /// With 10 ms, slow clients cost PostgreSQL as much, and others wait twice as long.
    #[must_use]
    pub fn hold(mut self, hold: Duration) -> Self {
        self.hold = hold;
        self
    }

    /// Sets how long a page may take, without the time for which the client is waited for; 10 s by default.
    ///
    /// It is a second clock behind `statement_timeout`, for a database that does not answer at all.
    #[must_use]
    pub fn query_timeout(mut self, limit: Duration) -> Self {
        self.query_timeout = limit;
        self
    }

    /// Sets how many bytes a row may have as PostgreSQL sends it; 1 MiB by default. A longer one ends the body with an
    /// error, and its connection is closed, which would keep memory of that size.
    #[must_use]
    pub fn max_record(mut self, bytes: usize) -> Self {
        self.max_record = bytes;
        self
    }

    /// Asks for each page by an unnamed statement, as a pooler needs it that lends a connection for a transaction only
    /// (PgBouncer before 1.21).
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

    /// Sets who is told of the pages.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn ObservePages>) -> Self {
        self.observer = observer;
        self
    }

    /// Takes up what was left when the last chunk was full.
    fn go_on(&mut self) {
        let Some(full_at) = self.full_at.take() else { return };
        self.keeps_up = full_at.elapsed() < self.hold;
        if !self.keeps_up {
            self.size.shrink();
        }
        self.state = match mem::replace(&mut self.state, State::Idle) {
            State::Held(held) => held.take().map_or(State::Idle, State::Reading),
            other => other,
        };
    }

    /// Asks for the next page.
    fn ask(&mut self) -> Asking {
        if mem::take(&mut self.keeps_up) {
            self.size.grow();
        }
        let (pool, query, cancel) = (self.pool.clone(), self.query.clone(), Arc::clone(&self.cancel));
        let (is_prepared, is_behind) = (self.is_prepared, !self.after.is_empty());
        let rows = self.size.rows(self.left);
        let values = self.parameters.iter().chain(&self.after).cloned();
        let values: Vec<_> = values.chain([Value::Text(rows.to_string())]).collect();
        let (limit, observer) = (self.query_timeout, Arc::clone(&self.observer));
        Box::pin(async move {
            let (given, wanted) = (values.len(), query.page_types(is_behind).len());
            if given != wanted {
                return Err(PagesError::Values { given, wanted });
            }
            let began = Instant::now();
            let connection = pool.get().await.map_err(PagesError::NoConnection)?;
            observer.connection(began.elapsed());
            let began = Instant::now();
            let mut busy = Busy::new(connection, cancel);
            let rows_come = async {
                let connection = busy.connection();
                let (sql, types) = (query.page_sql(is_behind), query.page_types(is_behind));
                if is_prepared {
                    let statement = connection.prepare_typed_cached(sql, types).await?;
                    connection.query_raw(&statement, values).await
                } else {
                    connection.query_typed_raw(sql, values.into_iter().zip(types.iter().cloned())).await
                }
            };
            match timeout(limit, rows_come).await {
                Ok(Ok(stream)) => {
                    observer.page_begin(began.elapsed());
                    Ok(Lease::new(stream, busy, rows, limit, observer))
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

    /// Writes rows of a page until the chunk is full or the page ends. Returns `None` if it ends, and there may be
    /// another.
    fn read(
        &mut self,
        lease: &mut Lease,
        records: &mut Records<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Stopped>, Failed>> {
        while self.left > 0 {
            if records.is_full() {
                return Poll::Ready(Ok(Some(Stopped::Full)));
            }
            let Some(row) = ready!(lease.poll_row(cx)) else {
                if lease.left() > 0 {
                    // There are fewer rows than were asked for.
                    self.left = 0;
                }
                break;
            };
            let row = row.map_err(Failed::Page)?;
            if row.raw_size_bytes() > self.max_record {
                let error = PagesError::TooLong { bytes: row.raw_size_bytes(), most: self.max_record };
                return Poll::Ready(Err(Failed::Page(error)));
            }
            self.check_key(&row).map_err(Failed::Page)?;
            records.write(self.query.columns().record(&row)).map_err(Failed::Record)?;
            self.left -= 1;
            self.rows_of_chunk += 1;
            self.has_begun = true;
            self.retry.progress();
            self.last = Some(row);
        }
        Poll::Ready(Ok((self.left == 0).then_some(Stopped::Ended)))
    }

    /// Checks that rows can be behind one: that no part of its key is NULL.
    fn check_key(&self, row: &Row) -> Result<(), PagesError> {
        key(&self.query, row).try_for_each(|part| part.map(drop))
    }

    /// Notes the key of the last row.
    fn note_key(&mut self) -> Result<(), PagesError> {
        let Some(row) = self.last.take() else { return Ok(()) };
        let parts = key(&self.query, &row).map(|part| Ok(Value::Binary(part?.to_vec().into())));
        self.after = parts.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Waits before the page is asked for again, or fails.
    fn recover(&mut self, error: PagesError) -> Result<(), Error> {
        let Some(pause) = self.retry.pause(&error, self.has_begun) else { return Err(Error::new(error)) };
        self.observer.retry(&error);
        self.note_key().map_err(Error::new)?;
        self.state = State::Pausing(Box::pin(sleep(pause)));
        Ok(())
    }
}

/// Returns the parts of the key of a row, as they came.
fn key<'row>(query: &'row Query, row: &'row Row) -> impl Iterator<Item = Result<&'row [u8], PagesError>> {
    let parts = query.key().iter().zip(query.columns().len()..);
    parts.map(|(part, at)| match row.try_get(at).map_err(PagesError::Database)? {
        Some(RawColumn { bytes, .. }) => Ok(bytes),
        None => Err(PagesError::NullInKey { column: part.name().to_owned() }),
    })
}

/// Why a page ends before its rows do.
enum Failed {
    Page(PagesError),
    Record(Error),
}

impl Source for Pages {
    fn poll_fill(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        self.go_on();
        loop {
            let this = &mut *self;
            match mem::replace(&mut this.state, State::Idle) {
                State::Idle if this.left == 0 => return Poll::Ready(Ok(Stopped::Ended)),
                State::Idle => this.state = State::Asking(this.ask()),
                State::Pausing(mut pause) => {
                    if pause.as_mut().poll(cx).is_pending() {
                        this.state = State::Pausing(pause);
                        return Poll::Pending;
                    }
                }
                State::Asking(mut asking) => match asking.as_mut().poll(cx) {
                    Poll::Pending => {
                        this.state = State::Asking(asking);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(lease)) => this.state = State::Reading(lease),
                    Poll::Ready(Err(error)) => this.recover(error)?,
                },
                State::Reading(mut lease) => match this.read(&mut lease, records, cx) {
                    Poll::Pending => {
                        this.state = State::Reading(lease);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(None)) => {
                        lease.give_back();
                        this.note_key().map_err(Error::new)?;
                    }
                    Poll::Ready(Ok(Some(Stopped::Ended))) => {
                        lease.give_back();
                        return Poll::Ready(Ok(Stopped::Ended));
                    }
                    Poll::Ready(Ok(Some(Stopped::Full))) => {
                        this.size.chunk_took(mem::take(&mut this.rows_of_chunk));
                        this.note_key().map_err(Error::new)?;
                        this.full_at = Some(Instant::now());
                        if lease.left() == 0 || !this.size.is_more_than_a_chunk() {
                            lease.give_back();
                        } else {
                            this.state = State::Held(lease.hold(this.hold));
                        }
                        return Poll::Ready(Ok(Stopped::Full));
                    }
                    Poll::Ready(Err(Failed::Record(error))) => return Poll::Ready(Err(error)),
                    Poll::Ready(Err(Failed::Page(error))) => {
                        if matches!(error, PagesError::TooLong { .. }) {
                            lease.discard();
                        }
                        this.recover(error)?;
                    }
                },
                State::Held(_) => unreachable!("taken up above"),
            }
        }
    }
}

impl fmt::Debug for Pages {
    /// Formats no row, and no value of the request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("left", &self.left).field("size", &self.size).finish_non_exhaustive()
    }
}

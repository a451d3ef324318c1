//! The source of leased pages.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use chunkwire::{Error, Records, Source, Stopped};

use super::lender::Lender;
use super::reading::Reading;
use super::resume::Resume;
use crate::query::described::Query;
use crate::query::value::Value;

/// The rows of a [`Query`], page by page: a source of records that holds a connection only while its client reads.
///
/// A page is some chunks' worth of rows after the last key. Chunk after chunk is encoded from it while the client comes
/// back within [`hold`](Self::hold). If it does not, the rest of the page is thrown away, the connection goes back to
/// the pool, and the next page begins after the last row that was sent. So a client that does not read holds no
/// connection, no snapshot and no lock, however many there are.
///
/// - **Each page is a snapshot of its own.** A row that exists all the time, and whose key does not change, is sent
///   exactly once. Rows that come or go meanwhile may be there or not.
/// - **A page that fails is asked for again**, on another connection, once a row has been sent: after a restart of the
///   database, on the host that takes over, after a conflict of a standby. A database that is away, or whose connections
///   are taken, is asked for 30 s after the first failure. Before the first row, the body fails at once
///   ([`ready`](chunkwire::JsonBody::ready)).
/// - **The size of a page** is sixteen chunks for a client that keeps up, by what the planner knows of the rows, then by
///   how long they are. It is one chunk for a client that does not, and doubles again when it does.
/// - **A client that leaves** gives its connection back when nothing is under way on it. A statement that takes longer
///   than 100 ms is cancelled, and its connection closed.
///
/// The body should wait for [full chunks](chunkwire::JsonBody::full_chunks), since PostgreSQL sends pieces of 8 KiB. The
/// settings of the session belong to the maker of the pool: `row_to_json` is met if `TimeZone` is `UTC`, `DateStyle` is
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
pub struct Pages(Reading);

impl Pages {
    /// Returns a source of all rows of a query without parameters.
    pub fn new(lender: impl Into<Lender>, query: Query) -> Self {
        Self(Reading::new(lender.into(), query))
    }

    /// Sets the values of the query's parameters. If there are more or fewer than it has, the source fails.
    #[must_use]
    pub fn parameters(mut self, values: Vec<Value>) -> Self {
        self.0.parameters = values;
        self
    }

    /// Begins after a key instead of with the first row. If it has more or fewer parts than the key of the query, the
    /// source fails.
    #[must_use]
    pub fn after(mut self, key: Vec<Value>) -> Self {
        self.0.after = key;
        self
    }

    /// Limits the number of rows; without it there are all.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.0.left = rows;
        self
    }

    /// Returns what tells, after the last row, where rows go on that the [limit](Self::limit) has ended.
    pub fn resume(&self) -> Resume {
        self.0.resume.clone()
    }

    /// Sets how long a connection waits for a client that has a chunk to read; 2 ms by default.
    ///
    /// With 10 ms, slow clients cost PostgreSQL as much, and others wait twice as long.
    #[must_use]
    pub fn hold(mut self, hold: Duration) -> Self {
        self.0.hold = hold;
        self
    }

    /// Sets how long a page may take, without the time for which the client is waited for; 10 s by default.
    ///
    /// It is a second clock behind `statement_timeout`, for a database that does not answer at all.
    #[must_use]
    pub fn query_timeout(mut self, limit: Duration) -> Self {
        self.0.query_timeout = limit;
        self
    }
}

impl Source for Pages {
    fn poll_fill(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        self.0.poll_fill(cx, records)
    }
}

impl fmt::Debug for Pages {
    /// Formats no row, and no value of the request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("left", &self.0.left).field("size", &self.0.size).finish_non_exhaustive()
    }
}

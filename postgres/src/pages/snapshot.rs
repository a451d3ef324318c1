//! The source of one snapshot.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use chunkwire::{Error, Records, Source, Stopped};
use tokio::time::Instant;

use super::error::PagesError;
use super::lease::{Held, Lease};
use super::lender::{Asking, Lender};
use crate::query::value::Value;
use crate::query::whole::WholeQuery;

/// All rows of a [`WholeQuery`] as one snapshot: a source of records that holds a connection for as long as its client
/// reads, [30 s](Self::max_age) at most.
///
/// It is for queries without a key, and for reports that have to be of one moment. For all else there are
/// [`Pages`](crate::Pages):
///
/// - **A client that reads slowly holds a connection and a snapshot**, which keeps PostgreSQL from removing old rows.
///   Let it have a small pool of its own, so that it can't take the connections of others.
/// - **Nothing is asked for again.** A restart of the database, a conflict of a standby and the age end the body.
///
/// # Examples
///
/// ```no_run
/// use chunkwire::{Error, Format, JsonBody};
/// use chunkwire_postgres::{Snapshot, WholeQuery};
/// use deadpool_postgres::Pool;
///
/// async fn sums(pool_of_reports: &Pool, query: &WholeQuery) -> Result<JsonBody<Snapshot>, Error> {
///     let rows = Snapshot::new(pool_of_reports.clone(), query.clone());
///     JsonBody::from_source(Format::Array, rows).full_chunks().ready().await
/// }
/// ```
pub struct Snapshot {
    lender: Lender,
    query: WholeQuery,
    parameters: Vec<Value>,
    /// How many rows are still wanted.
    left: u64,
    max_age: Duration,
    state: State,
    /// When it was asked for.
    began: Instant,
}

enum State {
    New,
    /// For a connection, and for the first rows.
    Asking(Asking),
    Reading(Box<Lease>),
    /// The chunk is full.
    Held(Held),
    Ended,
}

impl Snapshot {
    /// Returns a source of all rows of a query without parameters.
    pub fn new(lender: impl Into<Lender>, query: WholeQuery) -> Self {
        Self {
            lender: lender.into(),
            query,
            parameters: Vec::new(),
            left: i64::MAX as u64,
            max_age: Duration::from_secs(30),
            state: State::New,
            began: Instant::now(),
        }
    }

    /// Sets the values of the query's parameters. If there are more or fewer than it has, the source fails.
    #[must_use]
    pub fn parameters(mut self, values: Vec<Value>) -> Self {
        self.parameters = values;
        self
    }

    /// Limits the number of rows; without it there are all.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.left = rows.min(i64::MAX as u64);
        self
    }

    /// Sets how long it may hold its connection; 30 s by default. Then the connection is taken from it, whatever the
    /// client does, and the body ends with an error.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// Writes rows until the chunk is full or there are no more.
    fn read(
        &mut self,
        lease: &mut Lease,
        records: &mut Records<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        while self.left > 0 {
            if records.is_full() {
                return Poll::Ready(Ok(Stopped::Full));
            }
            let Some(row) = ready!(lease.poll_row(cx)) else { break };
            let row = row.map_err(|error| match error {
                PagesError::TimedOut => PagesError::TooOld,
                other => other,
            });
            let row = row.map_err(Error::new)?;
            let columns = self.query.columns();
            if lease.is_first_row() {
                columns.check(&row).map_err(Error::new)?;
            }
            records.write(columns.record_of_checked(&row))?;
            self.left -= 1;
        }
        Poll::Ready(Ok(Stopped::Ended))
    }
}

impl Source for Snapshot {
    fn poll_fill(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        let this = &mut *self;
        loop {
            match mem::replace(&mut this.state, State::Ended) {
                State::New if this.left == 0 => return Poll::Ready(Ok(Stopped::Ended)),
                State::New => {
                    this.began = Instant::now();
                    let rows = usize::try_from(this.left).unwrap_or(usize::MAX);
                    let asked = this.lender.ask(
                        Arc::clone(this.query.statement()),
                        this.parameters.clone(),
                        rows,
                        this.max_age,
                    );
                    this.state = State::Asking(asked);
                }
                State::Asking(mut asking) => match asking.as_mut().poll(cx) {
                    Poll::Pending => {
                        this.state = State::Asking(asking);
                        return Poll::Pending;
                    }
                    Poll::Ready(lease) => this.state = State::Reading(lease.map_err(Error::new)?),
                },
                State::Held(held) => {
                    let lease = held.take().ok_or(PagesError::TooOld).map_err(Error::new)?;
                    this.state = State::Reading(lease);
                }
                State::Reading(mut lease) => {
                    let Poll::Ready(stopped) = this.read(&mut lease, records, cx) else {
                        this.state = State::Reading(lease);
                        return Poll::Pending;
                    };
                    let stopped = stopped?;
                    if stopped == Stopped::Full {
                        let left = this.max_age.saturating_sub(this.began.elapsed());
                        this.state = State::Held(lease.hold(left));
                    } else if this.left > 0 {
                        lease.give_back();
                    }
                    return Poll::Ready(Ok(stopped));
                }
                State::Ended => return Poll::Ready(Ok(Stopped::Ended)),
            }
        }
    }
}

impl fmt::Debug for Snapshot {
    /// Formats no row, and no value of the request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("left", &self.left).finish_non_exhaustive()
    }
}

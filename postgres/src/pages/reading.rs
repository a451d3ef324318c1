//! How pages are read, from one chunk to the next.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use chunkwire::{Error, Records, Stopped};
use tokio::time::{Instant, Sleep, sleep};
use tokio_postgres::Row;

use super::error::PagesError;
use super::lease::{Held, Lease};
use super::lender::{Asking, Lender};
use super::page_size::PageSize;
use super::resume::Resume;
use super::retry::Retry;
use crate::columns::raw::RawColumn;
use crate::query::described::Query;
use crate::query::value::Value;

/// The pages of a query, and where they are.
pub(super) struct Reading {
    lender: Lender,
    query: Query,
    pub(super) parameters: Vec<Value>,
    /// The key of the last row.
    pub(super) after: Vec<Value>,
    /// How many rows are still wanted.
    pub(super) left: u64,
    pub(super) hold: Duration,
    pub(super) query_timeout: Duration,
    pub(super) size: PageSize,
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
    pub(super) resume: Resume,
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

impl Reading {
    pub(super) fn new(lender: Lender, query: Query) -> Self {
        Self {
            lender,
            size: PageSize::new(query.plan().row_width),
            query,
            parameters: Vec::new(),
            after: Vec::new(),
            left: u64::MAX,
            hold: Duration::from_millis(2),
            query_timeout: Duration::from_secs(10),
            retry: Retry::default(),
            state: State::Idle,
            last: None,
            rows_of_chunk: 0,
            full_at: None,
            keeps_up: false,
            has_begun: false,
            resume: Resume::default(),
        }
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
        self.size.chunk_has(self.rows_of_chunk);
        let rows = self.size.rows(self.left);
        let values = self.parameters.iter().chain(&self.after).cloned().collect();
        let page = self.query.page(!self.after.is_empty());
        self.lender.ask(Arc::clone(page), values, rows, self.query_timeout)
    }

    /// Writes rows of a page until the chunk is full or the page ends. Returns `None` if it ends, and there may be
    /// more rows.
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
                // There may be fewer rows than were asked for.
                return Poll::Ready(Ok((lease.left() > 0).then_some(Stopped::Ended)));
            };
            let row = row.map_err(Failed::Page)?;
            self.check_key(&row).map_err(Failed::Page)?;
            let columns = self.query.columns();
            if lease.is_first_row() {
                columns.check(&row).map_err(Error::new).map_err(Failed::Record)?;
            }
            records.write(columns.record_of_checked(&row)).map_err(Failed::Record)?;
            self.left -= 1;
            self.rows_of_chunk += 1;
            self.has_begun = true;
            self.retry.progress();
            self.last = Some(row);
        }
        Poll::Ready(Ok(None))
    }

    /// Checks that rows can be behind one: that its key is its own, and no part of it is NULL.
    fn check_key(&self, row: &Row) -> Result<(), PagesError> {
        // The catalogue has proven any other.
        let Some(same_key) = self.query.same_key() else { return Ok(()) };
        if row.len() > same_key && row.try_get::<_, Option<bool>>(same_key).map_err(PagesError::Database)? == Some(true)
        {
            let key = self.query.key().iter().map(|part| part.name().to_owned()).collect();
            return Err(PagesError::SameKey { key });
        }
        let is_null = |at| row.try_get::<_, Option<RawColumn<'_>>>(at).map(|value| value.is_none());
        for part in self.query.key() {
            if is_null(part.place()).map_err(PagesError::Database)? {
                return Err(PagesError::NullInKey { column: part.name().to_owned() });
            }
        }
        Ok(())
    }

    /// Notes the key of the last row.
    fn note_key(&mut self) -> Result<(), PagesError> {
        let Some(row) = self.last.take() else { return Ok(()) };
        let values = self.query.key().iter().map(|part| match part.comes_as_text() {
            true => row.try_get(part.place()).map(Value::Text),
            false => row.try_get(part.place()).map(|RawColumn(bytes)| Value::Binary(bytes.to_vec().into())),
        });
        self.after = values.collect::<Result<_, _>>().map_err(PagesError::Database)?;
        Ok(())
    }

    /// Notes where the rows go on that the limit has ended.
    fn end_by_limit(&mut self) -> Result<Stopped, PagesError> {
        self.note_key()?;
        self.resume.note(&self.query, &self.after);
        Ok(Stopped::Ended)
    }

    /// Waits before the page is asked for again, or fails.
    fn recover(&mut self, error: PagesError) -> Result<(), Error> {
        let Some(pause) = self.retry.pause(&error, self.has_begun) else { return Err(Error::new(error)) };
        self.lender.prepare_retry(&error);
        self.note_key().map_err(Error::new)?;
        self.state = State::Pausing(Box::pin(sleep(pause)));
        Ok(())
    }

    /// Writes rows until the chunk is full, the rows are at their end, or something is waited for.
    pub(super) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        self.go_on();
        loop {
            match mem::replace(&mut self.state, State::Idle) {
                State::Idle if self.left == 0 => return Poll::Ready(self.end_by_limit().map_err(Error::new)),
                State::Idle => self.state = State::Asking(self.ask()),
                State::Pausing(mut pause) => {
                    if pause.as_mut().poll(cx).is_pending() {
                        self.state = State::Pausing(pause);
                        return Poll::Pending;
                    }
                }
                State::Asking(mut asking) => match asking.as_mut().poll(cx) {
                    Poll::Pending => {
                        self.state = State::Asking(asking);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(lease)) => self.state = State::Reading(lease),
                    Poll::Ready(Err(error)) => self.recover(error)?,
                },
                State::Reading(mut lease) => match self.read(&mut lease, records, cx) {
                    Poll::Pending => {
                        self.state = State::Reading(lease);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(None)) => {
                        lease.give_back();
                        self.note_key().map_err(Error::new)?;
                    }
                    Poll::Ready(Ok(Some(Stopped::Ended))) => {
                        lease.give_back();
                        return Poll::Ready(Ok(Stopped::Ended));
                    }
                    Poll::Ready(Ok(Some(Stopped::Full))) => {
                        self.size.chunk_took(mem::take(&mut self.rows_of_chunk));
                        self.note_key().map_err(Error::new)?;
                        self.full_at = Some(Instant::now());
                        if lease.left() == 0 || !self.size.is_more_than_a_chunk() {
                            lease.give_back();
                        } else {
                            self.state = State::Held(lease.hold(self.hold));
                        }
                        return Poll::Ready(Ok(Stopped::Full));
                    }
                    Poll::Ready(Err(Failed::Record(error))) => return Poll::Ready(Err(error)),
                    Poll::Ready(Err(Failed::Page(error))) => {
                        self.recover(error)?;
                    }
                },
                State::Held(_) => unreachable!("taken up above"),
            }
        }
    }
}

/// Why a page ends before its rows do.
enum Failed {
    Page(PagesError),
    Record(Error),
}

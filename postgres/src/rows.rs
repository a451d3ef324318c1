//! The rows of a query as a source.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use chunkwire::{Error, Record, Writer};
use futures_core::Stream;
use tokio_postgres::{Row, RowStream};

use crate::columns::record::Columns;

/// The rows of a query as records.
///
/// One query is streamed: while its client does not read, its connection is taken, and PostgreSQL keeps a snapshot for
/// it. When the client leaves, tokio-postgres reads the rest of the rows before the connection does anything else, so
/// discard the connection or cancel the query then, from `on_end`.
///
/// # Examples
///
/// ```no_run
/// use chunkwire::{Format, JsonBody};
/// use chunkwire_postgres::Rows;
/// use http::Response;
/// use http_body::Body;
/// use tokio_postgres::Client;
///
/// async fn users(client: &Client) -> Result<Response<impl Body>, tokio_postgres::Error> {
///     let parameters: [i64; 0] = [];
///     let rows = client.query_raw("SELECT id, name FROM users ORDER BY id", parameters).await?;
///     Ok(JsonBody::from_stream(Format::Lines, Rows::new(rows)).into_response())
/// }
/// ```
pub struct Rows {
    // In a box, so that it can be moved after it has been polled, as `JsonBody::ready` does.
    rows: Pin<Box<RowStream>>,
    columns: Option<Columns>,
    most_bytes: usize,
}

impl Rows {
    /// Returns the rows of a query as records.
    ///
    /// The first row fails with an [`UnsupportedColumn`](crate::UnsupportedColumn) if one of its columns can't be
    /// encoded, so that `JsonBody::ready` can still answer with an error.
    pub fn new(rows: RowStream) -> Self {
        Self { rows: Box::pin(rows), columns: None, most_bytes: usize::MAX }
    }

    /// Fails at a row of more than `bytes` bytes in PostgreSQL's format. By default there is no limit.
    ///
    /// The row has been received then: the limit keeps its JSON, which is encoded whole, out of memory.
    #[must_use]
    pub fn max_row(mut self, bytes: usize) -> Self {
        self.most_bytes = bytes;
        self
    }

    fn record(&mut self, row: Row) -> Result<RowRecord, Box<dyn StdError + Send + Sync>> {
        let (size, most) = (row.raw_size_bytes(), self.most_bytes);
        if size > most {
            return Err(format!("a row has {size} bytes, and {most} are allowed").into());
        }
        let columns = match &self.columns {
            Some(columns) => columns.clone(),
            None => self.columns.insert(Columns::new(row.columns())?).clone(),
        };
        Ok(RowRecord { columns, row })
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl Stream for Rows {
    type Item = Result<RowRecord, Box<dyn StdError + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = ready!(self.rows.as_mut().poll_next(cx));
        Poll::Ready(row.map(|row| self.record(row?)))
    }
}

/// A row as a record: what [`Rows`] yields.
///
/// # Examples
///
/// ```no_run
/// use chunkwire::{Format, JsonBody, Record};
/// use chunkwire_postgres::{RowRecord, Rows};
/// use futures_core::Stream;
///
/// fn is_record<R: Record>() -> bool {
///     true
/// }
/// assert!(is_record::<RowRecord>());
/// ```
#[derive(Clone, Debug)]
pub struct RowRecord {
    columns: Columns,
    row: Row,
}

impl Record for RowRecord {
    #[inline]
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        self.columns.write(&self.row, out).map_err(Error::new)
    }
}

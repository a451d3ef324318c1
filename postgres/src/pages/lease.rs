//! A connection that is lent for a page, and goes back to the pool when nothing is under way on it.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use deadpool_postgres::Object;
use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::{Sleep, sleep, timeout};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{CancelToken, Row, RowStream, Socket};

use super::error::PagesError;
use super::observe::ObservePages;

/// How long a page that nobody wants any more may take before it is cancelled.
const UNWANTED: Duration = Duration::from_millis(100);

/// How long cancelling may take.
const CANCELLING: Duration = Duration::from_secs(5);

/// What cancels the statement of a connection.
pub(super) type Cancel = Arc<dyn Fn(CancelToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Returns what cancels by connections that are made by `tls`.
pub(super) fn cancel_by<T>(tls: T) -> Cancel
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    Arc::new(move |token| {
        let tls = tls.clone();
        Box::pin(async move {
            // If it can't be cancelled, it ends by its own limit.
            let _ = timeout(CANCELLING, token.cancel_query(tls)).await;
        })
    })
}

/// A page whose rows come.
pub(super) struct Lease {
    rows: Pin<Box<RowStream>>,
    busy: Busy,
    /// How many rows were asked for, and how many of them have come.
    asked: usize,
    came: usize,
    /// Until when they have to.
    limit: Pin<Box<Sleep>>,
    /// How many bytes one may have.
    max_record: usize,
    observer: Arc<dyn ObservePages>,
}

impl Lease {
    pub(super) fn new(
        rows: RowStream,
        busy: Busy,
        asked: usize,
        limit: Duration,
        max_record: usize,
        observer: Arc<dyn ObservePages>,
    ) -> Box<Self> {
        let (rows, limit) = (Box::pin(rows), Box::pin(sleep(limit)));
        Box::new(Self { rows, busy, asked, came: 0, limit, max_record, observer })
    }

    pub(super) fn poll_row(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Row, PagesError>>> {
        let Poll::Ready(row) = self.rows.as_mut().poll_next(cx) else {
            return self.limit.as_mut().poll(cx).map(|()| Some(Err(PagesError::TimedOut)));
        };
        self.came += usize::from(row.is_some());
        Poll::Ready(row.map(|row| {
            let row = row.map_err(PagesError::Database)?;
            let (bytes, most) = (row.raw_size_bytes(), self.max_record);
            if bytes > most {
                // It would keep a buffer of that size.
                self.busy.discard();
                return Err(PagesError::TooLong { bytes, most });
            }
            Ok(row)
        }))
    }

    /// Whether the row that came last is the first one, of whose columns all others are.
    pub(super) fn is_first_row(&self) -> bool {
        self.came == 1
    }

    /// Returns how many rows of the page are still to come, at most.
    pub(super) fn left(&self) -> usize {
        self.asked.saturating_sub(self.came)
    }

    /// Gives the connection back at once: what is under way on it comes without anybody's help.
    pub(super) fn give_back(mut self: Box<Self>) {
        self.busy.give_back();
    }

    /// Keeps the page for a client that may be back soon.
    pub(super) fn hold(self: Box<Self>, hold: Duration) -> Held {
        let lease = Arc::new(Mutex::new(Some(self)));
        let kept = Arc::clone(&lease);
        let timer = tokio::spawn(async move {
            sleep(hold).await;
            if let Some(lease) = take(&kept) {
                lease.observer.taken_back();
            }
        });
        Held { lease, timer: timer.abort_handle() }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.observer.page_end(self.came, self.left());
    }
}

/// A page that is kept for a while, or until nobody can come back for it.
pub(super) struct Held {
    lease: Arc<Mutex<Option<Box<Lease>>>>,
    timer: AbortHandle,
}

impl Held {
    /// Returns the page, unless it was kept for too long.
    pub(super) fn take(&self) -> Option<Box<Lease>> {
        take(&self.lease)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.timer.abort();
        drop(self.take());
    }
}

fn take(lease: &Mutex<Option<Box<Lease>>>) -> Option<Box<Lease>> {
    lease.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A connection on which a statement is under way. If it is dropped, it goes back to the pool after that has ended. A
/// statement that takes long is cancelled, and the connection closed.
pub(super) struct Busy {
    connection: Option<Object>,
    cancel: Cancel,
}

impl Busy {
    pub(super) fn new(connection: Object, cancel: Cancel) -> Self {
        Self { connection: Some(connection), cancel }
    }

    /// Returns the connection.
    pub(super) fn connection(&self) -> &Object {
        let Some(connection) = &self.connection else { unreachable!("it was given back") };
        connection
    }

    /// Gives the connection back at once.
    pub(super) fn give_back(&mut self) {
        drop(self.connection.take());
    }

    /// Closes the connection.
    fn discard(&mut self) {
        drop(self.connection.take().map(Object::take));
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let cancel = Arc::clone(&self.cancel);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(end(connection, cancel))),
            Err(_) => drop(Object::take(connection)),
        }
    }
}

/// Waits until nothing is under way on a connection, and gives it back, or closes it if that took a cancellation.
async fn end(connection: Object, cancel: Cancel) {
    // The answer to nothing comes after all others.
    let mut idle = Box::pin(connection.simple_query(""));
    if timeout(UNWANTED, &mut idle).await.is_err() {
        cancel(connection.cancel_token()).await;
        // A host that went silent says nothing to that either.
        let _ = timeout(CANCELLING, idle).await;
        // Nobody can tell when the server acts on it: it could still cancel the next statement.
        drop(Object::take(connection));
    }
}

impl fmt::Debug for Lease {
    /// Formats no row.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("left", &self.left()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

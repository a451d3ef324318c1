//! The database that answers now, and the one after it.

use std::future::Future;
use std::io;
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;
use tracing::warn;

use super::config::Tables;
use super::metrics::DatabaseMetrics;
use super::served::{Database, NotDescribed};
use crate::observe::metrics::Metrics;

/// The database that answers now, if there is one.
pub(crate) struct Current {
    workers: usize,
    now: watch::Sender<Option<Arc<Database>>>,
    /// What is counted of all of them, once there was one, and where that is registered.
    metrics: OnceLock<DatabaseMetrics>,
    of_server: Arc<Metrics>,
}

impl Current {
    /// The database of these tables for a number of workers.
    pub(crate) fn new(tables: Option<&Tables>, workers: usize, of_server: Arc<Metrics>) -> io::Result<Self> {
        let current = Self { workers, now: watch::Sender::new(None), metrics: OnceLock::new(), of_server };
        current.replace(tables.map(|tables| current.made(tables)).transpose()?.map(Arc::new));
        Ok(current)
    }

    fn made(&self, tables: &Tables) -> io::Result<Database> {
        let metrics = self.metrics.get_or_init(|| {
            let metrics = DatabaseMetrics::default();
            self.of_server.register(metrics.collectors());
            metrics
        });
        Database::new(tables, self.workers, metrics.clone(), self.now.borrow().as_deref())
    }

    /// Returns the database that answers now.
    pub(crate) fn now(&self) -> Option<Arc<Database>> {
        self.now.borrow().clone()
    }

    /// Returns the database of other tables after it was asked about all routes, or the one of now if it is away and
    /// nothing else is said of it. Fails if a route can't be served.
    pub(crate) async fn next(&self, tables: Option<&Tables>) -> io::Result<Option<Arc<Database>>> {
        let Some(tables) = tables else { return Ok(None) };
        let next = self.made(tables)?;
        let NotDescribed { why, is_passing } = match next.describe_once().await {
            Ok(()) => return Ok(Some(Arc::new(next))),
            Err(error) => error,
        };
        match self.now().filter(|now| is_passing && now.is_of(tables)) {
            Some(now) => {
                warn!(error = why, "all routes stay as they were");
                Ok(Some(now))
            }
            None => Err(io::Error::other(why)),
        }
    }

    /// Lets another answer, and returns whether it is one. What the old one has begun, it ends.
    pub(crate) fn replace(&self, database: Option<Arc<Database>>) -> bool {
        let is_same = self.now().as_ref().map(Arc::as_ptr) == database.as_ref().map(Arc::as_ptr);
        if is_same {
            return false;
        }
        if let Some(database) = &database {
            database.is_counted();
        }
        self.now.send_replace(database);
        true
    }

    /// Asks the first database about all routes until it has answered or another is in its place. Fails if a route can't
    /// be served.
    pub(crate) fn describe(&self) -> impl Future<Output = io::Result<()>> + Send + use<> {
        let mut databases = self.now.subscribe();
        // What holds it holds 20 kB, often twice, and so would what holds that: a program had a megabyte on its stack.
        Box::pin(async move {
            let first = databases.borrow_and_update().clone();
            let Some(first) = first else { return Ok(()) };
            tokio::select! {
                described = first.describe() => described,
                Ok(()) = databases.changed() => Ok(()),
            }
        })
    }
}

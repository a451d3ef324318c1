//! A pool for each worker, since a connection belongs to the runtime that made it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chunkwire_postgres::Lender;
use tokio::runtime::{Handle, Id};

/// The pools of all workers, for one purpose.
pub(super) struct PerWorker {
    /// Of each pool.
    pub(super) connections: usize,
    /// How long a statement may take, for the database.
    pub(super) statement_timeout: Duration,
    by_runtime: Mutex<HashMap<Id, Lender>>,
}

impl PerWorker {
    /// Splits connections between workers, each of which has one at least.
    pub(super) fn new(connections: NonZeroUsize, workers: usize, statement_timeout: Duration) -> Self {
        let connections = (connections.get() / workers.max(1)).max(1);
        Self { connections, statement_timeout, by_runtime: Mutex::default() }
    }

    /// Returns the pool of the worker that this is called on, which is made when it is needed first.
    pub(super) fn here(&self, made: impl FnOnce() -> Lender) -> Lender {
        let mut pools = self.by_runtime.lock().unwrap_or_else(PoisonError::into_inner);
        pools.entry(Handle::current().id()).or_insert_with(made).clone()
    }

    /// Returns how many connections are idle, and how many are lent.
    pub(super) fn counts(&self) -> (usize, usize) {
        let pools = self.by_runtime.lock().unwrap_or_else(PoisonError::into_inner);
        pools.values().map(|lender| lender.pool().status()).fold((0, 0), |(idle, leased), status| {
            (idle + status.available, leased + status.size.saturating_sub(status.available))
        })
    }
}

//! A pool for each worker, since a connection belongs to the runtime that made it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chunkwire_postgres::Lender;
use tokio::runtime::{Handle, Id};

/// The pools of all workers, for one purpose.
pub(super) struct PerWorker {
    connections: usize,
    workers: usize,
    /// How long a statement may take, for the database.
    pub(super) statement_timeout: Duration,
    by_runtime: Mutex<HashMap<Id, Lender>>,
}

impl PerWorker {
    /// Splits connections between workers, each of which has one at least.
    pub(super) fn new(connections: NonZeroUsize, workers: usize, statement_timeout: Duration) -> Self {
        Self {
            connections: connections.get(),
            workers: workers.max(1),
            statement_timeout,
            by_runtime: Mutex::default(),
        }
    }

    /// Returns the pool of the worker that this is called on, which is made of its share when it is needed first.
    pub(super) fn here(&self, made: impl FnOnce(usize) -> Lender) -> Lender {
        let mut pools = self.by_runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let share = self.share(pools.len());
        pools.entry(Handle::current().id()).or_insert_with(|| made(share)).clone()
    }

    /// Returns how many connections a worker has: the first ones have what is left over.
    fn share(&self, worker: usize) -> usize {
        (self.connections / self.workers + usize::from(worker < self.connections % self.workers)).max(1)
    }

    /// Returns how many connections are idle, and how many are lent.
    pub(super) fn counts(&self) -> (usize, usize) {
        let pools = self.by_runtime.lock().unwrap_or_else(PoisonError::into_inner);
        pools.values().map(|lender| lender.pool().status()).fold((0, 0), |(idle, leased), status| {
            (idle + status.available, leased + status.size.saturating_sub(status.available))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_split_without_a_rest() {
        for (connections, workers, shares) in
            [(8, 2, &[4, 4][..]), (8, 3, &[3, 3, 2]), (5, 4, &[2, 1, 1, 1]), (2, 3, &[1, 1, 1]), (8, 0, &[8])]
        {
            let pools = PerWorker::new(NonZeroUsize::new(connections).unwrap(), workers, Duration::ZERO);
            let split: Vec<_> = (0..shares.len()).map(|worker| pools.share(worker)).collect();
            assert_eq!(split, shares, "{connections} for {workers}");
        }
    }
}

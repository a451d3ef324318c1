//! What is counted of the database: its connections, and the pages of each route.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use chunkwire_postgres::{ObservePages, PagesError};
use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts};

use super::per_worker::PerWorker;
use super::pools::Pools;
use crate::observe::metrics::SECONDS;
use crate::observe::on_demand::OnDemand;

/// The metrics of all routes.
#[derive(Clone, Debug)]
pub(super) struct DatabaseMetrics {
    wait: Histogram,
    page: HistogramVec,
    rows: IntCounterVec,
    discarded: IntCounterVec,
    taken_back: IntCounterVec,
    retries: IntCounterVec,
    /// Those whose connections are counted.
    pools: Arc<Mutex<Weak<Pools>>>,
}

impl Default for DatabaseMetrics {
    fn default() -> Self {
        let counters = |name, help, label| IntCounterVec::new(Opts::new(name, help), &[label]).expect("valid names");
        let seconds = |name, help| HistogramOpts::new(name, help).buckets(SECONDS.into());
        let wait = seconds("chunkwire_database_wait_seconds", "Time for which pages waited for a connection.");
        let page = seconds("chunkwire_database_page_seconds", "Time from asking for a page to its first rows.");
        Self {
            wait: Histogram::with_opts(wait).expect("a valid name and rising buckets"),
            page: HistogramVec::new(page, &["route"]).expect("valid names and rising buckets"),
            rows: counters(
                "chunkwire_database_rows_total",
                "Rows that came from the database and were encoded.",
                "route",
            ),
            discarded: counters(
                "chunkwire_database_rows_discarded_total",
                "Rows that were asked for and thrown away, mostly since clients were slow.",
                "route",
            ),
            taken_back: counters(
                "chunkwire_database_leases_taken_back_total",
                "Connections that were taken from clients that did not come back in time.",
                "route",
            ),
            retries: counters(
                "chunkwire_database_retries_total",
                "Pages that failed and were asked for again, by SQLSTATE, if the database said one.",
                "sqlstate",
            ),
            pools: Arc::default(),
        }
    }
}

impl DatabaseMetrics {
    /// Returns all of them, to be registered.
    pub(super) fn collectors(&self) -> Vec<Box<dyn Collector>> {
        let Self { wait, page, rows, discarded, taken_back, retries, pools } = self.clone();
        vec![
            Box::new(wait),
            Box::new(page),
            Box::new(rows),
            Box::new(discarded),
            Box::new(taken_back),
            Box::new(retries),
            Box::new(connections(Arc::clone(&pools))),
            Box::new(connections_of_snapshots(pools)),
        ]
    }

    /// Counts the connections of these pools from now on.
    pub(super) fn count_connections(&self, pools: &Arc<Pools>) {
        *self.pools.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(pools);
    }

    /// Returns the observer that counts the pages of a route.
    pub(super) fn of_route(&self, path: &str) -> Arc<dyn ObservePages> {
        Arc::new(RouteMetrics {
            wait: self.wait.clone(),
            page: self.page.with_label_values(&[path]),
            rows: self.rows.with_label_values(&[path]),
            discarded: self.discarded.with_label_values(&[path]),
            taken_back: self.taken_back.with_label_values(&[path]),
            retries: self.retries.clone(),
        })
    }
}

struct RouteMetrics {
    wait: Histogram,
    page: Histogram,
    rows: IntCounter,
    discarded: IntCounter,
    taken_back: IntCounter,
    retries: IntCounterVec,
}

impl ObservePages for RouteMetrics {
    fn connection(&self, waited: Duration) {
        self.wait.observe(waited.as_secs_f64());
    }

    fn page_begin(&self, took: Duration) {
        self.page.observe(took.as_secs_f64());
    }

    fn page_end(&self, sent: usize, thrown_away: usize) {
        self.rows.inc_by(sent as u64);
        self.discarded.inc_by(thrown_away as u64);
    }

    fn taken_back(&self) {
        self.taken_back.inc();
    }

    fn retry(&self, error: &PagesError) {
        self.retries.with_label_values(&[error.code().map_or("none", |code| code.code())]).inc();
    }
}

/// Returns the connections of all workers, counted when they are asked for.
fn connections(pools: Arc<Mutex<Weak<Pools>>>) -> impl Collector {
    OnDemand::new(move || {
        let help = "Connections to the database now, for pages.";
        by_state("chunkwire_database_connections", help, counts(&pools, |pools| &pools.pages))
    })
}

/// Returns those that are for snapshots, likewise.
fn connections_of_snapshots(pools: Arc<Mutex<Weak<Pools>>>) -> impl Collector {
    OnDemand::new(move || {
        let help = "Connections to the database now, for responses that are one snapshot.";
        by_state("chunkwire_database_snapshot_connections", help, counts(&pools, |pools| &pools.snapshots))
    })
}

/// How many connections are idle, and how many are lent.
fn counts(pools: &Mutex<Weak<Pools>>, which: fn(&Pools) -> &PerWorker) -> (usize, usize) {
    let pools = pools.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
    pools.map_or((0, 0), |pools| which(&pools).counts())
}

fn by_state(name: &str, help: &str, (idle, leased): (usize, usize)) -> IntGaugeVec {
    let connections = IntGaugeVec::new(Opts::new(name, help), &["state"]).expect("valid names");
    for (state, count) in [("idle", idle), ("leased", leased)] {
        connections.with_label_values(&[state]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    connections
}

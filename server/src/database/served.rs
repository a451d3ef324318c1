//! A database and its routes, as the server has them.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chunkwire_postgres::{ObservePages, Query};
use prometheus::core::Collector;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::config::Tables;
use super::failure::{Chain, is_passing};
use super::metrics::{Metrics, connections};
use super::pools::Pools;
use super::route_config::Route;

/// The pauses between attempts to reach the database, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long an attempt may take; what was described by then stays.
pub(super) const ATTEMPT: Duration = Duration::from_secs(60);

/// A database, its connections and its routes.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) pools: Arc<Pools>,
    metrics: Metrics,
    pub(super) routes: Vec<Arc<Served>>,
}

/// A route, and what the database knows of it.
pub(super) struct Served {
    pub(super) route: Route,
    pub(super) query: OnceLock<Query>,
    pub(super) observer: Arc<dyn ObservePages>,
}

impl Database {
    /// A database for this number of workers.
    pub(crate) fn new(tables: &Tables, workers: usize) -> io::Result<Self> {
        let metrics = Metrics::default();
        let served = |route: &Route| {
            let observer = metrics.of_route(&route.path);
            Arc::new(Served { route: route.clone(), query: OnceLock::new(), observer })
        };
        let routes = tables.routes.iter().map(served).collect();
        Ok(Self { pools: Arc::new(Pools::new(tables, workers)?), metrics, routes })
    }

    /// Returns what is counted of it, to be registered.
    pub(crate) fn collectors(&self) -> Vec<Box<dyn Collector>> {
        let mut all = self.metrics.collectors();
        all.push(Box::new(connections(Arc::clone(&self.pools))));
        all
    }

    /// Whether all routes can be served.
    pub(crate) fn is_described(&self) -> bool {
        self.routes.iter().all(|served| served.query.get().is_some())
    }

    /// Asks the database about all routes, and goes on until it is there and has answered. Fails if a route can't be
    /// served.
    pub(crate) async fn describe(&self) -> io::Result<()> {
        let (mut pause, longest) = PAUSES;
        loop {
            let passing = match timeout(ATTEMPT, self.try_to_describe()).await {
                Ok(tried) => match tried? {
                    None => {
                        info!(routes = self.routes.len(), "all routes are described");
                        return Ok(());
                    }
                    Some(passing) => passing,
                },
                Err(_) => "the database did not answer in time".to_owned(),
            };
            warn!(error = passing, again_in = ?pause, "the routes can't be described yet");
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Asks about the routes that are not described yet. Returns why it has to be tried again.
    async fn try_to_describe(&self) -> io::Result<Option<String>> {
        for served in self.routes.iter().filter(|served| served.query.get().is_none()) {
            // A pooler has another session for each transaction; what the client has of one is of no use in the next.
            let mut client = match self.pools.connect().await {
                Ok(client) => client,
                Err(error) if is_passing(&error) => return Ok(Some(Chain(&error).to_string())),
                Err(error) => return Err(io::Error::other(format!("the database: {}", Chain(&error)))),
            };
            match served.route.definition.describe(&mut client).await {
                Ok(query) => drop(served.query.set(query)),
                Err(error) if error.database().is_some_and(is_passing) => return Ok(Some(error.to_string())),
                Err(error) => return Err(io::Error::other(format!("the route {}: {error}", served.route.path))),
            }
        }
        Ok(None)
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").field("route", &self.route).field("query", &self.query).finish_non_exhaustive()
    }
}

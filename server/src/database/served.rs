//! A database and its routes, as the server has them.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chunkwire_postgres::{Pages, Query};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::config::Tables;
use super::failure::{Chain, is_passing};
use super::pools::Pools;
use super::route_config::Route;

/// The pauses between attempts to reach the database, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long an attempt may take; what was described by then stays.
pub(super) const ATTEMPT: Duration = Duration::from_secs(60);

/// A database, its connections and its routes.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) pools: Pools,
    pub(super) routes: Vec<Arc<Served>>,
}

/// A route, and what the database knows of it.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) route: Route,
    pub(super) query: OnceLock<Query>,
}

impl Database {
    /// A database for this number of workers.
    pub(crate) fn new(tables: &Tables, workers: usize) -> io::Result<Self> {
        let served = |route: &Route| Arc::new(Served { route: route.clone(), query: OnceLock::new() });
        Ok(Self { pools: Pools::new(tables, workers)?, routes: tables.routes.iter().map(served).collect() })
    }

    /// Whether all routes can be served.
    pub(crate) fn is_described(&self) -> bool {
        self.routes.iter().all(|served| served.query.get().is_some())
    }

    /// The rows of a query, by connections of the worker that this is called on.
    pub(super) fn pages(&self, query: &Query) -> Pages {
        self.pools.lend(Pages::new(self.pools.here(), query.clone()))
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
        let mut client = match self.pools.connect().await {
            Ok(client) => client,
            Err(error) if is_passing(&error) => return Ok(Some(Chain(&error).to_string())),
            Err(error) => return Err(io::Error::other(format!("the database: {}", Chain(&error)))),
        };
        for served in self.routes.iter().filter(|served| served.query.get().is_none()) {
            match served.route.definition.describe(&mut client).await {
                Ok(query) => drop(served.query.set(query)),
                Err(error) if error.database().is_some_and(is_passing) => return Ok(Some(error.to_string())),
                Err(error) => return Err(io::Error::other(format!("the route {}: {error}", served.route.path))),
            }
        }
        Ok(None)
    }
}

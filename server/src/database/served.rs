//! A database and its routes, as the server has them.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chunkwire_postgres::{DescribeError, Pages, Query};
use tokio::time::sleep;
use tokio_postgres::Client;
use tracing::{info, warn};

use super::config::Tables;
use super::failure::{Chain, is_passing};
use super::pools::Pools;
use super::route_config::Route;

/// The pauses between attempts to reach the database, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

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
            let passing = match self.pools.connect().await {
                Ok(mut client) => match self.describe_by(&mut client).await? {
                    None => {
                        info!(routes = self.routes.len(), "all routes are described");
                        return Ok(());
                    }
                    Some(passing) => passing.to_string(),
                },
                Err(error) if is_passing(&error) => Chain(&error).to_string(),
                Err(error) => return Err(io::Error::other(format!("the database: {}", Chain(&error)))),
            };
            warn!(error = passing, again_in = ?pause, "the routes can't be described yet");
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Asks about the routes that are not described. Returns the error after which it may be asked again.
    async fn describe_by(&self, client: &mut Client) -> io::Result<Option<DescribeError>> {
        for served in &self.routes {
            if served.query.get().is_some() {
                continue;
            }
            match served.route.definition.describe(client).await {
                Ok(query) => drop(served.query.set(query)),
                Err(error) if error.database().is_some_and(is_passing) => return Ok(Some(error)),
                Err(error) => return Err(io::Error::other(format!("the route {}: {error}", served.route.path))),
            }
        }
        Ok(None)
    }
}

//! A database and its routes, as the server has them.

use std::fmt;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chunkwire_postgres::ObservePages;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::config::Tables;
use super::described::Described;
use super::failure::{Chain, is_passing};
use super::metrics::DatabaseMetrics;
use super::pools::Pools;
use super::route_config::{Consistency, RouteConfig};

/// The pauses between attempts to reach the database, from the first to the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How long an attempt may take; what was described by then stays.
pub(super) const ATTEMPT: Duration = Duration::from_secs(60);

const LATE: &str = "the database did not answer in time";

/// A database, its connections and its routes.
#[derive(Debug)]
pub(crate) struct Database {
    pub(super) pools: Arc<Pools>,
    metrics: DatabaseMetrics,
    pub(super) routes: Vec<Arc<Served>>,
}

/// A route, and what the database knows of it.
pub(super) struct Served {
    pub(super) route: RouteConfig,
    described: RwLock<Option<Described>>,
    pub(super) observer: Arc<dyn ObservePages>,
}

impl Database {
    /// A database for this number of workers. If all that is said of it was said of the one before, it has the
    /// connections of that.
    pub(super) fn new(
        tables: &Tables,
        workers: usize,
        metrics: DatabaseMetrics,
        before: Option<&Self>,
    ) -> io::Result<Self> {
        let pools = before.map(|before| &before.pools).filter(|pools| pools.are_of(tables));
        let pools = pools.map_or_else(|| Pools::new(tables, workers).map(Arc::new), |pools| Ok(Arc::clone(pools)))?;
        let served = |route: &RouteConfig| {
            let observer = metrics.of_route(&route.path);
            Arc::new(Served { route: route.clone(), described: RwLock::default(), observer })
        };
        let routes = tables.routes.iter().map(served).collect();
        Ok(Self { pools, metrics, routes })
    }

    /// Its connections are those that are counted from now on.
    pub(super) fn is_counted(&self) {
        self.metrics.count_connections(&self.pools);
    }

    /// Returns how many connections are in use, for pages and for snapshots.
    pub(crate) fn leased(&self) -> usize {
        self.pools.pages.counts().1 + self.pools.snapshots.counts().1
    }

    /// Whether all routes can be served.
    pub(crate) fn is_described(&self) -> bool {
        self.routes.iter().all(|served| served.described().is_some())
    }

    /// Asks the database about all routes, and goes on until it is there and has answered. Fails if a route can't be
    /// served.
    pub(crate) async fn describe(&self) -> io::Result<()> {
        let (mut pause, longest) = PAUSES;
        loop {
            let passing = match timeout(ATTEMPT, self.try_to_describe()).await {
                Ok(tried) => match tried? {
                    None => {
                        self.warn_of_snapshots();
                        info!(routes = self.routes.len(), "all routes are described");
                        return Ok(());
                    }
                    Some(passing) => passing,
                },
                Err(_) => LATE.to_owned(),
            };
            warn!(error = passing, again_in = ?pause, "the routes can't be described yet");
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    fn warn_of_snapshots(&self) {
        for Served { route, .. } in self.routes.iter().map(|served| &**served) {
            if route.consistency == Consistency::Snapshot {
                warn!(path = route.path, "{}", self.pools.about_snapshots());
            }
        }
    }

    /// Asks about the routes that are not described yet. Returns why it has to be tried again.
    async fn try_to_describe(&self) -> io::Result<Option<String>> {
        for served in self.routes.iter().filter(|served| served.described().is_none()) {
            match served.ask(&self.pools).await {
                Ok(described) => served.set(described),
                Err(NotDescribed { why, is_passing: true }) => return Ok(Some(why)),
                Err(NotDescribed { why, is_passing: false }) => return Err(io::Error::other(why)),
            }
        }
        Ok(None)
    }

    /// Asks the database about all routes. Fails if it can't be reached or one can't be served.
    pub(super) async fn describe_once(&self) -> Result<(), NotDescribed> {
        let all = async {
            for served in &self.routes {
                served.set(served.ask(&self.pools).await?);
            }
            Ok(())
        };
        let late = |_| NotDescribed { why: LATE.to_owned(), is_passing: true };
        timeout(ATTEMPT, all).await.map_err(late)??;
        self.warn_of_snapshots();
        Ok(())
    }

    /// Whether a file says the same of it.
    pub(super) fn is_of(&self, tables: &Tables) -> bool {
        self.pools.are_of(tables) && self.routes.iter().map(|served| &served.route).eq(&tables.routes)
    }
}

/// Why a route is not described, and whether a later attempt may be better.
pub(super) struct NotDescribed {
    pub(super) why: String,
    pub(super) is_passing: bool,
}

impl Served {
    /// Returns what the database knows of it, once that is described.
    pub(super) fn described(&self) -> Option<Described> {
        self.described.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, described: Described) {
        *self.described.write().unwrap_or_else(PoisonError::into_inner) = Some(described);
    }

    /// Asks the database about it.
    ///
    /// A pooler has another session for each transaction: what the client has of one is of no use in the next.
    async fn ask(&self, pools: &Pools) -> Result<Described, NotDescribed> {
        let mut client = pools.connect().await.map_err(|error| NotDescribed {
            why: format!("the database: {}", Chain(&error)),
            is_passing: is_passing(&error),
        })?;
        self.route.describe(&mut client).await.map_err(|error| NotDescribed {
            why: format!("the route {}: {error}", self.route.path),
            is_passing: error.database().is_some_and(is_passing),
        })
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").field("route", &self.route).field("described", &self.described).finish_non_exhaustive()
    }
}

//! Connections to the database, by pools.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chunkwire_postgres::{Lender, ObservePages, Pages, PagesError, Query, Snapshot, Value, WholeQuery};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Client, Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::config::{DatabaseConfig, Pooler, Tables};
use super::per_worker::PerWorker;
use super::tls;
use super::url::Url;

/// How far the two clocks of a statement are apart, the server's and the database's.
const GRACE: Duration = Duration::from_secs(1);

/// The pools of all workers, and how connections are made.
pub(super) struct Pools {
    url: Url,
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    settings: DatabaseConfig,
    pub(super) pages: PerWorker,
    pub(super) snapshots: PerWorker,
}

impl fmt::Debug for Pools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pools").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Pools {
    pub(super) fn new(tables: &Tables, workers: usize) -> io::Result<Self> {
        let mut config = tables.url.config.clone();
        if config.get_connect_timeout().is_none() {
            // So that another host is still tried if one does not answer.
            let hosts = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
            config.connect_timeout(tables.database.wait / u32::try_from(hosts).unwrap_or(u32::MAX));
        }
        let settings = tables.database.clone();
        // The server's clock comes first there, and says why a response is cut.
        let of_snapshots = settings.snapshot_max_age + GRACE;
        Ok(Self {
            config,
            url: tables.url.clone(),
            tls: tls::connector(&tables.url)?,
            pages: PerWorker::new(settings.connections, workers, settings.query_timeout),
            snapshots: PerWorker::new(settings.snapshot_connections, workers, of_snapshots),
            settings,
        })
    }

    /// Whether a file says the same of the database.
    pub(super) fn are_of(&self, tables: &Tables) -> bool {
        self.url == tables.url && self.settings == tables.database
    }

    /// Returns the rows of a query, by connections of the worker that this is called on.
    pub(super) fn pages(&self, query: &Query, observer: Arc<dyn ObservePages>) -> Pages {
        let pages = Pages::new(self.here(&self.pages).observer(observer), query.clone());
        pages.hold(self.settings.hold).query_timeout(self.patience())
    }

    /// Returns the rows of a query as one snapshot, likewise.
    pub(super) fn snapshot(&self, query: &WholeQuery, observer: Arc<dyn ObservePages>) -> Snapshot {
        let snapshot = Snapshot::new(self.here(&self.snapshots).observer(observer), query.clone());
        snapshot.max_age(self.settings.snapshot_max_age)
    }

    /// Says what snapshots cost.
    pub(super) fn about_snapshots(&self) -> String {
        let (connections, age) = (self.settings.snapshot_connections, self.settings.snapshot_max_age);
        let age = humantime::format_duration(age);
        format!("a client that reads slowly holds one of {connections} connections and a snapshot, for {age} at most")
    }

    /// Returns the row of a key, by a connection of the worker that this is called on.
    pub(super) async fn item(&self, query: &Query, values: Vec<Value>) -> Result<Option<Row>, PagesError> {
        self.here(&self.pages).item(query, values, self.patience()).await
    }

    /// Returns how long a statement may take before its connection is given up: the database has its own clock, and
    /// may be unable to tell.
    fn patience(&self) -> Duration {
        self.settings.query_timeout + GRACE
    }

    /// Returns the pool of the worker that this is called on.
    fn here(&self, pools: &PerWorker) -> Lender {
        pools.here(|connections| {
            let max_record = usize::try_from(self.settings.max_record.as_u64()).unwrap_or(usize::MAX);
            let pool = self.pool(connections, pools.statement_timeout);
            let lender = Lender::new(pool).max_record(max_record).cancel_by(self.tls.clone());
            if self.settings.pooler == Pooler::Transaction { lender.unprepared() } else { lender }
        })
    }

    fn pool(&self, connections: usize, statement_timeout: Duration) -> Pool {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(self.config.clone(), self.tls.clone(), recycling);
        let DatabaseConfig { wait, max_age, .. } = self.settings;
        let settings: Option<Arc<str>> = self.session(statement_timeout).map(Into::into);
        let set = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
            let settings = settings.clone();
            Box::pin(async move {
                let Some(settings) = settings else { return Ok(()) };
                client.batch_execute(&settings).await.map_err(HookError::Backend)
            })
        });
        let young = Hook::sync_fn(move |_, metrics| match metrics.age() > max_age {
            true => Err(HookError::message("the connection is older than it may be")),
            false => Ok(()),
        });
        let builder = Pool::builder(manager).max_size(connections).runtime(Runtime::Tokio1);
        let builder = builder.wait_timeout(Some(wait)).create_timeout(Some(wait)).post_create(set).pre_recycle(young);
        builder.build().expect("timeouts have a runtime")
    }

    /// Returns a connection of no pool.
    pub(super) async fn connect(&self) -> Result<Client, Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        tokio::spawn(connection);
        if let Some(settings) = self.session(self.settings.query_timeout) {
            client.batch_execute(&settings).await?;
        }
        Ok(client)
    }

    /// What is set for each session: how values look as text, and what no statement may do. A pooler would set it for
    /// the next client of the session.
    fn session(&self, statement_timeout: Duration) -> Option<String> {
        (self.settings.pooler == Pooler::None).then(|| {
            format!(
                "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET client_encoding = \
                 'UTF8'; SET default_transaction_read_only = on; SET statement_timeout = {}",
                statement_timeout.as_millis().clamp(1, i32::MAX as u128)
            )
        })
    }
}

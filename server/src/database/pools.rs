//! Connections to the database: a pool for each worker, since a connection belongs to the runtime that made it.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chunkwire_postgres::{Lender, ObservePages, Pages, PagesError, Query, Value};
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio::runtime::{Handle, Id};
use tokio_postgres::{Client, Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::config::{Database, Pooler, Tables};
use super::tls;

/// The pools of all workers. Each is made when its worker needs a connection first.
pub(super) struct Pools {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    settings: Database,
    /// Of each pool.
    connections: usize,
    by_runtime: Mutex<HashMap<Id, Lender>>,
}

impl fmt::Debug for Pools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pools").field("connections", &self.connections).finish_non_exhaustive()
    }
}

impl Pools {
    pub(super) fn new(tables: &Tables, workers: usize) -> io::Result<Self> {
        let mut config = tables.url.config.clone();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(tables.database.wait);
        }
        Ok(Self {
            config,
            tls: tls::connector(&tables.url)?,
            settings: tables.database.clone(),
            connections: (tables.database.connections.get() / workers.max(1)).max(1),
            by_runtime: Mutex::default(),
        })
    }

    /// Returns the rows of a query, by connections of the worker that this is called on.
    pub(super) fn pages(&self, query: &Query, observer: Arc<dyn ObservePages>) -> Pages {
        let pages = Pages::new(self.here().observer(observer), query.clone());
        pages.hold(self.settings.hold).query_timeout(self.patience())
    }

    /// Returns the row of a key, by a connection of the worker that this is called on.
    pub(super) async fn item(&self, query: &Query, values: Vec<Value>) -> Result<Option<Row>, PagesError> {
        self.here().item(query, values, self.patience()).await
    }

    /// Returns how long a statement may take before its connection is given up: the database has its own clock, and
    /// may be unable to tell.
    fn patience(&self) -> Duration {
        self.settings.query_timeout + Duration::from_secs(1)
    }

    /// Returns the pool of the worker that this is called on.
    fn here(&self) -> Lender {
        let mut pools = self.by_runtime.lock().unwrap_or_else(PoisonError::into_inner);
        pools.entry(Handle::current().id()).or_insert_with(|| self.lender()).clone()
    }

    fn lender(&self) -> Lender {
        let max_record = usize::try_from(self.settings.max_record.as_u64()).unwrap_or(usize::MAX);
        let lender = Lender::new(self.pool()).max_record(max_record).cancel_by(self.tls.clone());
        if self.settings.pooler == Pooler::Transaction { lender.unprepared() } else { lender }
    }

    /// Returns how many connections are idle, and how many are lent.
    pub(super) fn counts(&self) -> (usize, usize) {
        let pools = self.by_runtime.lock().unwrap_or_else(PoisonError::into_inner);
        pools.values().map(|lender| lender.pool().status()).fold((0, 0), |(idle, leased), status| {
            (idle + status.available, leased + status.size.saturating_sub(status.available))
        })
    }

    fn pool(&self) -> Pool {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(self.config.clone(), self.tls.clone(), recycling);
        let Database { wait, max_age, .. } = self.settings;
        let settings: Option<Arc<str>> = self.session().map(Into::into);
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
        let builder = Pool::builder(manager).max_size(self.connections).runtime(Runtime::Tokio1);
        let builder = builder.wait_timeout(Some(wait)).create_timeout(Some(wait)).post_create(set).pre_recycle(young);
        builder.build().expect("timeouts have a runtime")
    }

    /// Returns a connection of no pool.
    pub(super) async fn connect(&self) -> Result<Client, Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        tokio::spawn(connection);
        if let Some(settings) = self.session() {
            client.batch_execute(&settings).await?;
        }
        Ok(client)
    }

    /// What is set for each session: how values look as text, and what no statement may do. A pooler would set it for
    /// whoever has the session next.
    fn session(&self) -> Option<String> {
        (self.settings.pooler == Pooler::None).then(|| {
            format!(
                "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET client_encoding = \
                 'UTF8'; SET default_transaction_read_only = on; SET statement_timeout = {}",
                self.settings.query_timeout.as_millis().clamp(1, i32::MAX as u128)
            )
        })
    }
}

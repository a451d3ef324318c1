//! Other settings for a server that serves.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use axum::Router;
#[cfg(feature = "tls")]
use chunkwire_engine::Tls;
use chunkwire_engine::{Engine, Handle};
use tokio::sync::Mutex;
#[cfg(feature = "postgres")]
use tracing::info;

use crate::config::Config;
#[cfg(feature = "postgres")]
use crate::database::current::Current;
use crate::layers::layered;
use crate::live::live_samples::Live;
use crate::live::sampler::Sampler;
use crate::observe::metrics::Metrics;
use crate::replaceable::Replaceable;
use crate::routes::{self, App};

/// Gives a server other settings while it serves. Clones are for the same server.
///
/// # Examples
///
/// ```
/// use chunkwire_server::{Config, Server};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut config = Config::default();
/// config.listen = vec!["127.0.0.1:0".parse().unwrap()];
/// let server = Server::bind(&config)?;
/// let reload = server.reload();
///
/// config.max_users = 10_000;
/// reload.apply(&config).await?;
/// config.users = 10_001;
/// assert!(reload.apply(&config).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Reload(Arc<Shared>);

struct Shared {
    engine: Handle,
    service: Replaceable,
    /// The engine for operators, and what it serves.
    admin: Option<(Handle, Replaceable)>,
    /// What the page and its feed show.
    live: Live,
    /// Where the routes with records are: their scheme, and their port if the page has an address of its own.
    scheme: &'static str,
    port: Option<u16>,
    /// The routes of a program that adds to ours.
    fixed: OnceLock<Router>,
    metrics: Arc<Metrics>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    #[cfg(feature = "postgres")]
    database: Arc<Current>,
    /// The settings that hold, locked while they are changed.
    config: Mutex<Config>,
}

impl Reload {
    /// Settings that hold for these engines.
    pub(crate) fn new(
        config: &Config,
        engine: &Engine,
        admin: Option<&Engine>,
        #[cfg(feature = "tls")] tls: Option<Tls>,
    ) -> io::Result<Self> {
        let metrics = Arc::<Metrics>::default();
        metrics.watch(engine.handle());
        let nothing = || Replaceable::new(layered(config, Router::new()));
        #[cfg(feature = "tls")]
        let scheme = if tls.is_some() { "https" } else { "http" };
        #[cfg(not(feature = "tls"))]
        let scheme = "http";
        let shared = Shared {
            engine: engine.handle().clone(),
            service: nothing(),
            admin: admin.map(|admin| (admin.handle().clone(), nothing())),
            live: Live::default(),
            scheme,
            port: admin.and_then(|_| Some(engine.local_addr().ok()?.port())),
            fixed: OnceLock::new(),
            #[cfg(feature = "tls")]
            tls,
            #[cfg(feature = "postgres")]
            database: Arc::new(Current::new(config.tables.as_ref(), engine.workers(), Arc::clone(&metrics))?),
            metrics,
            config: Mutex::new(config.clone()),
        };
        shared.replace_routes(config);
        Ok(Self(Arc::new(shared)))
    }

    /// Takes other settings: those that [`Config::changed_to`] takes. The files of TLS are read again, and the database
    /// is asked about its routes again; if it is away, and the settings say nothing else of it, its routes stay.
    ///
    /// Nothing that is under way is ended by that. Limits hold for connections that are accepted from now on, and all
    /// else for requests that come from now on, each of which is answered by the old settings or by the new ones. If
    /// something can't be taken, that is an error, and all stays as it was.
    ///
    /// # Errors
    ///
    /// As [`Server::bind`](crate::Server::bind) has it, and which route can't be served, and why.
    pub async fn apply(&self, config: &Config) -> io::Result<()> {
        let shared = &*self.0;
        let mut now = shared.config.lock().await;
        let next = now.changed_to(config);
        next.check()?;
        #[cfg(feature = "postgres")]
        let database = shared.database.next(next.tables.as_ref()).await?;
        #[cfg(feature = "tls")]
        shared.tls.as_ref().map_or(Ok(()), Tls::reload)?;
        // Nothing fails from here on.
        shared.engine.set_config(&next.engine)?;
        if let Some((admin, _)) = &shared.admin {
            admin.set_config(&next.admin())?;
        }
        #[cfg(feature = "postgres")]
        let is_another = shared.database.replace(database);
        shared.replace_routes(&next);
        #[cfg(feature = "postgres")]
        if is_another && next.tables.is_some() {
            info!("all routes are described again");
        }
        *now = next;
        Ok(())
    }

    /// Returns the service of the routes, whichever they are.
    pub(crate) fn service(&self) -> Replaceable {
        self.0.service.clone()
    }

    /// Returns the service for operators, if they have an address of their own.
    pub(crate) fn admin(&self) -> Option<Replaceable> {
        self.0.admin.as_ref().map(|(_, service)| service.clone())
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    /// What takes samples of the server.
    pub(crate) fn sampler(&self) -> Sampler {
        Sampler {
            engine: self.0.engine.clone(),
            metrics: Arc::clone(&self.0.metrics),
            #[cfg(feature = "postgres")]
            database: Arc::clone(&self.0.database),
        }
    }

    /// Serves these routes from now on in the place of ours, whatever the settings say.
    pub(crate) async fn fix(&self, routes: Router) {
        let _ = self.0.fixed.set(routes);
        self.0.replace_routes(&*self.0.config.lock().await);
    }

    /// The routes that settings ask for.
    pub(crate) fn routes(&self, config: &Config) -> Router {
        self.0.routes(config)
    }

    #[cfg(feature = "tls")]
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.0.tls.as_ref()
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn database(&self) -> &Current {
        &self.0.database
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.0.metrics
    }
}

impl Shared {
    fn replace_routes(&self, config: &Config) {
        let routes = self.fixed.get().cloned().unwrap_or_else(|| self.routes(config));
        self.service.replace(layered(config, routes));
        if let Some((_, service)) = &self.admin {
            service.replace(layered(config, routes::admin(self.app(config))));
        }
    }

    fn routes(&self, config: &Config) -> Router {
        routes::router(self.app(config), self.admin.is_none())
    }

    fn app(&self, config: &Config) -> App {
        App {
            users: config.users,
            max_users: config.max_users,
            unbuffered: config.unbuffered,
            engine: self.engine.clone(),
            metrics: Arc::clone(&self.metrics),
            live: self.live.clone(),
            scheme: self.scheme,
            port: self.port,
            #[cfg(feature = "postgres")]
            database: self.database.now(),
        }
    }
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reload").field("config", &self.0.config).finish_non_exhaustive()
    }
}

//! The server: the routes and their layers, under the engine.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use chunkwire::Compressed;
use chunkwire_engine::{Address, Engine, Listener};
#[cfg(feature = "tls")]
use chunkwire_engine::{Tls, TlsFiles};
use tokio::sync::oneshot;
use tower_service::Service;

use crate::config::Config;
use crate::handover::Handover;
use crate::layers::layered;
use crate::listen::Listen;
use crate::live::live_samples::Live;
use crate::observe::access_log::AccessLog;
use crate::observe::observer::Observer;
use crate::problem::Problem;
use crate::reload::Reload;

/// A server that listens.
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
///
/// let server = Server::bind(&config)?;
/// println!("listening on {}", server.local_addr()?);
/// server.serve(async { /* the server stops when this is done */ }).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    engine: Engine,
    /// For operators.
    admin: Option<Engine>,
    config: Config,
    reload: Reload,
}

impl Server {
    /// Listens where the configuration says and starts the workers. A host name is looked up first.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if two settings contradict each other or a time is out of bounds;
    /// which file of TLS can't be used, and why; otherwise what the system says, such as [`AddrInUse`](io::ErrorKind::AddrInUse), and where it could not listen.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time.
    pub fn bind(config: &Config) -> io::Result<Self> {
        Self::with_sockets(Vec::new(), Vec::new(), config)
    }

    /// Takes sockets that listen, such as those that a service manager hands over, in place of where the configuration
    /// says.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if there is none, and as [`bind`](Self::bind) has it.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time.
    pub fn with_listeners(listeners: Vec<Listener>, config: &Config) -> io::Result<Self> {
        Self::new(listeners, Vec::new(), config)
    }

    /// Takes sockets that listen, those of `admin` for operators, as another server had them: see
    /// [`handover`](Self::handover). Where there are none, it listens where the configuration says.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind) has it.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time.
    pub fn with_sockets(listeners: Vec<Listener>, admin: Vec<Listener>, config: &Config) -> io::Result<Self> {
        let listeners = if listeners.is_empty() { bound(&config.listen)? } else { listeners };
        Self::new(listeners, admin, config)
    }

    fn new(listeners: Vec<Listener>, admin: Vec<Listener>, config: &Config) -> io::Result<Self> {
        config.check()?;
        #[cfg(feature = "tls")]
        let tls = config.tls.clone().map(TlsFiles::load).transpose()?;
        #[cfg(feature = "tls")]
        let listeners = match &tls {
            Some(tls) => of_tcp(listeners, |listener| listener.tls(tls.clone()))?,
            None => listeners,
        };
        let listeners = if config.proxy_protocol {
            of_tcp(listeners, |listener| {
                let trusted = config.trusted_proxies.clone();
                listener.proxy_protocol(move |peer| trusted.iter().any(|proxy| proxy.is(peer)))
            })?
        } else {
            listeners
        };
        let engine = Engine::new(listeners, &config.engine)?;
        let admin = if admin.is_empty() { bound(config.admin_listen.as_slice())? } else { admin };
        let admin = (!admin.is_empty()).then(|| Engine::new(admin, &config.admin())).transpose()?;
        let reload = Reload::new(
            config,
            &engine,
            admin.as_ref(),
            #[cfg(feature = "tls")]
            tls,
        )?;
        Ok(Self { engine, admin, config: config.clone(), reload })
    }

    /// Returns the first address of TCP that the server listens on, with its real port.
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) if it listens on Unix sockets alone; otherwise what the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.engine.local_addr()
    }

    /// Returns all addresses that the server listens on, with their real ports, but for those of
    /// [`admin_listen`](Config::admin_listen).
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addrs(&self) -> io::Result<Vec<Address>> {
        self.engine.local_addrs()
    }

    /// Returns the addresses of [`admin_listen`](Config::admin_listen), if there are some.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn admin_addrs(&self) -> io::Result<Vec<Address>> {
        self.admin.as_ref().map_or_else(|| Ok(Vec::new()), Engine::local_addrs)
    }

    /// Returns what another process needs to go on in the place of this server.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn handover(&self) -> io::Result<Handover> {
        Handover::of(&self.engine, self.admin.as_ref(), self.reload.live())
    }

    /// Returns what is spoken of TLS at the addresses of TCP, if it is.
    #[cfg(feature = "tls")]
    pub fn tls(&self) -> Option<&Tls> {
        self.reload.tls()
    }

    /// Sets what tells how many lines of the log were lost, for `/metrics`. What is set first stays.
    pub fn count_lost_lines(&self, count: impl Fn() -> usize + Send + Sync + 'static) {
        self.reload.metrics().count_lost_lines(count);
    }

    /// Returns the samples that are taken of the server while it serves.
    pub fn live(&self) -> Live {
        self.reload.live().clone()
    }

    /// Returns how many threads serve connections.
    pub fn workers(&self) -> usize {
        self.engine.workers()
    }

    /// Returns the routes that [`serve`](Self::serve) serves, for a service that adds to them.
    ///
    /// - `GET /api/v1/users`: users as a JSON array or as lines, chosen by `Accept`, or by `format=array` or
    ///   `format=lines` in the query; `limit` and `offset` in the query.
    ///   `Link` (RFC 8288) says where the users before and after these are, and `X-Total-Count` how many there are: all
    ///   ids up to 2^64 − 1.
    /// - `GET /api/v1/users/{id}`: one user.
    /// - `GET /healthz`: whether the server runs.
    /// - `GET /readyz`: whether it should be given requests: 503 from the moment that it is asked to stop.
    /// - `GET /`: a page that shows what the server does, `GET /live`: its figures as lines, one each second, and
    ///   `GET /metrics`: what it counts, in the text format of Prometheus; unless these have an address of their own.
    /// - `GET /openapi.json`: these routes by OpenAPI 3.1, at each address those that are there.
    ///
    /// If the configuration has tables, their routes are in the place of the users', and 503 until the database has been
    /// asked about them; so is `/readyz`.
    ///
    /// Users are what a formula makes of their ids, and the same until that changes with another version. A cache may keep
    /// them for an hour, and then ask by their `ETag` whether they are still the same: a client that has them is
    /// answered by 304, by `If-None-Match`, and no user is made. Tags are weak, since one stands for the bytes in gzip
    /// as well; so `If-Match` with a tag is answered by 412. Rows of tables, and what the server says of itself, have
    /// none: nothing says when they change.
    ///
    /// A parameter that a path does not know, in the query, is answered by 400.
    ///
    /// `HEAD` is answered as `GET` is, without the body, and produces no user. `OPTIONS`, of these paths or of `*`, is
    /// answered by what they allow. Everything else is answered by a problem document (RFC 9457): 400, 404, 405, 406 or 412.
    pub fn router(&self) -> Router {
        self.reload.routes(&self.config)
    }

    /// Returns what asks the database about the routes of [`tables`](Config::tables), which answer 503 until then, as
    /// `/readyz` does. It waits for a database that is away. Without tables it is done at once.
    ///
    /// # Errors
    ///
    /// Which route can't be served, and why.
    #[cfg(feature = "postgres")]
    pub fn describe(&self) -> impl Future<Output = io::Result<()>> + Send + use<> {
        self.reload.database().describe()
    }

    /// Returns what gives the server other settings while it serves.
    pub fn reload(&self) -> Reload {
        self.reload.clone()
    }

    /// Returns the routes in their layers, as [`serve`](Self::serve) puts them under the engine, for requests that come
    /// from elsewhere. A handler that panics does so in the caller: the engine makes a response of that.
    pub fn service(&self) -> impl Service<Request<Body>, Response = Response<Compressed<Body>>> + use<> {
        layered(&self.config, self.router())
    }

    /// Serves users until `shutdown` is done, then lets responses finish for the configured time.
    ///
    /// Returns how many responses had to be cut.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> usize {
        let Self { engine, admin, config, reload } = self;
        let engine = engine.failure_response(Problem::internal().into());
        let observer = Observer::new(Arc::clone(reload.metrics()), AccessLog::new(&config));
        let (live, admin) = (reload.live(), admin.zip(reload.admin()));
        let sampling = reload.sampler().run(live.clone());
        // No feed is a response that a stop has to wait for.
        let shutdown = async {
            shutdown.await;
            live.end();
        };
        let (serving, served) = oneshot::channel::<Infallible>();
        let serve = async {
            let cut = engine.serve(reload.service(), observer, shutdown).await;
            drop(serving);
            cut
        };
        // It is there until the last response has ended.
        let administer = async {
            if let Some((admin, service)) = admin {
                let until = async { drop(served.await) };
                admin.serve(service, (), until).await;
            }
        };
        tokio::select! {
            (cut, ()) = async { tokio::join!(serve, administer) } => cut,
            never = sampling => match never {},
        }
    }

    /// Serves the routes of `router`, as [`serve`](Self::serve) does its own. [`Reload`] leaves them as they are.
    ///
    /// Before it is routed, a request has to be strict HTTP/1.1, as
    /// [`StrictLayer`](chunkwire_engine::strict::StrictLayer) has it, or is answered by a problem document: 400, 405,
    /// 414, 417 or 501. So is one whose handler panics: 500.
    pub async fn serve_router(self, router: Router, shutdown: impl Future<Output = ()>) -> usize {
        self.reload.fix(router).await;
        self.serve(shutdown).await
    }
}

/// Listens at all places.
fn bound(places: &[Listen]) -> io::Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for listen in places {
        listeners.extend(listen.bind()?);
    }
    Ok(listeners)
}

/// Changes the listeners of TCP. Clients of a Unix socket are on the same system.
fn of_tcp(listeners: Vec<Listener>, change: impl Fn(Listener) -> Listener) -> io::Result<Vec<Listener>> {
    let changed = |listener: Listener| {
        let is_tcp = matches!(listener.address()?, Address::Tcp(_));
        Ok(if is_tcp { change(listener) } else { listener })
    };
    listeners.into_iter().map(changed).collect()
}

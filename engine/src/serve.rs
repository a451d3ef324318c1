//! One line in place of `axum::serve`.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, IntoFuture, Pending, pending};
use std::io;
use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tower_service::Service;

use crate::config::Config;
use crate::engine::Engine;
use crate::listener::IntoListener;
use crate::observe::Observe;
use crate::peer::{ConnectInfo, Peer};

/// Serves a service, such as an axum `Router`, on a listener.
///
/// It stands in place of `axum::serve(listener, router)`, and each of its connections has the limits of a [`Config`].
/// It is awaited, and ends only by [`with_graceful_shutdown`](Serve::with_graceful_shutdown). For several listeners, or
/// for what an engine tells while it runs, use an [`Engine`].
///
/// What else is not as under axum's: each connection is served by one of several threads with a runtime of its own, so
/// that `tokio::task::block_in_place` panics in handlers, and tasks that they spawn end with the engine; there are no
/// upgrades, such as those to a WebSocket: axum's `WebSocketUpgrade` answers 426 by itself.
///
/// What blocks in a handler or a body stalls all connections of its thread. An iterator of records that blocks can be
/// [offloaded](chunkwire::JsonBody::offload).
///
/// # Errors
///
/// As [`Engine::new`] has it. A connection that can't be accepted or fails is no error here.
///
/// # Panics
///
/// When it is awaited outside of a tokio runtime with I/O and time.
///
/// # Examples
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use chunkwire::{Format, JsonBody};
/// use tokio::net::TcpListener;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let squares = async || JsonBody::new(Format::Array, (0..1_000_000_u64).map(|n| n * n)).into_response();
/// let router: Router = Router::new().route("/squares", get(squares));
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// # let shutdown = async {};
/// let cut = chunkwire_engine::serve(listener, router).with_graceful_shutdown(shutdown).await?;
/// assert_eq!(cut, 0);
/// # Ok(())
/// # }
/// ```
pub fn serve<L: IntoListener, S>(listener: L, service: S) -> Serve<L, S, (), Pending<()>> {
    Serve { listener, service, config: Config::default(), connect_info: None, observer: (), shutdown: pending() }
}

/// What [`serve`] returns, to be awaited. The output is how many responses a shutdown had to cut.
#[must_use = "nothing is served before it is awaited"]
pub struct Serve<L, S, O, F> {
    listener: L,
    service: S,
    config: Config,
    connect_info: Option<ConnectInfo>,
    observer: O,
    shutdown: F,
}

impl<L, S, O, F> Serve<L, S, O, F> {
    /// Sets the limits. Default: those of [`Config::default`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the observer, which is told what happens on the connections. Default: none.
    pub fn observer<P: Observe>(self, observer: P) -> Serve<L, S, P, F> {
        let Self { listener, service, config, connect_info, shutdown, .. } = self;
        Serve { listener, service, config, connect_info, observer, shutdown }
    }

    /// Sets what each request is told of its connection, as an extension; nothing if it is `None`. Default: nothing.
    ///
    /// # Examples
    ///
    /// axum's `ConnectInfo`:
    ///
    /// ```
    /// use std::net::SocketAddr;
    ///
    /// use axum::Router;
    /// use axum::extract::ConnectInfo;
    /// use axum::routing::get;
    /// use tokio::net::TcpListener;
    ///
    /// async fn run(listener: TcpListener) -> std::io::Result<usize> {
    ///     let address = async |ConnectInfo(address): ConnectInfo<SocketAddr>| address.to_string();
    ///     let router: Router = Router::new().route("/", get(address));
    ///     chunkwire_engine::serve(listener, router).connect_info(|peer| peer.tcp().map(ConnectInfo)).await
    /// }
    /// ```
    pub fn connect_info<T>(mut self, info: impl Fn(&Peer) -> Option<T> + Send + Sync + 'static) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        self.connect_info = Some(ConnectInfo::new(info));
        self
    }

    /// Stops when `shutdown` is done, as [`Engine::serve`] does. Default: never.
    pub fn with_graceful_shutdown<G: Future<Output = ()>>(self, shutdown: G) -> Serve<L, S, O, G> {
        let Self { listener, service, config, connect_info, observer, .. } = self;
        Serve { listener, service, config, connect_info, observer, shutdown }
    }
}

impl<L, S, B, O, F> IntoFuture for Serve<L, S, O, F>
where
    L: IntoListener,
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
    O: Observe,
    F: Future<Output = ()> + Send + 'static,
{
    type Output = io::Result<usize>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<usize>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { listener, service, config, connect_info, observer, shutdown } = self;
        Box::pin(async move {
            let mut engine = Engine::new(vec![listener.into_listener()?], &config)?;
            engine.connect_info = connect_info;
            Ok(engine.serve(service, observer, shutdown).await)
        })
    }
}

impl<L: fmt::Debug, S, O, F> fmt::Debug for Serve<L, S, O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve").field("listener", &self.listener).field("config", &self.config).finish_non_exhaustive()
    }
}

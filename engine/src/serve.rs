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
use tokio::net::TcpListener;
use tower_service::Service;

use crate::config::Config;
use crate::engine::Engine;
use crate::observe::Observe;

/// Serves a service, such as an axum `Router`, on a listener.
///
/// It stands in place of `axum::serve(listener, router)`, and each of its connections has the limits of a [`Config`].
/// It is awaited, and ends only by [`with_graceful_shutdown`](Serve::with_graceful_shutdown). For several listeners, or
/// for what an engine tells while it runs, use an [`Engine`].
///
/// What else is not as under axum's: each connection is served by one of several threads with a runtime of its own, so
/// that `tokio::task::block_in_place` panics in handlers, and tasks that they spawn end with the engine; requests have
/// no `ConnectInfo`; there are no upgrades, such as those to a WebSocket.
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
pub fn serve<S>(listener: TcpListener, service: S) -> Serve<S, (), Pending<()>> {
    Serve { listener, service, config: Config::default(), observer: (), shutdown: pending() }
}

/// What [`serve`] returns, to be awaited. The output is how many responses a shutdown had to cut.
#[must_use = "nothing is served before it is awaited"]
pub struct Serve<S, O, F> {
    listener: TcpListener,
    service: S,
    config: Config,
    observer: O,
    shutdown: F,
}

impl<S, O, F> Serve<S, O, F> {
    /// Sets the limits. Default: those of [`Config::default`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets who is told what happens on the connections. Default: nobody.
    pub fn observer<P: Observe>(self, observer: P) -> Serve<S, P, F> {
        let Self { listener, service, config, shutdown, .. } = self;
        Serve { listener, service, config, observer, shutdown }
    }

    /// Stops when `shutdown` is done, as [`Engine::serve`] does. Default: never.
    pub fn with_graceful_shutdown<G: Future<Output = ()>>(self, shutdown: G) -> Serve<S, O, G> {
        let Self { listener, service, config, observer, .. } = self;
        Serve { listener, service, config, observer, shutdown }
    }
}

impl<S, B, O, F> IntoFuture for Serve<S, O, F>
where
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
        let Self { listener, service, config, observer, shutdown } = self;
        Box::pin(async move {
            let engine = Engine::new(vec![listener.into_std()?], &config)?;
            Ok(engine.serve(service, observer, shutdown).await)
        })
    }
}

impl<S, O, F> fmt::Debug for Serve<S, O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serve").field("listener", &self.listener).field("config", &self.config).finish_non_exhaustive()
    }
}

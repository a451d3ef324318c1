//! The server: serves connections until it is asked to stop.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::future::{Future, ready};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use super::acceptor::Acceptor;
use super::config::Config;
use super::connection::{self, Phase};
use super::routes::{Body, Routes};
use super::status::Status;
use super::transport::Limits;
use super::workers::Workers;
use crate::Record;

/// How long connections may take to notice that they are cut.
const CUTTING: Duration = Duration::from_secs(1);

/// A server that listens.
///
/// # Examples
///
/// ```
/// use chunkwire::server::{Config, Server};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut config = Config::default();
/// config.listen = "127.0.0.1:0".parse().unwrap();
///
/// let server = Server::bind(&config)?;
/// println!("listening on {}", server.local_addr()?);
/// server.serve(async { /* the server stops when this is done */ }).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    acceptor: Acceptor,
    workers: Workers,
    config: Config,
    status: Arc<Status>,
}

impl Server {
    /// Listens on the configured address and starts the workers.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) where two settings contradict each other; otherwise what the
    /// system says, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time.
    pub fn bind(config: &Config) -> io::Result<Self> {
        config.check()?;
        Ok(Self {
            acceptor: Acceptor::bind(config)?,
            workers: Workers::start(config.workers)?,
            config: config.clone(),
            status: Arc::default(),
        })
    }

    /// The address that the server listens on, with its real port.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.acceptor.local_addr()
    }

    /// How many threads serve connections.
    pub fn workers(&self) -> usize {
        self.workers.number()
    }

    /// The routes that [`serve`](Self::serve) serves, for a service that adds to them.
    pub fn routes(&self) -> Routes {
        Routes::of(&self.config, Arc::clone(&self.status))
    }

    /// Serves users until `shutdown` is done, then lets responses finish for the configured time.
    ///
    /// Returns how many responses had to be cut.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> usize {
        let routes = self.routes();
        let service = move |request: Request<Incoming>| ready(Ok::<_, Infallible>(routes.answer(&request)));
        self.serve_with(service, shutdown).await
    }

    /// Serves what a service answers, as [`serve`](Self::serve) does with users.
    ///
    /// Each body of records holds one chunk. A service that fails, by an error or a panic, answers 500; its error is
    /// logged. A source that fails ends its connection before the final chunk, or by a reset where the client speaks
    /// HTTP/1.0.
    ///
    /// Where the server ends a connection behind an answer, it throws away what the client still sends until that closes
    /// as well, for 2 s at most (RFC 9112, section 9.6).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use chunkwire::{Error, Format, JsonBody};
    /// use chunkwire::server::{Body, Config, Server};
    /// use http::Response;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let squares = |_request| async {
    ///     let squares = (0_u64..1000).map(|n| n.checked_mul(n).ok_or("a square is too large"));
    ///     let body = JsonBody::new(Format::Array, squares).ready().await?;
    ///     Ok::<_, Error>(Response::new(Body::Left(body)))
    /// };
    /// Server::bind(&Config::default())?.serve_with(squares, std::future::pending()).await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn serve_with<F, A, S, E>(self, service: F, shutdown: impl Future<Output = ()>) -> usize
    where
        F: Fn(Request<Incoming>) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<Response<Body<S>>, E>> + Send + 'static,
        S: Stream<Item: Record> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>> + 'static,
    {
        let Self { mut acceptor, workers, config, status } = self;
        let limits = Limits::of(&config);
        let (phase, _) = watch::channel(Phase::Serve);
        let mut stopped = pin!(async {
            shutdown.await;
            status.stop();
            if !config.shutdown_delay.is_zero() {
                info!("not ready any more; the listener closes in {:?}", config.shutdown_delay);
                sleep(config.shutdown_delay).await;
            }
        });
        loop {
            let (socket, peer, place) = tokio::select! {
                accepted = acceptor.accept(&status) => accepted,
                () = &mut stopped => break,
            };
            let (service, status, phase) = (service.clone(), Arc::clone(&status), phase.subscribe());
            workers.serve(connection::serve(socket, peer, place, service, limits, status, phase));
        }
        drop(acceptor);
        info!(connections = phase.receiver_count(), "stopping");
        phase.send_replace(Phase::Drain);
        if timeout(config.shutdown_timeout, phase.closed()).await.is_err() {
            phase.send_replace(Phase::Cut);
            let _ = timeout(CUTTING, phase.closed()).await;
            warn!(responses = status.cuts(), "cut what had not finished in {:?}", config.shutdown_timeout);
        }
        status.cuts()
    }
}

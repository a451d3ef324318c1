//! The server: accepts connections until it is asked to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use super::config::Config;
use super::connection;
use super::routes::Routes;

/// How many connections may wait to be accepted; the system may hold it lower (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// How long to wait after an accept that failed for lack of something, such as file descriptors.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(100);

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
    listener: TcpListener,
    routes: Routes,
    shutdown_timeout: Duration,
}

impl Server {
    /// Listens on the configured address.
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
        let socket = if config.listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(config.listen)?;
        let listener = socket.listen(BACKLOG)?;
        Ok(Self { listener, routes: Routes::new(config), shutdown_timeout: config.shutdown_timeout })
    }

    /// The address that the server listens on, with its real port.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` is done, then lets responses finish for the configured time.
    ///
    /// Connections that are still open after that are cut when the runtime shuts down.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, routes, shutdown_timeout } = self;
        let connections = GracefulShutdown::new();
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((socket, peer)) => spawn(socket, peer, routes.clone(), &connections),
                    Err(error) => {
                        warn!(%error, "accepting a connection failed");
                        sleep(ACCEPT_BACKOFF).await;
                    }
                },
                () = &mut shutdown => break,
            }
        }
        drop(listener);
        info!(connections = connections.count(), "stopping");
        if timeout(shutdown_timeout, connections.shutdown()).await.is_err() {
            warn!("connections were cut that had not finished in {shutdown_timeout:?}");
        }
    }
}

fn spawn(socket: TcpStream, peer: SocketAddr, routes: Routes, connections: &GracefulShutdown) {
    if let Err(error) = connection::prepare(&socket) {
        debug!(%peer, %error, "the connection was gone before it was served");
        return;
    }
    let watcher = connections.watcher();
    tokio::spawn(async move {
        if let Err(error) = connection::serve(socket, routes, watcher).await {
            debug!(%peer, %error, "the connection broke");
        }
    });
}

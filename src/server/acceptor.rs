//! The listener: hands out connections, no more at once than allowed, whatever accepting comes to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tracing::warn;

use super::config::Config;
use super::limits;
use super::status::Status;

/// How many connections may wait to be accepted; the system may hold it lower (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// How long to wait after an accept that failed for lack of something, such as file descriptors. It doubles with each
/// failure in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long accepting has to work before another failure is worth another line in the log. At a limit, it fails and
/// works by turns.
const EPISODE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Acceptor {
    listener: TcpListener,
    places: Arc<Semaphore>,
    /// Failures since the last connection.
    failures: u32,
    last_failure: Option<Instant>,
}

/// A connection's place among those that may be open at once; dropping it leaves it to another.
pub(super) type Place = OwnedSemaphorePermit;

impl Acceptor {
    pub(super) fn bind(config: &Config) -> io::Result<Self> {
        let socket = if config.listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(config.listen)?;
        let listener = socket.listen(BACKLOG)?;
        let places = config.max_connections.map_or_else(limits::connections, Into::into);
        let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
        Ok(Self { listener, places, failures: 0, last_failure: None })
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next connection.
    ///
    /// It is accepted once there is a place for it. Until then it waits in the system's queue, and those that were
    /// accepted are not worse off.
    pub(super) async fn accept(&mut self, status: &Status) -> (TcpStream, SocketAddr, Place) {
        let place = Arc::clone(&self.places).acquire_owned().await.expect("nobody closes it");
        loop {
            match self.listener.accept().await {
                Ok((socket, peer)) => {
                    self.failures = 0;
                    return (socket, peer, place);
                }
                // The client changed its mind (accept(2)).
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => status.metrics.accept_failed(),
                Err(error) => {
                    status.metrics.accept_failed();
                    if self.last_failure.replace(Instant::now()).is_none_or(|last| last.elapsed() > EPISODE) {
                        warn!(%error, "accepting connections fails; trying again until it works");
                    }
                    let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
                    self.failures += 1;
                    sleep(pause).await;
                }
            }
        }
    }
}

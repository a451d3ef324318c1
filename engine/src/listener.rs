//! The listener: hands out connections, no more at once than allowed, whatever accepting comes to.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tracing::warn;

use crate::config::Config;
use crate::open_files;

/// How many connections may wait to be accepted; the system may hold it lower (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// How long to wait after an accept that failed for lack of something, such as file descriptors. It doubles with each
/// failure in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long accepting has to work before another failure is worth another line in the log. At a limit, it fails and
/// works by turns.
const EPISODE: Duration = Duration::from_secs(10);

/// A listening socket and the permits of its connections.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    permits: Arc<Semaphore>,
    /// Failures since the last connection.
    failures: u32,
    last_failure: Option<Instant>,
}

/// An accepted connection, whose socket no runtime knows any more.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) socket: std::net::TcpStream,
    pub(crate) peer: SocketAddr,
    /// Its place among the connections that may be open at once; dropping it leaves that to another.
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Listener {
    pub(crate) fn bind(address: SocketAddr, config: &Config) -> io::Result<Self> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let socket = socket.listen(BACKLOG)?;
        let permits = config.max_connections.map_or_else(open_files::connections, Into::into);
        Ok(Self {
            socket,
            permits: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            failures: 0,
            last_failure: None,
        })
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Returns the next connection, and calls `failed` for each that could not be accepted.
    ///
    /// It is accepted once there is a permit for it. Until then it waits in the system's queue, and those that were
    /// accepted are not worse off.
    pub(crate) async fn accept(&mut self, failed: impl Fn()) -> Accepted {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("nobody closes it");
        loop {
            let accepted = self.socket.accept().await;
            match accepted.and_then(|(socket, peer)| Ok((socket.into_std()?, peer))) {
                Ok((socket, peer)) => {
                    self.failures = 0;
                    return Accepted { socket, peer, permit };
                }
                // The client changed its mind (accept(2)).
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => failed(),
                Err(error) => {
                    failed();
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

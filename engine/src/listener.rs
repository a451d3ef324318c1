//! The listener: hands out connections, no more at once than allowed, whatever accepting comes to.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener, TcpStream as StdStream};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tracing::warn;

use crate::config::Config;
use crate::open_files;

/// How many connections may wait to be accepted; the system may hold it lower (`net.core.somaxconn`).
const BACKLOG: u16 = 4096;

/// How long to wait after an accept that failed for lack of something, such as file descriptors. It doubles with each
/// failure in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long accepting has to work before another failure is worth another line in the log. At a limit, it fails and
/// works by turns.
const EPISODE: Duration = Duration::from_secs(10);

/// Listens on an address, as [`Engine::bind`](crate::Engine::bind) does, for an [`Engine::new`](crate::Engine::new)
/// with several. Port 0 lets the system choose. `[::]` is every address of the system, of IPv6 and of IPv4.
///
/// # Errors
///
/// What the system says, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let listener = chunkwire_engine::listen("127.0.0.1:0".parse().unwrap())?;
/// assert_ne!(listener.local_addr()?.port(), 0);
/// # Ok(())
/// # }
/// ```
pub fn listen(address: SocketAddr) -> io::Result<StdListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows, it would let others take the same address.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG.into())?;
    Ok(socket.into())
}

/// Listening sockets and the permits of their connections.
#[derive(Debug)]
pub(crate) struct Listener {
    sockets: Vec<TcpListener>,
    /// The socket that is asked first.
    turn: usize,
    permits: Arc<Semaphore>,
    /// Failures since the last connection.
    failures: u32,
    last_failure: Option<Instant>,
}

/// An accepted connection, whose socket no runtime knows any more.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) socket: StdStream,
    pub(crate) peer: SocketAddr,
    /// Its place among the connections that may be open at once; dropping it leaves that to another.
    pub(crate) permit: OwnedSemaphorePermit,
}

/// What waits in the system's queues when no further connection is wanted.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Each with how many connections it can hold: those that come later don't prolong the shutdown.
    sockets: Vec<(StdListener, u16)>,
    permits: Arc<Semaphore>,
}

impl Listener {
    pub(crate) fn new(sockets: Vec<StdListener>, config: &Config) -> io::Result<Self> {
        if sockets.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there was no listener; allowed is one or more"));
        }
        let registered = |socket: StdListener| {
            socket.set_nonblocking(true)?;
            TcpListener::from_std(socket)
        };
        let permits = config.max_connections.map_or_else(open_files::connections, Into::into);
        Ok(Self {
            sockets: sockets.into_iter().map(registered).collect::<io::Result<_>>()?,
            turn: 0,
            permits: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            failures: 0,
            last_failure: None,
        })
    }

    pub(crate) fn local_addrs(&self) -> io::Result<Vec<SocketAddr>> {
        self.sockets.iter().map(TcpListener::local_addr).collect()
    }

    /// Returns the next connection, and calls `failed` for each that could not be accepted.
    ///
    /// It is accepted once there is a permit for it. Until then it waits in the system's queue, and those that were
    /// accepted are not worse off.
    pub(crate) async fn accept(&mut self, failed: impl Fn()) -> Accepted {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("nobody closes it");
        loop {
            match self.accept_any().await {
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

    /// Accepts from the sockets in turn, so that none waits for another that is always ready.
    async fn accept_any(&mut self) -> io::Result<(StdStream, SocketAddr)> {
        let (socket, peer) = poll_fn(|cx| {
            for _ in 0..self.sockets.len() {
                self.turn = (self.turn + 1) % self.sockets.len();
                if let Poll::Ready(accepted) = self.sockets[self.turn].poll_accept(cx) {
                    return Poll::Ready(accepted);
                }
            }
            Poll::Pending
        })
        .await?;
        Ok((socket.into_std()?, canonical(peer)))
    }

    /// Ends listening, but for what has come already.
    pub(crate) fn into_queue(self) -> Queue {
        let sockets = self.sockets.into_iter().filter_map(|socket| Some((socket.into_std().ok()?, BACKLOG)));
        Queue { sockets: sockets.collect(), permits: self.permits }
    }
}

impl Queue {
    /// Returns the next connection that waits, once there is a permit for it, or `None` when all were taken. The
    /// sockets are closed then; before, more may come.
    pub(crate) async fn next(&mut self, failed: impl Fn()) -> Option<Accepted> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("nobody closes it");
        while let Some((socket, left)) = self.sockets.last_mut() {
            let Some(less) = left.checked_sub(1) else {
                self.sockets.pop();
                continue;
            };
            *left = less;
            match socket.accept().and_then(|(stream, peer)| stream.set_nonblocking(true).map(|()| (stream, peer))) {
                Ok((socket, peer)) => return Some(Accepted { socket, peer: canonical(peer), permit }),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => failed(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => drop(self.sockets.pop()),
                // Connections that end make room, such as for file descriptors. The caller limits the time.
                Err(_) => {
                    failed();
                    sleep(FIRST_PAUSE).await;
                }
            }
        }
        None
    }
}

/// An address of IPv4 also where a socket of IPv6 took it.
fn canonical(peer: SocketAddr) -> SocketAddr {
    match peer.ip().to_canonical() {
        IpAddr::V4(ip) => (ip, peer.port()).into(),
        IpAddr::V6(_) => peer,
    }
}

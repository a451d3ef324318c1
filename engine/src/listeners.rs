//! The listeners: hand out connections, no more at once than allowed, whatever accepting comes to.

use std::future::poll_fn;
use std::io;
use std::net::TcpStream;
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;
use tracing::warn;

use crate::address::Address;
use crate::config::Config;
use crate::listener::{BACKLOG, Listener};
use crate::listening::{Connected, Listening, Registered};
use crate::open_files;
use crate::peer::Peer;
use crate::permits::Permits;
use crate::wire::Wire;

/// How long to wait after an accept that failed for lack of something, such as file descriptors. It doubles with each
/// failure in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long accepting has to work before another failure is worth another line in the log. At a limit, it fails and
/// works by turns.
const EPISODE: Duration = Duration::from_secs(10);

/// Listening sockets and the permits of their connections.
#[derive(Debug)]
pub(crate) struct Listeners {
    sockets: Vec<(Registered, Wire)>,
    /// The socket that is asked first.
    turn: usize,
    permits: Permits,
    /// Failures since the last connection.
    failures: u32,
    last_failure: Option<Instant>,
}

/// An accepted connection, whose socket no runtime knows any more.
#[derive(Debug)]
pub(crate) struct AcceptedConnection {
    pub(crate) socket: TcpStream,
    pub(crate) peer: Peer,
    pub(crate) wire: Wire,
    /// Its place among the connections that may be open at once; dropping it leaves that to another.
    pub(crate) permit: OwnedSemaphorePermit,
}

/// What waits in the system's queues when no further connection is wanted.
#[derive(Debug)]
pub(crate) struct Queue {
    /// Each with how many connections it can hold: those that come later don't prolong the shutdown.
    sockets: Vec<(Listening, Wire, u16)>,
    permits: Permits,
}

impl Listeners {
    pub(crate) fn new(listeners: Vec<Listener>, config: &Config) -> io::Result<Self> {
        if listeners.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there was no listener; allowed is one or more"));
        }
        Ok(Self {
            sockets: listeners
                .into_iter()
                .map(|Listener { socket, wire }| Ok((socket.register()?, wire)))
                .collect::<io::Result<_>>()?,
            turn: 0,
            permits: Permits::new(connections(config)),
            failures: 0,
            last_failure: None,
        })
    }

    /// Takes another limit of connections.
    pub(crate) fn limit(&mut self, config: &Config) {
        self.permits.set(connections(config));
    }

    pub(crate) fn addresses(&self) -> io::Result<Vec<Address>> {
        self.sockets.iter().map(|(socket, _)| socket.address()).collect()
    }

    /// Returns copies of the sockets, for another process.
    #[cfg(unix)]
    pub(crate) fn copies(&self) -> io::Result<Vec<OwnedFd>> {
        self.sockets.iter().map(|(socket, _)| socket.copy()).collect()
    }

    /// Returns the next connection, and calls `failed` for each that could not be accepted.
    ///
    /// It is accepted once there is a permit for it. Until then it waits in the system's queue, and those that were
    /// accepted are not worse off.
    pub(crate) async fn accept(&mut self, failed: impl Fn()) -> AcceptedConnection {
        let permit = self.permits.next().await;
        loop {
            match self.accept_any().await {
                Ok(((socket, peer), wire)) => {
                    self.failures = 0;
                    return AcceptedConnection { socket, peer: Peer::new(peer), wire, permit };
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
    async fn accept_any(&mut self) -> io::Result<(Connected, Wire)> {
        poll_fn(|cx| {
            for _ in 0..self.sockets.len() {
                self.turn = (self.turn + 1) % self.sockets.len();
                let (socket, wire) = &self.sockets[self.turn];
                if let Poll::Ready(accepted) = socket.poll_accept(cx) {
                    return Poll::Ready(accepted.map(|connected| (connected, wire.clone())));
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Ends listening, but for what has come already.
    pub(crate) fn into_queue(self) -> Queue {
        let sockets =
            self.sockets.into_iter().filter_map(|(socket, wire)| Some((socket.deregister().ok()?, wire, BACKLOG)));
        Queue { sockets: sockets.collect(), permits: self.permits }
    }
}

/// How many connections may be open at once.
fn connections(config: &Config) -> usize {
    config.max_connections.map_or_else(open_files::connections, Into::into)
}

impl Queue {
    /// Returns the next connection that waits, once there is a permit for it, or `None` when all were taken. The
    /// sockets are closed then; before, more may come.
    pub(crate) async fn next(&mut self, failed: impl Fn()) -> Option<AcceptedConnection> {
        let permit = self.permits.next().await;
        while let Some((socket, wire, left)) = self.sockets.last_mut() {
            let Some(less) = left.checked_sub(1) else {
                self.sockets.pop();
                continue;
            };
            *left = less;
            match socket.accept() {
                Ok((socket, peer)) => {
                    return Some(AcceptedConnection { socket, peer: Peer::new(peer), wire: wire.clone(), permit });
                }
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

//! What can be set about the server.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

/// What can be set about the server, with the values it has by default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The address to listen on; port 0 lets the system choose. Default: `0.0.0.0:3000`.
    pub listen: SocketAddr,
    /// How many users a response has where the request does not say. Default: 1,000.
    pub users: u64,
    /// How many users a request may ask for. Default: 1,000,000.
    pub max_users: u64,
    /// How many threads serve connections. Default: the number of cores.
    pub workers: Option<NonZeroUsize>,
    /// How many connections may be open at once; the next ones wait in the system's queue. Default: nine tenths of the
    /// limit of open files at the time when the server starts to listen.
    pub max_connections: Option<NonZeroUsize>,
    /// How long a request's head may take, from its first byte, or from the opening of the connection for the first
    /// head. The connection is closed then. Default: 10 s.
    pub head_timeout: Duration,
    /// How long a connection may be idle between two requests. Default: 60 s.
    pub idle_timeout: Duration,
    /// How long a client may take nothing of its response. The connection is reset then, and all that was kept for it
    /// is gone. A slow client lives: on Linux as long as it takes anything in this time, elsewhere about a chunk.
    /// Default: 30 s.
    pub stall_timeout: Duration,
    /// How long the server goes on as before once it was asked to stop, except that `/readyz` answers 503, so that a
    /// load balancer moves on first. Default: 0 s.
    pub shutdown_delay: Duration,
    /// How long responses may go on once the server has stopped to listen. Default: 10 s.
    pub shutdown_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 3000),
            users: 1000,
            max_users: 1_000_000,
            workers: None,
            max_connections: None,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(30),
            shutdown_delay: Duration::ZERO,
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

impl Config {
    /// Checks that the settings don't contradict each other.
    pub(super) fn check(&self) -> io::Result<()> {
        let Self { users, max_users, .. } = self;
        if users > max_users {
            let message =
                format!("{users} users per response are more than the {max_users} that a request may ask for");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let limits = [("head", self.head_timeout), ("idle", self.idle_timeout), ("stall", self.stall_timeout)];
        if let Some((name, _)) = limits.into_iter().find(|(_, limit)| limit.is_zero()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("a {name} timeout of zero leaves no time"),
            ));
        }
        Ok(())
    }
}

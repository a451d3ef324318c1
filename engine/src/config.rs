//! What can be set about an engine.

use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

/// What can be set about an engine, with the values that it has by default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How many threads serve connections. Default: the number of cores.
    pub workers: Option<NonZeroUsize>,
    /// How many connections may be open at once; the next ones wait in the system's queue. Default: nine tenths of the
    /// limit of open files at the time when the engine starts to listen.
    pub max_connections: Option<NonZeroUsize>,
    /// How long a request's head may take, from its first byte, or from the opening of the connection for the first
    /// head; and how long a client may be silent inside of a request's body while its response is not over. The connection is
    /// closed then. Default:
    /// 10 s.
    pub head_timeout: Duration,
    /// How long a connection may be idle between two requests. Default: 60 s.
    pub idle_timeout: Duration,
    /// How long a client may take nothing of its response. The connection is reset then, and all that was kept for it
    /// is gone. A slow client lives: on Linux as long as it takes anything in this time, elsewhere about a chunk.
    /// Default: 30 s.
    pub stall_timeout: Duration,
    /// How long the engine goes on as before after it was asked to stop, except that [`Handle::is_stopping`] says so,
    /// so that a load balancer moves on first. Default: 0 s.
    ///
    /// [`Handle::is_stopping`]: crate::Handle::is_stopping
    pub shutdown_delay: Duration,
    /// How long responses may go on after the engine has stopped to listen. Default: 10 s.
    pub shutdown_timeout: Duration,
}

/// Longer than anyone waits, and short enough for every clock: 30 years.
const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// A limit that can be added to the present time.
pub(crate) fn capped(limit: Duration) -> Duration {
    limit.min(LONGEST)
}

impl Default for Config {
    fn default() -> Self {
        Self {
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
    /// Checks that every limit leaves some time.
    pub(crate) fn check(&self) -> io::Result<()> {
        let limits = [("head", self.head_timeout), ("idle", self.idle_timeout), ("stall", self.stall_timeout)];
        match limits.into_iter().find(|(_, limit)| limit.is_zero()) {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("the {name} timeout was zero; allowed is any longer time");
                Err(io::Error::new(io::ErrorKind::InvalidInput, message))
            }
        }
    }
}

//! What can be set about an engine.

use std::io;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use chunkwire::LeastRate;

/// What can be set about an engine, with the values that it has by default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How many threads serve connections. Default: the number of cores.
    pub workers: Option<NonZeroUsize>,
    /// How many connections may be open at once; the next ones wait in the system's queue. Default: nine tenths of the
    /// limit of open files at the time when the engine starts to listen.
    pub max_connections: Option<NonZeroUsize>,
    /// How long the handshake of TLS may take, from the opening of the connection, which is closed then. The header of a
    /// proxy has as long before it. Default: 10 s.
    pub handshake_timeout: Duration,
    /// How long a request's head may take, from its first byte, or from the opening of the connection for the first
    /// head, which under TLS is the end of the handshake. The connection is closed then. Default: 10 s.
    pub head_timeout: Duration,
    /// How long the service may wait for a request's body in all, beside the time that the body takes at
    /// [`min_rate`](Self::min_rate). The body ends with an error then, and the connection after its response. Default:
    /// 10 s.
    pub body_timeout: Duration,
    /// How long a connection may be idle between two requests. Default: 75 s, longer than the 60 s that load balancers
    /// usually keep a connection: the side that closes first should be the one that sends, or a request may meet the
    /// close.
    pub idle_timeout: Duration,
    /// How long a client may be waited for in all, beside the time that what was sent takes at
    /// [`min_rate`](Self::min_rate). The connection is reset then, and all that was kept for it is gone. Default: 30 s.
    ///
    /// What was sent is what the kernels took, the client's included: less than 200 KB between two Linux hosts with
    /// common buffers, and so less than 4 minutes by default, for a client that reads nothing at all. No more than
    /// [`LeastRate::MOST_HELD`](chunkwire::LeastRate::MOST_HELD) of it counts, so that a client that stops after it has
    /// read much is waited for 36 minutes by default.
    pub stall_timeout: Duration,
    /// How fast a client has to take its response and to send a request's body, in bytes per second, while it is waited
    /// for. A client that is as fast is not cut, with a receive buffer of up to 32 MB: see
    /// [`LeastRate`](chunkwire::LeastRate). Default: 1,000.
    pub min_rate: NonZeroU32,
    /// How long the service may keep a client waiting, for the head of a response or for more of its body, while
    /// nothing moves. The connection is closed then, at the latest after twice this time, and a response is
    /// [left open](chunkwire::poll_cut). Default: 5 minutes.
    pub pause_timeout: Duration,
    /// The same for a client that has ended its side of the connection (`shutdown(SHUT_WR)`), which is also what is
    /// seen of one that has closed it. One that has reset it is gone at once. Default: 30 s.
    pub half_close_timeout: Duration,
    /// Whether clients may speak HTTP/2, which those do that begin with its preface (RFC 9113, section 3.3); under TLS
    /// it is offered before HTTP/1.1. Default: true.
    pub http2: bool,
    /// How many streams a connection of HTTP/2 may have open at once, each of which may hold a frame of its response.
    /// Default: 100, the least that RFC 9113 recommends (section 6.5.2).
    pub max_streams: NonZeroU32,
    /// How long the engine goes on as before after it was asked to stop, except that [`Handle::is_stopping`] says so,
    /// so that a load balancer moves on first. Default: 0 s.
    ///
    /// [`Handle::is_stopping`]: crate::Handle::is_stopping
    pub shutdown_delay: Duration,
    /// How long responses may go on after the engine has stopped to listen. What has not ended by then is cut, and
    /// [left open](chunkwire::poll_cut), for which there are 0.5 s more. Default: 10 s.
    pub shutdown_timeout: Duration,
    /// How long responses may go on after [`Handle::hand_over`]; the engine stops then as it does when it is asked to,
    /// with [`shutdown_timeout`](Self::shutdown_timeout) more. Default: 1 hour, in which a client that is a hundred times
    /// as fast as it has to be takes 360 MB.
    ///
    /// [`Handle::hand_over`]: crate::Handle::hand_over
    pub handover_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            workers: None,
            max_connections: None,
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            stall_timeout: Duration::from_secs(30),
            min_rate: const { NonZeroU32::new(1000).unwrap() },
            pause_timeout: Duration::from_secs(300),
            half_close_timeout: Duration::from_secs(30),
            http2: true,
            max_streams: const { NonZeroU32::new(100).unwrap() },
            shutdown_delay: Duration::ZERO,
            shutdown_timeout: Duration::from_secs(10),
            handover_timeout: Duration::from_secs(60 * 60),
        }
    }
}

impl Config {
    /// The longest that a time may be: 30 years, which every clock can count.
    pub const LONGEST: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

    /// How fast a client has to take its response.
    pub(crate) fn least_rate(&self) -> LeastRate {
        LeastRate::new(self.stall_timeout, self.min_rate)
    }

    /// Checks that every limit leaves some time, and that all times can be counted.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput), with what is wrong, and what is allowed.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut config = chunkwire_engine::Config::default();
    /// assert!(config.check().is_ok());
    /// config.head_timeout = std::time::Duration::ZERO;
    /// assert!(config.check().is_err());
    /// ```
    pub fn check(&self) -> io::Result<()> {
        let shortest = Duration::from_nanos(1);
        let times = [
            ("handshake timeout", self.handshake_timeout, shortest),
            ("head timeout", self.head_timeout, shortest),
            ("body timeout", self.body_timeout, shortest),
            ("idle timeout", self.idle_timeout, shortest),
            ("stall timeout", self.stall_timeout, shortest),
            ("pause timeout", self.pause_timeout, shortest),
            ("half-close timeout", self.half_close_timeout, shortest),
            ("shutdown delay", self.shutdown_delay, Duration::ZERO),
            ("shutdown timeout", self.shutdown_timeout, Duration::ZERO),
            ("handover timeout", self.handover_timeout, Duration::ZERO),
        ];
        match times.into_iter().find(|(_, time, least)| !(*least..=Self::LONGEST).contains(time)) {
            None => Ok(()),
            Some((name, time, least)) => {
                let longest = Self::LONGEST;
                let message = format!("the {name} was {time:?}; allowed is {least:?} to {longest:?} (30 years)");
                Err(io::Error::new(io::ErrorKind::InvalidInput, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_leave_nothing_or_that_no_clock_counts_are_named() {
        type Set = fn(&mut Config, Duration);
        let times: [(&str, Set, bool); 10] = [
            ("handshake timeout", |config, time| config.handshake_timeout = time, false),
            ("head timeout", |config, time| config.head_timeout = time, false),
            ("body timeout", |config, time| config.body_timeout = time, false),
            ("idle timeout", |config, time| config.idle_timeout = time, false),
            ("stall timeout", |config, time| config.stall_timeout = time, false),
            ("pause timeout", |config, time| config.pause_timeout = time, false),
            ("half-close timeout", |config, time| config.half_close_timeout = time, false),
            ("shutdown delay", |config, time| config.shutdown_delay = time, true),
            ("shutdown timeout", |config, time| config.shutdown_timeout = time, true),
            ("handover timeout", |config, time| config.handover_timeout = time, true),
        ];
        for (name, set, may_be_zero) in times {
            let nanosecond = Duration::from_nanos(1);
            for (time, is_allowed) in [
                (Duration::ZERO, may_be_zero),
                (nanosecond, true),
                (Config::LONGEST, true),
                (Config::LONGEST + nanosecond, false),
                (Duration::from_secs(10_u64.pow(19)), false),
                (Duration::MAX, false),
            ] {
                let mut config = Config::default();
                set(&mut config, time);
                let checked = config.check().map_err(|error| error.to_string());
                assert_eq!(checked.is_ok(), is_allowed, "{name} of {time:?}: {checked:?}");
                assert!(checked.err().is_none_or(|error| error.contains(name) && error.contains("946080000s")));
            }
        }
    }
}

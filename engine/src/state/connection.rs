//! The states of a connection, and what its transport, its service and its bodies tell each other through them.
//!
//! ```text
//!            request           flushed at the end          first bytes
//!  ┌─▶ Head ─────────▶ Busy ───────────────────────▶ Idle ─────────────┐
//!  │                                                                   │
//!  └───────────────────────────────────────────────────────────────────┘
//!  Handshake, of TLS ──established──▶ Head
//!  Head ──multiplex──▶ Streams, of HTTP/2, each with a state of its own
//!  Head, Idle or Streams, of which none is open ──leave──▶ Left ──shutdown──▶ closed
//!  Left ──request──▶ Busy, and Left ──a stream is opened──▶ Streams, if they had begun to come
//!  any other ──────────shutdown──▶ Lingering ──▶ closed
//! ```
//!
//! Beside its state a connection has how it ends, once that is known, and whether it is cut, which changes what is told of
//! its exchange and not how that goes on.
//!
//! HTTP/1.1 has one exchange at a time; a pipelined request takes the place of one that only waits for the transport.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chunkwire::LeastRate;

use super::exchange::Exchange;
use super::overview::Entry;
use super::silence::Silence;
use crate::observe::ConnectionEnd;
use crate::peer::Peer;

/// What a connection does.
#[derive(Debug)]
pub(super) enum State {
    /// The handshake of TLS.
    #[cfg(feature = "tls")]
    Handshake { due: Instant },
    /// A request's head is awaited: the first one, or one that has begun to come.
    Head {
        /// When it has to be there, once that is known.
        due: Option<Instant>,
    },
    /// An exchange is under way.
    Busy {
        exchange: Exchange,
        /// Whether the client can't tell a cut response from a complete one: HTTP/1.0 has no chunked coding (RFC 9112,
        /// section 6.3).
        is_http_10: bool,
        /// How fast the request's body comes.
        body: LeastRate,
    },
    /// No request has begun since the last exchange.
    Idle { due: Instant },
    /// The client speaks HTTP/2.
    Streams {
        open: usize,
        /// Until when another stream has to be opened if none is.
        due: Instant,
        /// How many bytes the client has sent.
        heard: u64,
    },
    /// The engine ends the connection, and nothing was under way. A request that has begun to come may still do so.
    Left { due: Instant },
    /// The engine has ended its side, and listens on so that its last response is not lost.
    Lingering { until: Instant },
}

/// What its parts share of a connection. All of them run in its task, one after the other.
#[derive(Debug)]
pub(crate) struct Connection {
    peer: Peer,
    pub(super) silence: Silence,
    entry: Entry,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) state: State,
    pub(super) end: Option<ConnectionEnd>,
    /// Whether the engine ends it without waiting for what is under way.
    pub(super) is_cut: bool,
    /// How many streams have ended by that.
    pub(super) cut_streams: usize,
    /// Whether the transport waits for the client to take bytes.
    is_blocked: bool,
    /// How often bytes have moved, one way or the other.
    pub(super) moves: u64,
}

impl Connection {
    /// A connection that was just accepted.
    pub(crate) fn new(peer: Peer, silence: Silence, entry: Entry) -> Self {
        let state = State::Head { due: Some(Instant::now() + silence.head) };
        let inner = Inner { state, end: None, is_cut: false, cut_streams: 0, is_blocked: false, moves: 0 };
        Self { peer, silence, entry, inner: Mutex::new(inner) }
    }

    /// Its other side.
    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        // It is consistent at every moment, so that a panic elsewhere does not matter to it.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of a request came.
    pub(crate) fn request(&self, at: Instant, is_http_10: bool) {
        let exchange = Exchange::Requested { at };
        let body = self.silence.body.clone();
        self.inner().state = State::Busy { exchange, is_http_10, body };
    }

    /// The client sent bytes, or ended its side, which is none.
    pub(crate) fn heard(&self, bytes: usize) {
        let inner = &mut *self.inner();
        inner.moves += 1;
        match &mut inner.state {
            State::Idle { .. } => inner.state = State::Head { due: None },
            State::Busy { body, .. } => body.moved(bytes),
            State::Streams { heard, .. } => *heard += bytes as u64,
            _ => {}
        }
    }

    /// The client is silent while it is listened to. Returns until when it may be, if that is bounded here.
    pub(crate) fn silent(&self) -> Option<Instant> {
        match &mut self.inner().state {
            #[cfg(feature = "tls")]
            State::Handshake { due } => Some(*due),
            State::Head { due } => Some(*due.get_or_insert_with(|| Instant::now() + self.silence.head)),
            State::Idle { due } | State::Left { due } => Some(*due),
            // The next head, which no one has to send before the response has gone.
            State::Busy { exchange: Exchange::HandedOver { .. }, .. } => None,
            State::Busy { body, .. } => Some(body.due()),
            State::Streams { .. } | State::Lingering { .. } => None,
        }
    }

    /// The client was silent for too long. Returns how the connection ends.
    pub(crate) fn silent_too_long(&self) -> ConnectionEnd {
        let end = match self.inner().state {
            #[cfg(feature = "tls")]
            State::Handshake { .. } => ConnectionEnd::HandshakeTimeout,
            State::Idle { .. } | State::Streams { .. } => ConnectionEnd::IdleTimeout,
            State::Busy { .. } => ConnectionEnd::BodyTimeout,
            State::Head { .. } | State::Left { .. } | State::Lingering { .. } => ConnectionEnd::HeadTimeout,
        };
        self.end(end);
        self.leave();
        end
    }

    /// The transport took bytes. Returns how long after the request, if they are the first of its response.
    pub(crate) fn sent(&self, bytes: usize) -> Option<Duration> {
        self.entry.sent(bytes);
        let inner = &mut *self.inner();
        inner.is_blocked = false;
        inner.moves += 1;
        match &mut inner.state {
            State::Busy { exchange, .. } => exchange.sent(),
            _ => None,
        }
    }

    /// The transport waits for the client to take bytes.
    pub(crate) fn blocked(&self) {
        let inner = &mut *self.inner();
        inner.is_blocked = true;
        // Each stream of HTTP/2 waits by itself.
        if let State::Busy { .. } = inner.state {
            self.entry.waits();
        }
    }

    /// Whether the client waits for the service, or the service for a part of the request's body. Returns how often
    /// bytes have moved before, which tells one wait from another.
    pub(crate) fn waits_for_service(&self) -> Option<u64> {
        let inner = self.inner();
        let is_open = match &inner.state {
            State::Busy { exchange, .. } => !exchange.is_handed_over(),
            _ => false,
        };
        (is_open && !inner.is_blocked).then_some(inner.moves)
    }

    /// The response was handed over to its end. A stream of HTTP/2 knows that by its frames.
    pub(crate) fn handed_over(&self) {
        if let State::Busy { exchange, .. } = &mut self.inner().state {
            exchange.handed_over();
        }
    }

    /// The transport took everything that was handed over. Returns until when another request has to come, if the
    /// exchange is over now.
    pub(crate) fn flushed(&self) -> Option<Instant> {
        let state = &mut self.inner().state;
        match state {
            State::Busy { exchange, .. } if exchange.is_handed_over() => {
                let due = Instant::now() + self.silence.idle;
                *state = State::Idle { due };
                Some(due)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::address::Address;
    use crate::config::Config;
    use crate::state::overview::Overview;

    pub(in crate::state) const HANDSHAKE: Duration = Duration::from_secs(5);
    pub(in crate::state) const HEAD: Duration = Duration::from_secs(10);
    const BODY: Duration = Duration::from_secs(20);
    const IDLE: Duration = Duration::from_secs(60);

    pub(in crate::state) fn fresh() -> Connection {
        let mut config = Config::default();
        (config.handshake_timeout, config.head_timeout) = (HANDSHAKE, HEAD);
        (config.body_timeout, config.idle_timeout) = (BODY, IDLE);
        Connection::new(Peer::new(Address::Unix(None)), Silence::of(&config), Arc::<Overview>::default().enter())
    }

    pub(in crate::state) fn asked() -> Connection {
        let connection = fresh();
        connection.request(Instant::now(), false);
        connection
    }

    pub(in crate::state) fn is_in(due: Option<Instant>, limit: Duration) -> bool {
        let left = due.unwrap().saturating_duration_since(Instant::now());
        left <= limit && left + Duration::from_secs(5) > limit
    }

    #[test]
    fn heads_idle_times_and_bodies_have_limits_of_their_own() {
        let connection = fresh();
        assert!(is_in(connection.silent(), HEAD), "the first head");
        connection.heard(1);
        connection.request(Instant::now(), false);
        assert!(is_in(connection.silent(), BODY), "a body");
        connection.handed_over();
        assert_eq!(connection.silent(), None, "the response is still on its way");
        assert!(is_in(connection.flushed(), IDLE));
        assert!(is_in(connection.silent(), IDLE));
        connection.heard(1);
        assert!(is_in(connection.silent(), HEAD), "a second head");
        assert_eq!(connection.silent_too_long(), ConnectionEnd::HeadTimeout);
        assert_eq!(connection.shutdown(), None, "nothing is under way");
    }

    #[test]
    fn a_head_that_has_begun_has_its_limit_after_the_connection_is_left() {
        let connection = fresh();
        connection.leave();
        assert!(is_in(connection.silent(), HEAD));
        connection.request(Instant::now(), false);
        assert_eq!(connection.responses(), 1, "it came in time");
    }

    #[test]
    fn no_limit_is_too_long_for_the_clock() {
        let mut config = Config::default();
        (config.head_timeout, config.idle_timeout) = (Config::LONGEST, Config::LONGEST);
        let connection =
            Connection::new(Peer::new(Address::Unix(None)), Silence::of(&config), Arc::<Overview>::default().enter());
        connection.request(Instant::now(), false);
        connection.handed_over();
        assert!(connection.flushed() > Some(Instant::now() + Duration::from_secs(3600)));
    }

    #[test]
    fn a_client_waits_for_the_service_until_it_is_waited_for_or_has_it_all() {
        let connection = fresh();
        assert_eq!(connection.waits_for_service(), None, "it has not asked");
        connection.request(Instant::now(), false);
        let asked = connection.waits_for_service();
        assert!(asked.is_some());
        connection.blocked();
        assert_eq!(connection.waits_for_service(), None);
        connection.sent(1);
        assert!(connection.waits_for_service() > asked, "that is another wait");
        connection.handed_over();
        assert_eq!(connection.waits_for_service(), None);
    }
}

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
//!  any other ──────────shutdown──▶ Lingering ──▶ closed
//! ```
//!
//! HTTP/1.1 has one exchange at a time; a pipelined request takes the place of one that only waits for the transport.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chunkwire::{LeastRate, Outcome};

use super::exchange::Exchange;
use super::silence::Silence;
use crate::observe::ConnectionEnd;
use crate::peer::Peer;

/// How long a client may send on after the engine has ended its side of the connection.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

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
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) state: State,
    end: Option<ConnectionEnd>,
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
    pub(crate) fn new(peer: Peer, silence: Silence) -> Self {
        let state = State::Head { due: Some(Instant::now() + silence.head) };
        let inner = Inner { state, end: None, is_cut: false, cut_streams: 0, is_blocked: false, moves: 0 };
        Self { peer, silence, inner: Mutex::new(inner) }
    }

    /// Who it is with.
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
    pub(crate) fn sent(&self) -> Option<Duration> {
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
        self.inner().is_blocked = true;
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

    /// The engine wants to end the connection. If nothing is under way, it need not wait for the client to close.
    pub(crate) fn leave(&self) {
        let state = &mut self.inner().state;
        match *state {
            State::Head { due } => {
                let due = due.unwrap_or_else(|| Instant::now() + self.silence.head);
                *state = State::Left { due };
            }
            State::Idle { due } => *state = State::Left { due },
            State::Streams { open: 0, .. } => *state = State::Left { due: Instant::now() + self.silence.head },
            _ => {}
        }
    }

    /// The engine has ended its side. Returns until when it listens on, if at all.
    pub(crate) fn shutdown(&self) -> Option<Instant> {
        let state = &mut self.inner().state;
        match *state {
            State::Left { .. } => None,
            State::Lingering { until } => Some(until),
            _ => {
                let until = Instant::now() + LINGER;
                *state = State::Lingering { until };
                Some(until)
            }
        }
    }

    /// Whether the engine has ended its side and listens on.
    pub(crate) fn is_lingering(&self) -> bool {
        matches!(self.inner().state, State::Lingering { .. })
    }

    /// How many responses are under way, or were cut: those whose end the transport did not take.
    pub(crate) fn responses(&self) -> usize {
        let inner = self.inner();
        let under_way = match inner.state {
            State::Busy { .. } => 1,
            State::Streams { open, .. } => open,
            _ => 0,
        };
        under_way + inner.cut_streams
    }

    /// Says how the connection ends, unless that was said before.
    ///
    /// A client that was silent inside of a request's body may get a response all the same, and that may end otherwise.
    pub(crate) fn end(&self, end: ConnectionEnd) {
        let known = &mut self.inner().end;
        let is_outdated = *known == Some(ConnectionEnd::BodyTimeout) && end != ConnectionEnd::Broken;
        if known.is_none() || is_outdated {
            *known = Some(end);
        }
    }

    /// How the connection ended.
    pub(crate) fn how_it_ended(&self) -> ConnectionEnd {
        self.inner().end.unwrap_or(ConnectionEnd::Closed)
    }

    /// What becomes of a response that the connection drops or cuts before its end.
    pub(crate) fn outcome_of_dropped(&self) -> Outcome {
        match self.inner().end {
            Some(ConnectionEnd::Stalled) => Outcome::Stalled,
            Some(ConnectionEnd::ShutDown) => Outcome::ShutDown,
            Some(ConnectionEnd::Paused) => Outcome::SourceFailed,
            _ => Outcome::ClientGone,
        }
    }

    /// Whether an orderly end would keep memory for a client that does not read, or let one take a part of a response
    /// for the whole.
    pub(crate) fn must_be_reset(&self) -> bool {
        let inner = self.inner();
        let deceives = matches!(inner.state, State::Busy { is_http_10: true, .. });
        inner.end == Some(ConnectionEnd::Stalled) || deceives
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::address::Address;
    use crate::config::Config;

    pub(in crate::state) const HANDSHAKE: Duration = Duration::from_secs(5);
    pub(in crate::state) const HEAD: Duration = Duration::from_secs(10);
    const BODY: Duration = Duration::from_secs(20);
    const IDLE: Duration = Duration::from_secs(60);

    pub(in crate::state) fn fresh() -> Connection {
        let mut config = Config::default();
        (config.handshake_timeout, config.head_timeout) = (HANDSHAKE, HEAD);
        (config.body_timeout, config.idle_timeout) = (BODY, IDLE);
        Connection::new(Peer::new(Address::Unix(None)), Silence::of(&config))
    }

    fn asked() -> Connection {
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
        let connection = Connection::new(Peer::new(Address::Unix(None)), Silence::of(&config));
        connection.request(Instant::now(), false);
        connection.handed_over();
        assert!(connection.flushed() > Some(Instant::now() + Duration::from_secs(3600)));
    }

    #[test]
    fn a_stall_after_a_silent_body_is_a_stall() {
        let connection = asked();
        assert_eq!(connection.silent_too_long(), ConnectionEnd::BodyTimeout);
        connection.end(ConnectionEnd::Broken);
        assert_eq!(connection.how_it_ended(), ConnectionEnd::BodyTimeout);
        connection.end(ConnectionEnd::Stalled);
        assert_eq!(connection.how_it_ended(), ConnectionEnd::Stalled);
        assert!(connection.must_be_reset());
    }

    #[test]
    fn a_connection_with_a_response_under_way_is_not_left() {
        let connection = asked();
        connection.leave();
        assert_eq!(connection.responses(), 1);
        connection.handed_over();
        assert!(connection.flushed().is_some());
        let until = connection.shutdown();
        assert!(is_in(until, LINGER) && connection.is_lingering());
        assert_eq!(connection.shutdown(), until, "asked again");
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
        connection.sent();
        assert!(connection.waits_for_service() > asked, "that is another wait");
        connection.handed_over();
        assert_eq!(connection.waits_for_service(), None);
    }

    #[test]
    fn the_first_end_is_the_end() {
        let connection = asked();
        assert_eq!(connection.how_it_ended(), ConnectionEnd::Closed);
        connection.end(ConnectionEnd::Stalled);
        connection.end(ConnectionEnd::Broken);
        assert_eq!(connection.how_it_ended(), ConnectionEnd::Stalled);
        assert_eq!(connection.outcome_of_dropped(), Outcome::Stalled);
        assert!(connection.must_be_reset());
    }

    #[test]
    fn only_http_1_0_is_deceived_by_an_orderly_end() {
        for is_http_10 in [false, true] {
            let connection = fresh();
            connection.request(Instant::now(), is_http_10);
            assert_eq!(connection.must_be_reset(), is_http_10);
            connection.handed_over();
            assert_eq!(connection.must_be_reset(), is_http_10, "its end is still on its way");
            connection.flushed();
            assert!(!connection.must_be_reset());
        }
    }
}

//! How a connection ends, and what that means to its response.

use std::time::{Duration, Instant};

use chunkwire::Outcome;

use super::connection::{Connection, State};
use crate::observe::ConnectionEnd;

/// How long a client may send on after the engine has ended its side of the connection.
const LINGER: Duration = Duration::from_secs(2);

impl Connection {
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
mod tests {
    use super::*;
    use crate::state::connection::tests::{asked, fresh, is_in};

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

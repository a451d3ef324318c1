//! A connection that the engine cuts, and what a response that is under way there may still say.

use std::time::Duration;

use super::connection::{Connection, State};
use super::exchange::Exchange;
use crate::observe::ConnectionEnd;

/// How long a response that is cut has for its last words, and for the time that an error waits after them.
pub(crate) const LAST_WORDS: Duration = Duration::from_millis(500);

impl Connection {
    /// The engine ends the connection without waiting for what is under way. Returns whether there is a response that
    /// can still say so.
    pub(crate) fn cut(&self, end: ConnectionEnd) -> bool {
        self.end(end);
        let mut inner = self.inner();
        inner.is_cut = true;
        match inner.state {
            State::Busy { exchange, .. } => !matches!(exchange, Exchange::Requested { .. }),
            State::Streams { open, .. } => open > 0,
            _ => false,
        }
    }

    /// Whether the engine cuts the connection.
    pub(crate) fn is_cut(&self) -> bool {
        self.inner().is_cut
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::state::connection::tests::fresh;

    #[test]
    fn only_a_response_that_has_begun_has_last_words() {
        let connection = fresh();
        assert!(!connection.cut(ConnectionEnd::ShutDown) && connection.is_cut(), "nothing was asked");

        let connection = fresh();
        connection.request(Instant::now(), false);
        assert!(!connection.cut(ConnectionEnd::Paused), "the service is awaited");
        connection.sent(1);
        assert!(connection.cut(ConnectionEnd::ShutDown));
        assert_eq!((connection.how_it_ended(), connection.responses()), (ConnectionEnd::Paused, 1));
    }

    #[test]
    fn streams_that_end_without_their_whole_response_are_cut() {
        let connection = fresh();
        connection.multiplex();
        assert!(!connection.cut(ConnectionEnd::ShutDown), "no stream is open");

        let connection = fresh();
        connection.multiplex();
        (0..4).for_each(|_| connection.stream_opened());
        connection.stream_closed(false);
        assert_eq!(connection.responses(), 3, "that was its client's doing");
        assert!(connection.cut(ConnectionEnd::ShutDown));
        connection.stream_closed(true);
        connection.stream_closed(false);
        assert_eq!(connection.responses(), 2, "one was cut, and one is still open");
    }
}

//! The handshake of TLS, before a connection has its first request.

use std::time::Instant;

use super::connection::{Connection, State};

impl Connection {
    /// The handshake of TLS comes first.
    pub(crate) fn handshake(&self) {
        self.inner().state = State::Handshake { due: Instant::now() + self.silence.handshake };
    }

    /// Whether nothing has come of the client.
    pub(crate) fn is_silent(&self) -> bool {
        self.inner().moves == 0
    }

    /// The handshake has ended, with these certificates of the client.
    pub(crate) fn established(&self, certificates: Vec<Vec<u8>>) {
        self.peer().showed(certificates);
        self.inner().state = State::Head { due: Some(Instant::now() + self.silence.head) };
    }
}

#[cfg(test)]
mod tests {
    use crate::observe::ConnectionEnd;
    use crate::state::connection::tests::{HANDSHAKE, HEAD, fresh, is_in};

    #[test]
    fn a_handshake_has_a_limit_of_its_own_before_that_of_the_head() {
        let connection = fresh();
        connection.handshake();
        assert!(is_in(connection.silent(), HANDSHAKE));
        connection.heard(1);
        connection.leave();
        assert!(is_in(connection.silent(), HANDSHAKE), "it is under way");
        connection.established(Vec::new());
        assert!(is_in(connection.silent(), HEAD));
        connection.handshake();
        assert_eq!(connection.silent_too_long(), ConnectionEnd::HandshakeTimeout);
    }
}

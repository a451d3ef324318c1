//! A connection of HTTP/2, which counts its streams; each has a state of its own.

use std::time::{Duration, Instant};

use super::connection::{Connection, State};

impl Connection {
    /// The client speaks HTTP/2.
    pub(crate) fn multiplex(&self) {
        let due = Instant::now() + self.silence.head;
        self.inner().state = State::Streams { open: 0, due, heard: 0 };
    }

    /// A stream was opened, be it after the engine wanted to end the connection.
    pub(crate) fn stream_opened(&self) {
        let state = &mut self.inner().state;
        match state {
            State::Streams { open, .. } => *open += 1,
            State::Left { due } => *state = State::Streams { open: 1, due: *due, heard: 0 },
            _ => {}
        }
    }

    /// A stream has ended, with the whole of its response or without.
    pub(crate) fn stream_closed(&self, is_whole: bool) {
        let inner = &mut *self.inner();
        if let State::Streams { open, due, .. } = &mut inner.state {
            *open -= 1;
            inner.cut_streams += usize::from(inner.is_cut && !is_whole);
            *due = Instant::now() + self.silence.idle;
        }
    }

    /// Until when another stream has to be opened, if none is open.
    pub(crate) fn idle_until(&self) -> Option<Instant> {
        match self.inner().state {
            State::Streams { open: 0, due, .. } => Some(due),
            _ => None,
        }
    }

    /// How long no stream need be open.
    pub(crate) fn idle_time(&self) -> Duration {
        self.silence.idle
    }

    /// How many bytes the client has sent since it speaks HTTP/2.
    pub(crate) fn heard_by_streams(&self) -> u64 {
        match self.inner().state {
            State::Streams { heard, .. } => heard,
            _ => 0,
        }
    }
}

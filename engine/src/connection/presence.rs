//! Whether a client is still there while nothing is written to it: while a handler awaits, or a source pauses.
//!
//! hyper reads nothing during a response, and so does not notice a client that leaves then.

use std::future;
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Config;
use crate::observe::ConnectionEnd;
use crate::state::connection::Connection;

/// How long the service may keep a client waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// A client that is there.
    pause: Duration,
    /// A client that has ended its side.
    half_closed: Duration,
}

impl Patience {
    pub(super) fn of(config: &Config) -> Self {
        Self { pause: config.pause_timeout, half_closed: config.half_close_timeout }
    }
}

/// The half of a socket by which it is watched, and which does nothing to it.
#[derive(Debug)]
pub(super) struct Watched(Option<OwnedWriteHalf>);

impl Watched {
    pub(super) fn new(half: OwnedWriteHalf) -> Self {
        Self(Some(half))
    }

    /// Ready when the client has reset the connection, or was kept waiting for too long. Returns how the connection
    /// ends.
    pub(super) async fn gone(&self, connection: &Connection, patience: Patience) -> ConnectionEnd {
        let Some(socket) = self.0.as_ref().map(AsRef::as_ref) else { future::pending().await };
        let mut looks = interval(patience.pause.min(patience.half_closed));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // By the clock of the looks: one that comes late makes no wait shorter.
        let mut wait = None;
        loop {
            let look = tokio::select! {
                biased;
                _ = socket.ready(Interest::ERROR) => return ConnectionEnd::Broken,
                look = looks.tick() => look,
            };
            let Some(moves) = connection.waits_for_service() else {
                wait = None;
                continue;
            };
            let since = wait.filter(|(before, _)| *before == moves).map_or(look, |(_, since)| since);
            wait = Some((moves, since));
            let waited = look - since;
            if waited >= patience.pause {
                return ConnectionEnd::Paused;
            }
            if waited >= patience.half_closed && has_ended_its_side(socket).await {
                return ConnectionEnd::Broken;
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(half) = self.0.take() {
            half.forget();
        }
    }
}

/// Whether the client sends nothing more, as far as the runtime knows by now.
async fn has_ended_its_side(socket: &TcpStream) -> bool {
    tokio::select! {
        biased;
        ready = socket.ready(Interest::READABLE) => ready.is_ok_and(|ready| ready.is_read_closed()),
        () = future::ready(()) => false,
    }
}

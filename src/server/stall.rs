//! A client that takes nothing, told from one that takes so little that writes don't show it.
//!
//! Linux reports a socket as writable only when half of what it may hold unsent has gone (`TCP_NOTSENT_LOWAT`), so a
//! write can wait for a slow client for a long time. Before such a client is given up, the kernel is asked whether it
//! has taken anything.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use super::deadline::Deadline;
use super::outstanding::outstanding;

/// The part of the limit after which the kernel is asked for the first time. Most writes that wait don't wait so long,
/// and cost nothing. What a client takes before does not count.
const FIRST_LOOK: u32 = 8;

/// A write that waits for the client.
#[derive(Debug)]
pub(super) struct Stall {
    /// When the client was last seen to take something.
    since: Instant,
    /// What it had still to take when the kernel was last asked, in bytes.
    outstanding: Option<u32>,
}

impl Stall {
    /// Begins with a write that has to wait.
    pub(super) fn begin() -> Self {
        Self { since: Instant::now(), outstanding: None }
    }

    /// Ready once the client has taken nothing for as long as `limit`.
    pub(super) fn poll(
        &mut self,
        limit: Duration,
        socket: &TcpStream,
        alarm: &mut Deadline,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut before = match self.outstanding {
            Some(before) => before,
            None => {
                ready!(alarm.poll(self.since + limit / FIRST_LOOK, cx));
                *self.outstanding.insert(outstanding(socket))
            }
        };
        loop {
            ready!(alarm.poll(self.since + limit, cx));
            let now = outstanding(socket);
            if now >= before {
                return Poll::Ready(());
            }
            self.since = Instant::now();
            before = *self.outstanding.insert(now);
        }
    }
}

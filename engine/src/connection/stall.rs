//! A client that takes nothing, told from one that takes so little that writes don't show it.
//!
//! Linux reports a socket as writable only when half of what it may hold unsent has gone (`TCP_NOTSENT_LOWAT`), so a
//! write can wait for a slow client for a long time. Before such a client is given up, the kernel is asked whether it
//! has taken anything.

use std::mem;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use super::deadline::Deadline;
use super::send_queue::unacknowledged;

/// The part of the limit after which the kernel is asked for the first time. Most writes that wait don't wait so long,
/// and cost nothing. What a client takes before does not count.
const FIRST_LOOK: u32 = 8;

/// A write that waits for the client.
#[derive(Debug)]
pub(super) struct Stall {
    /// When the client was last seen to take something.
    since: Instant,
    /// Whether the kernel was asked.
    looked: bool,
    /// What it said that the client had still to take, in bytes.
    unacknowledged: Option<u32>,
}

impl Stall {
    /// Begins with a write that has to wait.
    pub(super) fn begin() -> Self {
        Self { since: Instant::now(), looked: false, unacknowledged: None }
    }

    /// Ready once the client has taken nothing for as long as `limit`.
    pub(super) fn poll(
        &mut self,
        limit: Duration,
        socket: &TcpStream,
        alarm: &mut Deadline,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        if !self.looked {
            ready!(alarm.poll(self.since + limit / FIRST_LOOK, cx));
            self.looked = true;
            self.unacknowledged = unacknowledged(socket);
        }
        loop {
            ready!(alarm.poll(self.since + limit, cx));
            let before = mem::replace(&mut self.unacknowledged, unacknowledged(socket));
            let has_moved = self.unacknowledged.zip(before).is_some_and(|(now, before)| now < before);
            if !has_moved {
                return Poll::Ready(());
            }
            self.since = Instant::now();
        }
    }
}

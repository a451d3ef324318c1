//! What the parts of one connection tell each other: transport, service and bodies.
//!
//! All of them run in the task of the connection, one after the other; the atomics are there so that it may move
//! between threads, and order nothing.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::DropOutcome;

/// What the parts of one connection tell each other.
#[derive(Debug)]
pub(super) struct Signals {
    /// What bodies are told when they are dropped.
    pub(super) fate: DropOutcome,
    opened: Instant,
    response: AtomicU8,
    /// Whether a request came since the transport last asked.
    requested: AtomicBool,
    /// Whether the client can't tell a cut response from a complete one.
    http_10: AtomicBool,
    /// When the request came whose response has no byte sent, in nanoseconds since the opening; or 0.
    unanswered: AtomicU64,
    /// Whether the server ends the connection while nothing is under way.
    left: AtomicBool,
    end: AtomicU8,
}

/// No response is under way.
const NONE: u8 = 0;
/// A request came, and its response was not handed over to its end.
const UNDER_WAY: u8 = 1;
/// All of the response was handed over, and may wait for the transport.
const HANDED_OVER: u8 = 2;

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Ending {
    /// As HTTP has it.
    Closed = 0,
    /// The client went away or broke the protocol.
    Broken,
    /// A request's head took too long.
    HeadTimeout,
    /// No further request came.
    IdleTimeout,
    /// The client did not read.
    Stalled,
    /// A response could not be completed.
    Failed,
    /// The server shut down and could not wait.
    ShutDown,
}

impl Ending {
    pub(super) const ALL: [(Self, &str); 7] = [
        (Self::Closed, "closed"),
        (Self::Broken, "broken"),
        (Self::HeadTimeout, "head_timeout"),
        (Self::IdleTimeout, "idle_timeout"),
        (Self::Stalled, "stalled"),
        (Self::Failed, "failed"),
        (Self::ShutDown, "shut_down"),
    ];
}

impl Signals {
    pub(super) fn new() -> Self {
        Self {
            fate: DropOutcome::default(),
            opened: Instant::now(),
            response: AtomicU8::new(NONE),
            requested: AtomicBool::new(false),
            http_10: AtomicBool::new(false),
            unanswered: AtomicU64::new(0),
            left: AtomicBool::new(false),
            end: AtomicU8::new(Ending::Closed as u8),
        }
    }

    /// The head of a request came.
    pub(super) fn request(&self, http_10: bool) {
        self.response.store(UNDER_WAY, Relaxed);
        self.requested.store(true, Relaxed);
        self.left.store(false, Relaxed);
        self.http_10.store(http_10, Relaxed);
        self.unanswered.store(self.opened.elapsed().as_nanos().max(1) as u64, Relaxed);
    }

    /// Whether a request came since this was last asked.
    pub(super) fn take_requested(&self) -> bool {
        let requested = self.requested.load(Relaxed);
        if requested {
            self.requested.store(false, Relaxed);
        }
        requested
    }

    /// The transport took bytes. Returns how long the first of a response were in coming.
    pub(super) fn sent(&self) -> Option<Duration> {
        let since = self.unanswered.load(Relaxed);
        if since == 0 {
            return None;
        }
        self.unanswered.store(0, Relaxed);
        Some(self.opened.elapsed().saturating_sub(Duration::from_nanos(since)))
    }

    /// The response was handed over to its end.
    pub(super) fn handed_over(&self) {
        self.response.store(HANDED_OVER, Relaxed);
    }

    /// The transport took everything that was handed over.
    pub(super) fn flushed(&self) {
        if self.response.load(Relaxed) == HANDED_OVER {
            self.response.store(NONE, Relaxed);
        }
    }

    /// Whether a response was begun whose end the transport did not take.
    pub(super) fn is_responding(&self) -> bool {
        self.response.load(Relaxed) != NONE
    }

    /// Whether the client would take what it has for a whole response if the connection just ended: HTTP/1.0 has no
    /// chunked coding (RFC 9112, section 6.3).
    pub(super) fn end_would_deceive(&self) -> bool {
        self.http_10.load(Relaxed) && self.is_responding()
    }

    /// The server wants to end the connection. Where nothing is under way, it need not wait for the client to close.
    pub(super) fn leave(&self) {
        self.left.store(!self.is_responding(), Relaxed);
    }

    /// Whether the server ended the connection while nothing was under way, and nothing came since.
    pub(super) fn has_left(&self) -> bool {
        self.left.load(Relaxed)
    }

    /// Says how the connection ends, unless that was said before.
    pub(super) fn end(&self, ending: Ending) {
        let _ = self.end.compare_exchange(Ending::Closed as u8, ending as u8, Relaxed, Relaxed);
    }

    /// How the connection ended.
    pub(super) fn ending(&self) -> Ending {
        Ending::ALL[usize::from(self.end.load(Relaxed))].0
    }
}

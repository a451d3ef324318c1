//! The states of a stream of HTTP/2: an exchange beside others on its connection.
//!
//! ```text
//!           frame
//!  ┌─────────────────────▶ Client
//! Service                    │
//!  ▲───────────pauses────────┘
//!
//! Requested ──responded──▶ Responded ──handed_over──▶ HandedOver
//! ```
//!
//! The first says what is waited for, the second how far the exchange has come.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chunkwire::{LeastRate, Outcome};

use super::connection::Connection;
use super::cut::LAST_WORDS;
use super::overview::{Entry, Overview};
use crate::config::Config;

/// What holds for each stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamLimits {
    /// How many may be open at once.
    pub(crate) most: u32,
    /// How fast the client takes its response.
    response: LeastRate,
    /// How long the service may keep the client waiting, beside the time that what the client sends takes.
    pause: LeastRate,
    /// How many are open on all connections.
    open: Arc<AtomicUsize>,
    overview: Arc<Overview>,
}

impl StreamLimits {
    pub(crate) fn of(config: &Config, open: &Arc<AtomicUsize>, overview: &Arc<Overview>) -> Self {
        let pause = LeastRate::new(config.pause_timeout, config.min_rate);
        let (open, overview) = (Arc::clone(open), Arc::clone(overview));
        Self { most: config.max_streams.get(), response: config.least_rate(), pause, open, overview }
    }
}

/// What is waited for.
#[derive(Debug)]
enum WaitsFor {
    /// The service, or the request's body, of which is known only what comes for all streams together.
    Service { pause: LeastRate, heard: u64 },
    /// The client, which has to take a frame.
    Client,
}

/// How far a request and its response have come.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// The request's head came.
    Requested,
    /// The service has responded.
    Responded,
    /// The whole response was handed over, and may wait for the client.
    HandedOver,
}

/// What its parts share of a stream. All of them run on one worker, one after the other.
#[derive(Debug)]
pub(crate) struct Stream {
    connection: Arc<Connection>,
    pause: LeastRate,
    open: Arc<AtomicUsize>,
    entry: Entry,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    waits_for: WaitsFor,
    stage: Stage,
    response: LeastRate,
    outcome: Option<Outcome>,
    /// Until when a response that is cut has to have ended.
    cut_until: Option<Instant>,
}

impl Stream {
    /// A stream whose request's head came.
    pub(crate) fn open(connection: Arc<Connection>, limits: &StreamLimits) -> Self {
        connection.stream_opened();
        limits.open.fetch_add(1, Ordering::Relaxed);
        let waits_for = WaitsFor::Service { pause: limits.pause.clone(), heard: connection.heard_by_streams() };
        let inner = Inner {
            waits_for,
            stage: Stage::Requested,
            response: limits.response.clone(),
            outcome: None,
            cut_until: None,
        };
        let (open, entry) = (Arc::clone(&limits.open), limits.overview.enter());
        Self { connection, pause: limits.pause.clone(), open, entry, inner: Mutex::new(inner) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // It is consistent at every moment, so that a panic elsewhere does not matter to it.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The service has responded.
    pub(crate) fn responded(&self) {
        self.inner().stage = Stage::Responded;
    }

    /// The response was handed over to its end.
    pub(crate) fn handed_over(&self) {
        self.inner().stage = Stage::HandedOver;
    }

    /// A frame of the response was handed over. The client has the time that this takes at the least rate, since of the
    /// frame nothing is seen to move before all of it has.
    pub(crate) fn frame(&self, bytes: usize) {
        let inner = &mut *self.inner();
        inner.response.moved(bytes);
        inner.waits_for = WaitsFor::Client;
        self.entry.goes_on();
        self.entry.waits();
    }

    /// The service has nothing to say for now, and all that it said has gone.
    pub(crate) fn pauses(&self) {
        let inner = &mut *self.inner();
        if let WaitsFor::Client = inner.waits_for {
            inner.response.moved(0);
            self.entry.goes_on();
            let heard = self.connection.heard_by_streams();
            inner.waits_for = WaitsFor::Service { pause: self.pause.clone(), heard };
        }
    }

    /// Until when the stream may be waited for as it is now.
    pub(crate) fn due(&self) -> Instant {
        let inner = &mut *self.inner();
        if let Some(until) = inner.cut_until {
            return until;
        }
        match &mut inner.waits_for {
            WaitsFor::Client => inner.response.due(),
            WaitsFor::Service { pause, heard } => {
                let now_heard = self.connection.heard_by_streams();
                if now_heard != *heard {
                    pause.moved(usize::try_from(now_heard.saturating_sub(*heard)).unwrap_or(usize::MAX));
                    *heard = now_heard;
                }
                pause.due()
            }
        }
    }

    /// The stream was waited for too long. Returns whether its response is cut now, and can still say so: to a client
    /// that reads.
    pub(crate) fn too_long(&self) -> bool {
        let inner = &mut *self.inner();
        let outcome = match inner.waits_for {
            WaitsFor::Client => Outcome::Stalled,
            WaitsFor::Service { .. } => Outcome::SourceFailed,
        };
        let is_first = inner.outcome.is_none();
        let outcome = *inner.outcome.get_or_insert(outcome);
        let has_last_words = is_first && inner.stage != Stage::Requested && outcome == Outcome::SourceFailed;
        if has_last_words {
            inner.cut_until = Some(Instant::now() + LAST_WORDS);
        }
        has_last_words
    }

    /// Whether the response is cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.inner().cut_until.is_some() || self.connection.is_cut()
    }

    /// What becomes of a response that is dropped or cut before its end.
    pub(crate) fn outcome_of_dropped(&self) -> Outcome {
        self.inner().outcome.unwrap_or_else(|| self.connection.outcome_of_dropped())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.connection.stream_closed(self.inner().stage == Stage::HandedOver);
    }
}

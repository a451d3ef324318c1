//! Takes a sample of the server each second: one for the page and all clients of its feed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use chunkwire_engine::Handle;
use tokio::time::{MissedTickBehavior, interval};

use super::live_samples::Live;
use super::sample::Sample;
#[cfg(feature = "postgres")]
use crate::database::current::Current;
use crate::observe::metrics::Metrics;
use crate::observe::process_memory::process_memory;
use crate::observe::tcp_memory::tcp_memory;

/// How often a sample is taken.
const TICK: Duration = Duration::from_secs(1);

/// Takes samples of a server, from what `/metrics` has as well.
pub(crate) struct Sampler {
    pub(crate) engine: Handle,
    pub(crate) metrics: Arc<Metrics>,
    #[cfg(feature = "postgres")]
    pub(crate) database: Arc<Current>,
}

/// What rates are computed from.
#[derive(Clone, Copy)]
struct Totals {
    at: Instant,
    responses: u64,
    sent: u64,
}

impl Sampler {
    /// Takes samples for as long as it is polled.
    pub(crate) async fn run(self, live: Live) -> Infallible {
        let start = Instant::now();
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = self.totals();
        loop {
            ticks.tick().await;
            let totals = self.totals();
            live.push(self.sample(start, &last, &totals));
            last = totals;
        }
    }

    fn totals(&self) -> Totals {
        Totals { at: Instant::now(), responses: self.metrics.responses(), sent: self.engine.sent() }
    }

    fn sample(&self, start: Instant, last: &Totals, now: &Totals) -> Sample {
        let interval = now.at.duration_since(last.at).as_secs_f64();
        let rate = |before: u64, after: u64| match after.saturating_sub(before) {
            0 => 0.0,
            more => rounded(more as f64 / interval, 10.0),
        };
        let unix_time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Sample {
            unix_time_seconds: rounded(unix_time.as_secs_f64(), 1000.0),
            uptime_seconds: rounded(now.at.duration_since(start).as_secs_f64(), 1000.0),
            interval_seconds: rounded(interval, 1000.0),
            responses_per_second: rate(last.responses, now.responses),
            sent_bytes_per_second: rate(last.sent, now.sent),
            responses_total: now.responses,
            sent_bytes_total: now.sent,
            connections_open: self.engine.connections() as u64,
            streams_open: self.engine.streams() as u64,
            responses_stalled: self.engine.stalled() as u64,
            chunks_alive: self.engine.chunks().alive() as u64,
            process_memory_bytes: process_memory(),
            kernel_tcp_memory_bytes: tcp_memory(),
            database_connections_leased: self.leased(),
        }
    }

    /// How many connections of the database are in use.
    fn leased(&self) -> Option<u64> {
        #[cfg(feature = "postgres")]
        if let Some(database) = self.database.now() {
            return Some(database.leased() as u64);
        }
        None
    }
}

/// A number with no more digits than anyone reads.
fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

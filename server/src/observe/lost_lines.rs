//! How many lines the log has lost, which only the log knows.

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounter, Opts};

/// A counter that asks for its value when it is read.
pub(super) struct LostLines<F> {
    /// Has the name, and stays at zero.
    named: IntCounter,
    count: F,
}

fn counter() -> IntCounter {
    let options = Opts::new("chunkwire_log_lines_lost_total", "Lines of the log that nobody had read in time.");
    IntCounter::with_opts(options).expect("a valid name")
}

impl<F: Fn() -> usize + Send + Sync> LostLines<F> {
    pub(super) fn new(count: F) -> Self {
        Self { named: counter(), count }
    }
}

impl<F: Fn() -> usize + Send + Sync> Collector for LostLines<F> {
    fn desc(&self) -> Vec<&Desc> {
        self.named.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // Another one each time, so that those who read at once don't add to each other.
        let counter = counter();
        counter.inc_by((self.count)() as u64);
        counter.collect()
    }
}

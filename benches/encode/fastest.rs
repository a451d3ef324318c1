//! The fastest run of each contender.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::contenders::{BY_SERDE, COPY, Input, NATIVE};

/// The contenders in the order of the report.
const NAMES: [&str; 9] =
    [NATIVE, BY_SERDE, "serde_json", "sonic-rs", "simd-json", "simdjson", "yyjson", "rapidjson", COPY];

/// The time of the fastest run by input and contender. What else a machine does only makes runs slower.
#[derive(Default)]
pub(crate) struct Fastest(BTreeMap<(String, String), Duration>);

impl Fastest {
    /// Notes a run.
    pub(crate) fn note(&mut self, input: &str, contender: &str, time: Duration) {
        let fastest = self.0.entry((input.to_owned(), contender.to_owned())).or_insert(time);
        *fastest = time.min(*fastest);
    }

    /// Lets the contenders of an input take turns until the time is over.
    pub(crate) fn measure(&mut self, input: &mut Input, duration: Duration) {
        let end = Instant::now() + duration;
        while Instant::now() < end {
            for contender in &mut input.contenders {
                let start = Instant::now();
                (contender.encode)();
                self.note(input.name, contender.name, start.elapsed());
            }
        }
    }

    /// Returns a table with a row for each input: gigabytes per second, how they compare with the fastest of the others,
    /// and by way of serde with the encoder itself.
    pub(crate) fn table(&self, inputs: &[Input]) -> String {
        let mut table = format!("| 1,000 of, or a document | {} | lead | serde |\n", NAMES.join(" | "));
        table += &format!("|---|{}\n", "--:|".repeat(NAMES.len() + 2));
        for input in inputs {
            let speed = |contender: &str| {
                let fastest = self.0.get(&(input.name.to_owned(), contender.to_owned()))?;
                Some(input.json.len() as f64 / fastest.as_nanos().max(1) as f64)
            };
            let others = NAMES.iter().filter(|name| ![NATIVE, BY_SERDE, COPY].contains(*name));
            let other = others.filter_map(|name| speed(name)).reduce(f64::max);
            let ratio = |of: Option<f64>, to: Option<f64>| Some(of? / to?);
            let speeds = NAMES.iter().map(|name| speed(name));
            let cells = speeds.chain([ratio(speed(NATIVE), other), ratio(speed(BY_SERDE), speed(NATIVE))]);
            let cells = cells.map(|cell| cell.map_or("–".to_owned(), |cell| format!("{cell:.2}")));
            // A `String` accepts everything.
            let _ = writeln!(table, "| {} | {} |", input.name, cells.collect::<Vec<_>>().join(" | "));
        }
        table
    }
}

//! CPU time by the scheduler, which misses none, where ticks missed up to three quarters of work that timers start.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::usage;

/// How often to look, so that not more than this is missed of a process that ends.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Measures the CPU of a process with its children.
#[derive(Debug)]
pub(crate) struct Meter {
    stop: Arc<AtomicBool>,
    looks: JoinHandle<Duration>,
}

impl Meter {
    /// Begins.
    pub(crate) fn start(pid: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&stop);
        let before = of_each(pid);
        let looks = thread::spawn(move || {
            let mut last = before.clone();
            while !is_over.load(Ordering::Relaxed) {
                thread::park_timeout(LOOK_AGAIN);
                last.extend(of_each(pid));
            }
            let spent = last.iter().map(|(pid, now)| now.saturating_sub(*before.get(pid).unwrap_or(&0)));
            Duration::from_nanos(spent.sum())
        });
        Self { stop, looks }
    }

    /// Returns what was spent since.
    pub(crate) fn stop(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.looks.thread().unpark();
        self.looks.join().unwrap_or_default()
    }
}

/// Returns the nanoseconds of each process so far.
fn of_each(root: u32) -> HashMap<u32, u64> {
    usage::tree(root).into_iter().map(|pid| (pid, of(pid))).collect()
}

fn of(pid: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let times = threads.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    times.filter_map(|times| times.split_whitespace().next()?.parse::<u64>().ok()).sum()
}

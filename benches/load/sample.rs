//! Samples a contender at regular times while something else drives it.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::usage::{Usage, tcp_memory};
use super::{Result, process};

/// The figures at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Seconds since the first.
    pub(crate) seconds: f64,
    /// Resident memory of the contender with its children, in bytes.
    pub(crate) rss: u64,
    /// What the kernel holds for all TCP sockets of the machine, in bytes.
    pub(crate) tcp: u64,
}

/// All samples of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples {
    /// In order of time.
    pub(crate) list: Vec<Sample>,
    /// Whether the contender was killed because it held more than it was allowed.
    pub(crate) over_limit: bool,
}

impl Samples {
    /// Returns the most resident memory that was seen, in bytes.
    pub(crate) fn highest_rss(&self) -> u64 {
        self.list.iter().map(|sample| sample.rss).max().unwrap_or(0)
    }

    /// Returns the most kernel memory that was seen, in bytes.
    pub(crate) fn highest_tcp(&self) -> u64 {
        self.list.iter().map(|sample| sample.tcp).max().unwrap_or(0)
    }
}

/// A thread that takes samples until it is stopped.
#[derive(Debug)]
pub(crate) struct Sampler {
    stop: Sender<()>,
    thread: JoinHandle<Samples>,
}

impl Sampler {
    /// Starts to sample a process and its children at an interval. Above `limit` bytes of resident memory it kills
    /// them, so that the machine does not run out of memory.
    pub(crate) fn start(pid: u32, every: Duration, limit: u64) -> Self {
        let (stop, stopped) = channel();
        let start = Instant::now();
        let thread = thread::spawn(move || {
            let mut samples = Samples::default();
            loop {
                let rss = Usage::of(pid).rss;
                // A machine without these figures was reported before the first run.
                let tcp = tcp_memory().unwrap_or(0);
                samples.list.push(Sample { seconds: start.elapsed().as_secs_f64(), rss, tcp });
                if rss > limit && !samples.over_limit {
                    samples.over_limit = true;
                    process::kill(pid);
                }
                match stopped.recv_timeout(every) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return samples,
                }
            }
        });
        Self { stop, thread }
    }

    /// Stops and returns the samples.
    ///
    /// # Errors
    ///
    /// Returns an error if the thread panicked.
    pub(crate) fn stop(self) -> Result<Samples> {
        drop(self.stop);
        self.thread.join().map_err(|_| "the thread that takes samples panicked".into())
    }
}

/// Waits until the sockets of whatever ran before are gone, so that their memory is not counted for the next contender.
pub(crate) fn settle() {
    /// What the sockets of a quiet machine hold, in bytes.
    const QUIET: u64 = 1_000_000;
    const PATIENCE: Duration = Duration::from_secs(5);
    let start = Instant::now();
    while tcp_memory().unwrap_or(0) > QUIET && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(50));
    }
}

/// Waits until a process and its children use less than a twentieth of a core for some time, but no longer than
/// `patience`.
pub(crate) fn wait_until_idle(pid: u32, some_time: Duration, patience: Duration) {
    let start = Instant::now();
    let mut before = Usage::of(pid).cpu;
    while start.elapsed() < patience {
        thread::sleep(some_time);
        let now = Usage::of(pid).cpu;
        if now.saturating_sub(before) < some_time / 20 {
            return;
        }
        before = now;
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn samples_are_taken_until_the_end() {
        let sampler = Sampler::start(std::process::id(), Duration::from_millis(5), u64::MAX);
        thread::sleep(Duration::from_millis(100));
        let samples = sampler.stop().unwrap();
        assert!(samples.list.len() > 2, "{samples:?}");
        assert!(samples.list.is_sorted_by_key(|sample| sample.seconds.to_bits()));
        assert!(samples.highest_rss() > 100_000 && !samples.over_limit);
    }

    #[test]
    fn a_process_that_sleeps_is_idle_and_one_that_loops_is_not() {
        for (script, idle) in [("sleep 60", true), ("while :; do :; done", false)] {
            let mut child = Command::new("sh").args(["-c", script]).spawn().unwrap();
            let start = Instant::now();
            wait_until_idle(child.id(), Duration::from_millis(300), Duration::from_secs(1));
            assert_eq!(start.elapsed() < Duration::from_secs(1), idle, "{script}");
            process::kill(child.id());
            child.wait().unwrap();
        }
    }

    #[test]
    fn a_process_that_holds_too_much_is_killed() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let sampler = Sampler::start(child.id(), Duration::from_millis(5), 1000);
        assert!(!child.wait().unwrap().success());
        assert!(sampler.stop().unwrap().over_limit);
    }
}

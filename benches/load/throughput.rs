//! The first experiment: how fast, and with how much memory, under full load.

use std::time::Duration;

use super::arguments::Arguments;
use super::check::Reference;
use super::contenders::{self, Contender};
use super::paths::Paths;
use super::process::Server;
use super::progress::Progress;
use super::sample::{Sampler, Samples, settle, wait_until_idle};
use super::statistics::Spread;
use super::usage::{Usage, available_memory};
use super::wrk::{Counts, Wrk};
use super::{Result, http, numbers};

/// The users of a response: those of the write-up.
pub(crate) const USERS: u64 = 1000;

/// How often memory is sampled.
const SAMPLE_EVERY: Duration = Duration::from_millis(500);

/// A contender that is idle for this long after the warm-up has finished it.
const IDLE_FOR: Duration = Duration::from_millis(300);

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// One contender under one load in one round.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// The contender.
    pub(crate) contender: &'static Contender,
    /// The number of connections.
    pub(crate) connections: u32,
    /// What the load generator counted.
    pub(crate) counts: Counts,
    /// Memory, from the start of the warm-up to the end.
    pub(crate) samples: Samples,
    /// CPU time of the server for each response, in microseconds.
    pub(crate) cpu: f64,
}

/// All runs of one contender under one load.
#[derive(Debug)]
pub(crate) struct Runs<'a> {
    /// The contender.
    pub(crate) contender: &'static Contender,
    /// One for each round that did not fail.
    pub(crate) rounds: Vec<&'a Run>,
}

impl Runs<'_> {
    /// Returns a figure of all rounds together.
    pub(crate) fn spread(&self, figure: impl Fn(&Run) -> f64) -> Spread {
        // There is at least one round, or there would be no runs.
        Spread::of(self.rounds.iter().map(|run| figure(run))).unwrap_or(Spread { median: 0.0, low: 0.0, high: 0.0 })
    }

    /// Returns the median of a figure.
    pub(crate) fn median(&self, figure: impl Fn(&Run) -> f64) -> f64 {
        self.spread(figure).median
    }
}

/// What the experiment found.
#[derive(Debug, Default)]
pub(crate) struct Throughput {
    /// In order of time.
    pub(crate) runs: Vec<Run>,
    /// Runs in which a contender sent no response in time, which is a finding, one line each.
    pub(crate) unanswered: Vec<String>,
    /// What failed, one line each.
    pub(crate) failures: Vec<String>,
}

impl Throughput {
    /// Returns the numbers of connections, in ascending order.
    pub(crate) fn connections(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.runs.iter().map(|run| run.connections).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Returns the runs over a number of connections, by contender in the order of the first round.
    pub(crate) fn over(&self, connections: u32) -> Vec<Runs<'_>> {
        let rounds = |contender: &Contender| {
            let runs = self.runs.iter();
            runs.filter(|run| run.connections == connections && run.contender.name == contender.name).collect()
        };
        let all = contenders::distinct(self.runs.iter().map(|run| run.contender)).into_iter();
        all.map(|contender| Runs { contender, rounds: rounds(contender) })
            .filter(|runs| !runs.rounds.is_empty())
            .collect()
    }
}

/// Returns how many runs the experiment has.
pub(crate) fn steps(arguments: &Arguments, contenders: &[&Contender]) -> usize {
    arguments.rounds as usize * arguments.connections.len() * contenders.len()
}

/// Runs every contender under every load, round by round. A run that fails is noted and the others go on.
///
/// # Errors
///
/// Returns an error if something that all runs need fails.
pub(crate) fn measure(
    arguments: &Arguments,
    contenders: &[&'static Contender],
    paths: &Paths,
    wrk: &Wrk,
    progress: &Progress,
) -> Result<Throughput> {
    let reference = Reference::new(USERS);
    // Far more than a contender should need, and little enough for the machine to go on.
    let memory_limit = available_memory().ok_or("the kernel does not say how much memory is available")? / 4 * 3;
    let mut found = Throughput::default();
    for round in 0..arguments.rounds {
        for &connections in &arguments.connections {
            // Each round starts with another contender, so that none always follows the same one.
            let first = round as usize % contenders.len();
            for contender in contenders[first..].iter().chain(&contenders[..first]) {
                let title = format!("round {}, {connections} connections, {}", round + 1, contender.name);
                progress.step(&title);
                match run(arguments, contender, connections, memory_limit, &reference, paths, wrk) {
                    Ok(run) if run.counts.responses == 0.0 => {
                        progress.line(&format!("{title}: no response in {} s", arguments.seconds));
                        found.unanswered.push(title);
                    }
                    Ok(run) => {
                        progress.line(&format!("{title}: {}", summary(&run)));
                        found.runs.push(run);
                    }
                    Err(error) => {
                        progress.line(&format!("{title}: failed: {error}"));
                        found.failures.push(format!("{title}: {error}"));
                    }
                }
            }
        }
    }
    Ok(found)
}

fn run(
    arguments: &Arguments,
    contender: &'static Contender,
    connections: u32,
    memory_limit: u64,
    reference: &Reference,
    paths: &Paths,
    wrk: &Wrk,
) -> Result<Run> {
    settle();
    let target = http::target(USERS);
    let mut server = Server::start(contender.name, paths.work(), |port| contender.command(paths, port, USERS))?;
    reference.check(contender.name, server.address())?;

    let sampler = Sampler::start(server.pid(), SAMPLE_EVERY, memory_limit);
    let driven = wrk.run(server.address(), &target, connections, arguments.warm_up).and_then(|_| {
        // The warm-up leaves requests whose clients are gone; serving those is not part of the run.
        wait_until_idle(server.pid(), IDLE_FOR, PATIENCE);
        let before = Usage::of(server.pid()).cpu;
        let counts = wrk.run(server.address(), &target, connections, arguments.seconds)?;
        Ok((counts, Usage::of(server.pid()).cpu.saturating_sub(before)))
    });
    let samples = sampler.stop()?;
    if samples.over_limit {
        let held = numbers::megabytes(samples.highest_rss() as f64);
        return Err(format!("{} was stopped at {held} MB before the machine ran out", contender.name).into());
    }
    server.still_runs()?;
    let (counts, cpu) = driven?;
    Ok(Run { contender, connections, counts, samples, cpu: cpu.as_secs_f64() * 1e6 / counts.responses })
}

fn summary(run: &Run) -> String {
    format!(
        "{} requests/s, p99 {} ms, {} MB, {} MB in the kernel, {:.0} µs",
        numbers::grouped(run.counts.rate()),
        numbers::milliseconds(run.counts.p99),
        numbers::megabytes(run.samples.highest_rss() as f64),
        numbers::megabytes(run.samples.highest_tcp() as f64),
        run.cpu
    )
}

#[cfg(test)]
mod tests {
    use super::super::contenders::ALL;
    use super::*;

    #[test]
    fn runs_are_grouped_by_contender_and_load() {
        let run = |contender, connections, cpu| Run {
            contender,
            connections,
            counts: Counts::default(),
            samples: Samples::default(),
            cpu,
        };
        let runs = vec![
            run(&ALL[1], 64, 5.0),
            run(&ALL[0], 64, 1.0),
            run(&ALL[0], 8, 9.0),
            run(&ALL[0], 64, 2.0),
            run(&ALL[0], 64, 3.0),
        ];
        let found = Throughput { runs, ..Throughput::default() };
        assert_eq!(found.connections(), [8, 64]);
        let over = found.over(64);
        assert_eq!(over.iter().map(|runs| runs.contender.name).collect::<Vec<_>>(), [ALL[1].name, ALL[0].name]);
        assert_eq!(over[1].median(|run| run.cpu), 2.0);
        assert_eq!(found.over(8)[0].rounds.len(), 1);
    }
}

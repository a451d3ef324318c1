//! The third experiment: how memory grows with the length of the response.

use std::time::Duration;

use super::arguments::Arguments;
use super::contenders::Contender;
use super::paths::Paths;
use super::process::Server;
use super::progress::Progress;
use super::sample::Sampler;
use super::usage::Usage;
use super::{Result, check, http, numbers};

/// How often memory is sampled, to stop a contender in time. A response of a gigabyte takes a second.
const SAMPLE_EVERY: Duration = Duration::from_millis(20);

/// The effect of one response on a contender that has served none before.
#[derive(Debug)]
pub(crate) struct Grown {
    /// The contender.
    pub(crate) contender: &'static Contender,
    /// Users of the response.
    pub(crate) users: u64,
    /// How it went.
    pub(crate) outcome: Outcome,
}

/// How one response went.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It was complete. The most resident memory that the contender ever held, in bytes.
    Whole(u64),
    /// The contender was stopped because it held more memory than allowed.
    OverLimit,
    /// A shorter one was too long already.
    Skipped,
    /// It did not come, or was not complete, and why.
    Failed(String),
}

/// Requests each length from each contender, from the shortest on.
///
/// # Errors
///
/// Returns an error if the length of a response can't be determined.
pub(crate) fn measure(
    arguments: &Arguments,
    contenders: &[&'static Contender],
    paths: &Paths,
    progress: &Progress,
) -> Result<Vec<Grown>> {
    let mut lengths = arguments.lengths.clone();
    lengths.sort_unstable();
    let mut found = Vec::new();
    let mut too_long: Vec<&str> = Vec::new();
    for users in lengths {
        let bytes = check::write(users, std::io::sink())?;
        for contender in contenders {
            let title = format!("{} users, {}", numbers::grouped(users as f64), contender.name);
            progress.step(&title);
            let outcome = if too_long.contains(&contender.name) {
                Outcome::Skipped
            } else {
                run(arguments, contender, users, bytes, paths).unwrap_or_else(|e| Outcome::Failed(e.to_string()))
            };
            if !matches!(outcome, Outcome::Whole(_)) {
                too_long.push(contender.name);
            }
            progress.line(&format!("{title}: {}", summary(&outcome)));
            found.push(Grown { contender, users, outcome });
        }
    }
    Ok(found)
}

fn run(arguments: &Arguments, contender: &'static Contender, users: u64, bytes: u64, paths: &Paths) -> Result<Outcome> {
    let mut server = Server::start(contender.name, paths.work(), |port| contender.command(paths, port, users))?;
    let sampler = Sampler::start(server.pid(), SAMPLE_EVERY, arguments.memory_limit());
    let served = http::get(server.address(), &http::target(users), |_| {});
    let peak = Usage::of(server.pid()).peak_rss;
    if sampler.stop()?.over_limit {
        return Ok(Outcome::OverLimit);
    }
    server.still_runs()?;
    let served = served?;
    if served != bytes {
        return Err(format!("{served} bytes came instead of {bytes}").into());
    }
    Ok(Outcome::Whole(peak))
}

fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Whole(rss) => format!("{} MB", numbers::megabytes(*rss as f64)),
        Outcome::OverLimit => "stopped at the memory limit".to_owned(),
        Outcome::Skipped => "skipped, a shorter one was too long".to_owned(),
        Outcome::Failed(error) => format!("failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::contenders;
    use super::*;

    fn arguments(more: &[&str]) -> Arguments {
        Arguments::parse_from(["load", "--lengths", "100,10"].iter().chain(more))
    }

    fn outcomes(arguments: &Arguments) -> Vec<(u64, Outcome)> {
        let paths = Paths::new().unwrap();
        let chunkwire = &contenders::ALL[..1].iter().collect::<Vec<_>>();
        let found = measure(arguments, chunkwire, &paths, &Progress::new(2)).unwrap();
        found.into_iter().map(|grown| (grown.users, grown.outcome)).collect()
    }

    #[test]
    fn lengths_go_from_short_to_long() {
        let found = outcomes(&arguments(&[]));
        assert!(matches!(found[..], [(10, Outcome::Whole(_)), (100, Outcome::Whole(_))]), "{found:?}");
    }

    #[test]
    fn after_one_that_is_too_long_the_rest_is_skipped() {
        let found = outcomes(&arguments(&["--memory-limit", "0"]));
        assert_eq!(found[1], (100, Outcome::Skipped), "{found:?}");
        assert!(!matches!(found[0].1, Outcome::Whole(_) | Outcome::Skipped), "{found:?}");
    }
}

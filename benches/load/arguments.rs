//! The arguments after `cargo bench --bench load --`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, ValueEnum};

use super::contenders;
use super::other_binary::OtherBinary;

/// One of the questions that the benchmark answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Experiment {
    /// How fast, and with how much memory, under full load
    Load,
    /// What clients cost that request a long response and never read it
    Stalled,
    /// How memory grows with the length of the response
    Growth,
}

fn other_binary(text: &str) -> Result<OtherBinary, String> {
    match text.split_once('=') {
        Some((name, _)) if contenders::names().contains(&name) => Err(format!("{name} is another contender's name")),
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok(OtherBinary { name: name.to_owned(), path: path.to_owned() })
        }
        _ => Err("a name, =, and the path of a binary".to_owned()),
    }
}

/// Drives chunkwire and its alternatives with the same load, and writes a report with charts.
///
/// The contenders that are not chunkwire are built once by `--build`. What is not installed or not built is skipped.
#[derive(Debug, Parser)]
#[command(name = "load", bin_name = "cargo bench --bench load --", version)]
pub(crate) struct Arguments {
    /// Install and build the contenders with go, cargo and npm, then stop; only this downloads anything
    #[arg(long)]
    pub(crate) build: bool,

    /// Contenders to run [default: all that are installed]
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(contenders::names())
    )]
    pub(crate) contenders: Vec<String>,

    /// Other binaries of chunkwire to run before them, each under a name of its own
    #[arg(long, value_name = "NAME=FILE", value_delimiter = ',', value_parser = other_binary)]
    pub(crate) binaries: Vec<OtherBinary>,

    /// Experiments to run
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_enum, default_value = "load,stalled,growth")]
    pub(crate) experiments: Vec<Experiment>,

    /// Numbers of connections of the load experiment
    #[arg(
        long,
        value_name = "NUMBER",
        value_delimiter = ',',
        default_value = "64,1000,10000",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub(crate) connections: Vec<u32>,

    /// Rounds of the load experiment; each contender runs once in a round
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,

    /// Seconds that each run of the load experiment is measured
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) seconds: u64,

    /// Seconds of the same load before that
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) warm_up: u64,

    /// Clients of the stalled experiment
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) clients: u32,

    /// Users that each client of the stalled experiment requests; 93,000 are 10 MB
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 93_000,
        value_parser = clap::value_parser!(u64).range(1..=10_000_000)
    )]
    pub(crate) stalled_users: u64,

    /// Users of a response in the growth experiment
    #[arg(
        long,
        value_name = "NUMBER",
        value_delimiter = ',',
        default_value = "1000,10000,100000,1000000,10000000",
        value_parser = clap::value_parser!(u64).range(1..=10_000_000)
    )]
    pub(crate) lengths: Vec<u64>,

    /// Megabytes of memory at which a contender is stopped in the stalled and the growth experiment
    #[arg(long, value_name = "MB", default_value_t = 4000)]
    pub(crate) memory_limit: u64,

    /// Folder that the report and the charts are written to
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/results"),
        hide_default_value = true
    )]
    pub(crate) output: PathBuf,

    /// The argument that `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    /// Returns the memory limit in bytes.
    pub(crate) fn memory_limit(&self) -> u64 {
        self.memory_limit * 1_000_000
    }

    /// Returns the largest number of sockets that a server, a load generator or this program holds at a time.
    pub(crate) fn most_connections(&self) -> u64 {
        let load = self.connections.iter().copied().filter(|_| self.includes(Experiment::Load)).max();
        let stalled = Some(self.clients).filter(|_| self.includes(Experiment::Stalled));
        load.max(stalled).unwrap_or(1).into()
    }

    /// Returns whether an experiment was chosen.
    pub(crate) fn includes(&self, experiment: Experiment) -> bool {
        self.experiments.contains(&experiment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(["load"].into_iter().chain(arguments.split_whitespace()))
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_arguments_everything_runs() {
        let all = parse("--bench").unwrap();
        assert_eq!(all.connections, [64, 1000, 10_000]);
        assert_eq!(all.experiments, [Experiment::Load, Experiment::Stalled, Experiment::Growth]);
        assert_eq!(all.lengths.last(), Some(&10_000_000));
        assert!(all.contenders.is_empty());
        assert_eq!(all.most_connections(), 10_000);
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let some = parse("--contenders chunkwire,nginx-file --connections 8,16 --experiments stalled").unwrap();
        assert_eq!(some.contenders, ["chunkwire", "nginx-file"]);
        assert_eq!(some.connections, [8, 16]);
        assert_eq!(some.most_connections(), 1000);
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        let error = parse("--contenders apache").unwrap_err().to_string();
        assert!(error.contains("apache") && error.contains("chunkwire"), "{error}");
        assert_eq!(
            parse("--binaries old=target/old,new=b=c").unwrap().binaries,
            [("old", "target/old"), ("new", "b=c")]
                .map(|(name, path)| OtherBinary { name: name.into(), path: path.into() })
        );
        for wrong in ["old", "=old", "old=", "fastify=old"] {
            assert!(parse(&format!("--binaries {wrong}")).is_err(), "{wrong}");
        }
        for wrong in ["--connections 0", "--rounds 0", "--seconds 0", "--lengths 10000001", "--experiments none"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}

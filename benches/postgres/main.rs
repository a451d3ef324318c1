//! Rows of PostgreSQL: readers that stop or are slow, what a response costs, and a million rows, beside other servers.
//!
//! `cargo bench --bench postgres` starts a server of PostgreSQL of its own, builds chunkwire and the other servers,
//! measures, prints the tables, and writes them to `benches/results/postgres.md`.

#![cfg_attr(test, allow(dead_code, unused_imports, reason = "cargo sets `test` for a bench without a harness"))]

use std::env;
use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

#[path = "../load/build.rs"]
mod build;
#[path = "../load/chunkwire_binary.rs"]
mod chunkwire_binary;
mod contenders;
mod cpu;
mod database;
#[path = "../load/http.rs"]
mod http;
#[path = "../load/machine.rs"]
mod machine;
#[path = "../load/markdown.rs"]
mod markdown;
mod million;
#[path = "../load/numbers.rs"]
mod numbers;
#[path = "../load/paths.rs"]
mod paths;
#[path = "../load/process.rs"]
mod process;
#[path = "../load/programs.rs"]
mod programs;
mod readers;
mod responses;
#[path = "../protocols/results.rs"]
mod results;
mod slow_readers;
#[path = "../load/statistics.rs"]
mod statistics;
#[path = "../load/usage.rs"]
mod usage;
#[path = "../load/wrk.rs"]
mod wrk;

use database::Database;
use paths::Paths;

/// An error is a sentence for the caller of the benchmark.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Measures rows of PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "postgres", bin_name = "cargo bench --bench postgres --", version)]
struct Arguments {
    /// Rounds; each server runs once in a round
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// Seconds of each run under load
    #[arg(long, value_name = "NUMBER", default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,

    /// Readers that stop, or are slow
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    readers: usize,

    /// The argument that `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    results::exit("postgres", run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<()> {
    let paths = Paths::new()?;
    env::set_current_dir(paths.repository())?;
    process::raise_open_files(10 * arguments.readers as u64)?;
    chunkwire_binary::build(&paths)?;
    contenders::build(&paths)?;
    let wrk = wrk::Wrk::find()?;
    let database = Database::start()?;
    contenders::check(&paths, &database)?;

    let introduction = "# Rows of PostgreSQL\n\nMade by `cargo bench --bench postgres`. Database, servers and clients share the \
         machine. CPU is the scheduler's (`/proc/PID/task/*/schedstat`), by servers and PostgreSQL with all its \
         processes. Every server has 8 connections; rows have ten columns and about 256 bytes of JSON.\n\n";
    let names = ["Date", "Commit", "CPU", "Memory", "Kernel", "wrk", "go"];
    let version = ("PostgreSQL", database.value("SHOW server_version"));
    let mut report = results::begin(introduction, &paths, &wrk, &names, Some(version));
    report += &slow_readers::measure(arguments.readers, &paths, &database)?;
    report += &responses::measure(arguments.rounds, arguments.seconds, &paths, &database, &wrk)?;
    report += &million::measure(arguments.rounds, &paths, &database)?;
    results::end(&report, "postgres", &paths)
}

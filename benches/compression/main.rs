//! What gzip costs: the memory of clients that don't read, beside that of tower-http's layer, and the CPU of a response
//! beside nginx.
//!
//! `cargo bench --bench compression` builds chunkwire, measures, prints the tables, and writes them to
//! `benches/results/compression.md`.

#![cfg_attr(test, allow(dead_code, unused_imports, reason = "cargo sets `test` for a bench without a harness"))]

use std::env;
use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

#[path = "../load/build.rs"]
mod build;
#[path = "../load/check.rs"]
mod check;
#[path = "../load/chunkwire_binary.rs"]
mod chunkwire_binary;
mod cost;
#[path = "../protocols/h2load.rs"]
mod h2load;
#[path = "../load/http.rs"]
mod http;
mod layer;
#[path = "../load/machine.rs"]
mod machine;
#[path = "../load/markdown.rs"]
mod markdown;
mod memory;
#[path = "../load/nginx.rs"]
mod nginx;
#[path = "../load/numbers.rs"]
mod numbers;
#[path = "../load/paths.rs"]
mod paths;
#[path = "../load/process.rs"]
mod process;
#[path = "../load/programs.rs"]
mod programs;
#[path = "../protocols/results.rs"]
mod results;
#[path = "../load/sample.rs"]
mod sample;
#[path = "../load/sockets.rs"]
mod sockets;
#[path = "../load/statistics.rs"]
mod statistics;
#[path = "../load/usage.rs"]
mod usage;
#[path = "../load/wrk.rs"]
mod wrk;

use paths::Paths;

/// An error is a sentence for the caller of the benchmark.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Measures what gzip costs.
#[derive(Debug, Parser)]
#[command(name = "compression", bin_name = "cargo bench --bench compression --", version)]
struct Arguments {
    /// Clients that request a long response and don't read it; 0 leaves them out
    #[arg(long, value_name = "NUMBER", default_value_t = 1000)]
    clients: u32,

    /// Rounds of the load; each server runs once in a round; 0 leaves them out
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    rounds: u32,

    /// Seconds of each run
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,

    /// Serve responses that tower-http's layer compresses on this port, and measure nothing
    #[arg(long, value_name = "PORT", hide = true)]
    layer: Option<u16>,

    /// The argument that `cargo bench` passes to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    results::exit("compression", run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<()> {
    if let Some(port) = arguments.layer {
        return layer::serve(port);
    }
    let paths = Paths::new()?;
    env::set_current_dir(paths.repository())?;
    process::raise_open_files(4 * u64::from(arguments.clients).max(1000))?;
    chunkwire_binary::build(&paths)?;

    let introduction = "# What gzip costs\n\nMade by `cargo bench --bench compression`.\n\n";
    let names = ["Date", "Commit", "CPU", "Memory", "Kernel", "nginx"];
    let mut report = results::begin(introduction, &paths, &wrk::Wrk::find()?, &names, None);
    if arguments.clients > 0 {
        report += &memory::measure(arguments.clients, &paths)?;
    }
    if arguments.rounds > 0 {
        report += &cost::measure(arguments.rounds, arguments.seconds, &paths)?;
    }
    nginx::clean_up(&paths);
    results::end(&report, "compression", &paths)
}

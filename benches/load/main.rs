//! The load benchmark: the same users from chunkwire and from its alternatives, under the same load.
//!
//! Each contender runs as its own process on its own port. It must serve the right bytes before it is driven with wrk,
//! and its figures under `/proc` are sampled meanwhile. The experiments are in `throughput`, `stalled` and `growth`;
//! `report` and `charts` present the results. `benches/README.md` explains the method.

// It also hides code that nothing uses any more; without the attribute, `cargo check --bench load` finds that.
#![cfg_attr(
    test,
    allow(dead_code, unused_imports, reason = "cargo sets `test` for a bench without a harness, which runs no tests")
)]

use std::env;
use std::error::Error;
use std::fs;
use std::process::ExitCode;

use clap::Parser;

mod arguments;
mod build;
mod charts;
mod check;
mod chunkwire_binary;
mod contenders;
mod growth;
mod http;
mod machine;
mod markdown;
mod nginx;
mod numbers;
mod other_binary;
mod paths;
mod process;
mod programs;
mod progress;
mod release;
mod report;
mod sample;
mod sockets;
mod stalled;
mod statistics;
mod throughput;
mod usage;
mod wrk;

use arguments::{Arguments, Experiment};
use check::Reference;
use contenders::Contender;
use paths::Paths;
use process::Server;
use progress::Progress;
use report::Findings;
use wrk::Wrk;

/// An error is a sentence for the caller of the benchmark.
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let paths = Paths::new()?;
    // Relative paths on the command line start at the root, but cargo starts a bench in its package's folder.
    env::set_current_dir(paths.repository())?;
    if arguments.build {
        build::all(&paths)?;
        return Ok(ExitCode::SUCCESS);
    }
    let wrk = Wrk::find()?;
    process::raise_open_files(arguments.most_connections())?;
    usage::tcp_memory()?;
    chunkwire_binary::build(&paths)?;

    let mut wanted = contenders::other_binaries(&arguments.binaries);
    wanted.extend(contenders::chosen(&arguments.contenders));
    let (present, skipped) = present(&wanted, &paths);
    for line in &skipped {
        eprintln!("skipped: {line}");
    }
    if present.is_empty() {
        return Err("none of the chosen contenders can be started".into());
    }
    let reference = Reference::new(throughput::USERS);
    check_all(&present, &paths, &reference)?;

    // Before the runs, since they measure what is there now.
    let facts = machine::facts(&paths, &wrk);
    let findings = measure(arguments, facts, &paths, &wrk, present, skipped, reference.hash())?;
    nginx::clean_up(&paths);
    write(&findings)?;
    let failures = findings.failures().len();
    if failures > 0 {
        return Err(format!("{failures} runs failed; the report says which").into());
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns those that can be started, and a line for each that can't.
fn present(chosen: &[&'static Contender], paths: &Paths) -> (Vec<&'static Contender>, Vec<String>) {
    let (mut present, mut skipped) = (Vec::new(), Vec::new());
    for &contender in chosen {
        match contender.is_ready(paths) {
            Ok(()) => present.push(contender),
            Err(reason) => skipped.push(format!("{}: {reason}", contender.name)),
        }
    }
    (present, skipped)
}

/// Checks the bytes of all before any is measured: a contender that does other work makes the whole run worthless.
fn check_all(contenders: &[&Contender], paths: &Paths, reference: &Reference) -> Result<()> {
    for contender in contenders {
        let command = |port| contender.command(paths, port, throughput::USERS);
        let server = Server::start(contender.name, paths.work(), command)?;
        reference.check(contender.name, server.address())?;
    }
    Ok(())
}

fn measure<'a>(
    arguments: &'a Arguments,
    facts: Vec<(&'static str, String)>,
    paths: &Paths,
    wrk: &Wrk,
    contenders: Vec<&'static Contender>,
    mut skipped: Vec<String>,
    hash: String,
) -> Result<Findings<'a>> {
    let of_any_length: Vec<&Contender> =
        contenders.iter().copied().filter(|contender| contender.any_length()).collect();
    let load = arguments.includes(Experiment::Load);
    let stalled = arguments.includes(Experiment::Stalled);
    let growth = arguments.includes(Experiment::Growth);
    if stalled || growth {
        let fixed = contenders.iter().filter(|contender| !contender.any_length());
        skipped.extend(
            fixed.map(|contender| format!("{}: its response has one length; it is only under load", contender.name)),
        );
    }

    let mut steps = 0;
    steps += if load { throughput::steps(arguments, &contenders) } else { 0 };
    steps += if stalled { of_any_length.len() + 1 } else { 0 };
    steps += if growth { of_any_length.len() * arguments.lengths.len() } else { 0 };
    let progress = Progress::new(steps);

    let throughput = load.then(|| throughput::measure(arguments, &contenders, paths, wrk, &progress)).transpose()?;
    let stalled = stalled.then(|| stalled::measure(arguments, &of_any_length, paths, &progress));
    let released = match &stalled {
        Some(_) => contenders.iter().find(|contender| contender.name == "chunkwire").copied(),
        None => None,
    };
    let release = released.map(|chunkwire| release::measure(arguments, chunkwire, paths, &progress));
    let growth = growth.then(|| growth::measure(arguments, &of_any_length, paths, &progress)).transpose()?;
    progress.finish();
    Ok(Findings { arguments, facts, contenders, skipped, hash, throughput, stalled, release, growth })
}

/// Writes the report and the charts of the experiments that ran.
fn write(findings: &Findings<'_>) -> Result<()> {
    let folder = &findings.arguments.output;
    fs::create_dir_all(folder)?;
    if let Some(found) = &findings.throughput {
        // The write-up's number if it was measured, otherwise the nearest to it.
        if let Some(connections) = found.connections().into_iter().min_by_key(|number| number.abs_diff(1000)) {
            charts::memory(&folder.join("memory.svg"), found, connections)?;
            charts::throughput(&folder.join("throughput.svg"), found, connections)?;
        }
    }
    if let Some(Ok(found)) = &findings.release {
        charts::release(&folder.join("release.svg"), found, findings.arguments.clients)?;
    }
    if let Some(found) = &findings.growth {
        charts::growth(&folder.join("growth.svg"), found)?;
    }
    let report = folder.join("load.md");
    fs::write(&report, findings.markdown())?;
    println!("{}", report.display());
    Ok(())
}

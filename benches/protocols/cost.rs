//! What a response costs the server, beside nginx that sends the same bytes from a file.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use super::h2load::{self, Load};
use super::paths::Paths;
use super::process::Server;
use super::sample::{settle, wait_until_idle};
use super::servers::{self, Certificate, USERS};
use super::statistics::Spread;
use super::usage::Usage;
use super::{Result, numbers};

const LOADS: [Load; 5] = [
    Load { name: "HTTP/1.1, 64 connections", is_tls: false, is_http2: false, connections: 64, streams: 1 },
    Load { name: "TLS 1.3, 64 connections", is_tls: true, is_http2: false, connections: 64, streams: 1 },
    Load { name: "TLS 1.3, 1,000 connections", is_tls: true, is_http2: false, connections: 1000, streams: 1 },
    Load {
        name: "HTTP/2, 100 connections × 10 streams", is_tls: false, is_http2: true, connections: 100, streams: 10
    },
    Load { name: "HTTP/2 by TLS 1.3, the same", is_tls: true, is_http2: true, connections: 100, streams: 10 },
];

/// CPU of a response in microseconds, and responses by second.
type Figures = (f64, f64);

/// Measures in rounds, in which each server runs once, in turns first, and returns a table.
pub(crate) fn measure(rounds: u32, seconds: u64, paths: &Paths, certificate: &Certificate) -> Result<String> {
    let mut out = String::from(
        "\n## CPU\n\nThe server's CPU of a response of a thousand users, in microseconds, and responses by second; \
         medians, and the extremes of the ratio by round.\n\n\
         | | chunkwire µs | nginx µs | ratio | chunkwire /s | nginx /s |\n|---|--:|--:|--:|--:|--:|\n",
    );
    for load in LOADS {
        let certificate = load.is_tls.then_some(certificate);
        // Debian's nginx speaks HTTP/2 only by TLS.
        let has_nginx = load.is_tls || !load.is_http2;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            let chunkwire = || run(load, seconds, paths, |port| servers::chunkwire(port, certificate));
            let nginx = || run(load, seconds, paths, |port| servers::nginx(port, certificate, paths));
            if round % 2 == 0 || !has_nginx {
                ours.push(chunkwire()?);
            }
            if has_nginx {
                theirs.push(nginx()?);
            }
            if round % 2 == 1 && has_nginx {
                ours.push(chunkwire()?);
            }
            eprintln!("round {}, {}: {:?} {:?}", round + 1, load.name, ours.last(), theirs.last());
        }
        let _ = writeln!(out, "{}", row(load.name, &ours, &theirs));
    }
    Ok(out)
}

fn row(name: &str, ours: &[Figures], theirs: &[Figures]) -> String {
    let median = |figures: &[Figures], which: fn(&Figures) -> f64| {
        Spread::of(figures.iter().map(which)).map_or_else(|| "-".to_owned(), |spread| numbers::grouped(spread.median))
    };
    let ratios = Spread::of(ours.iter().zip(theirs).map(|(ours, theirs)| ours.0 / theirs.0));
    let ratio = ratios
        .map_or_else(|| "-".to_owned(), |ratio| format!("{:.2} ({:.2} to {:.2})", ratio.median, ratio.low, ratio.high));
    format!(
        "| {name} | {} | {} | {ratio} | {} | {} |",
        median(ours, |figures| figures.0),
        median(theirs, |figures| figures.0),
        median(ours, |figures| figures.1),
        median(theirs, |figures| figures.1),
    )
}

fn run(load: Load, seconds: u64, paths: &Paths, command: impl FnOnce(u16) -> Result<Command>) -> Result<Figures> {
    settle();
    let mut server = Server::start("protocols", paths.work(), command)?;
    h2load::run(load, server.address(), USERS, 1, &[])?;
    wait_until_idle(server.pid(), Duration::from_millis(300), Duration::from_secs(10));
    let before = Usage::of(server.pid()).cpu;
    let counts = h2load::run(load, server.address(), USERS, seconds, &[])?;
    let cpu = Usage::of(server.pid()).cpu.saturating_sub(before);
    server.still_runs()?;
    Ok((cpu.as_secs_f64() * 1e6 / counts.succeeded, counts.rate))
}

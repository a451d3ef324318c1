//! The load generator for all protocols: h2load, of the package nghttp2-client.

use std::net::SocketAddr;
use std::process::Command;
use std::thread::available_parallelism;

use super::{Result, http, programs};

/// A protocol, and how many requests are under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) is_tls: bool,
    pub(crate) is_http2: bool,
    pub(crate) connections: u32,
    /// Streams of each connection.
    pub(crate) streams: u32,
}

/// What h2load counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Counts {
    pub(crate) succeeded: f64,
    /// By second.
    pub(crate) rate: f64,
}

/// Drives a server for some seconds, with more fields in each request, such as `accept: text/html`.
///
/// # Errors
///
/// Returns an error if a request failed or none succeeded.
pub(crate) fn run(load: Load, address: SocketAddr, users: u64, seconds: u64, fields: &[&str]) -> Result<Counts> {
    let scheme = if load.is_tls { "https" } else { "http" };
    let threads = available_parallelism()?.get().min(load.connections as usize);
    let mut command = Command::new(programs::find("h2load")?);
    command
        .arg(format!("-t{threads}"))
        .arg(format!("-c{}", load.connections))
        .arg(format!("-m{}", load.streams))
        .arg(format!("-D{seconds}"))
        .args(if load.is_http2 { &[][..] } else { &["--h1"] })
        .args(fields.iter().flat_map(|field| ["-H", field]))
        .arg(format!("{scheme}://{address}{}", http::target(users)));
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    counts(&said).ok_or_else(|| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        format!("h2load ended with {}, and not all went well: {said} {}", output.status, complaint.trim()).into()
    })
}

fn counts(said: &str) -> Option<Counts> {
    let requests = said.lines().find_map(|line| line.strip_prefix("requests: "))?;
    let count = |name| {
        let (number, _) = requests.split(", ").find_map(|part| part.split_once(name))?;
        number.trim().parse::<f64>().ok()
    };
    let finished = said.lines().find_map(|line| line.strip_prefix("finished in "))?;
    let rate = finished.split(", ").nth(1)?.strip_suffix(" req/s")?.parse().ok()?;
    let is_good = count(" failed")? == 0.0 && count(" errored")? == 0.0 && count(" timeout")? == 0.0;
    let succeeded = count(" succeeded").filter(|succeeded| *succeeded > 0.0 && is_good)?;
    Some(Counts { succeeded, rate })
}

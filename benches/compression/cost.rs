//! What a response in gzip costs the server, beside nginx that compresses the same bytes from a file, and how long it is.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::read::GzDecoder;

use super::check::Reference;
use super::h2load::{self, Load};
use super::paths::Paths;
use super::process::Server;
use super::sample::{settle, wait_until_idle};
use super::statistics::Spread;
use super::usage::Usage;
use super::{Result, chunkwire_binary, http, nginx, numbers, programs};

/// The users of a response under load.
const USERS: u64 = 1000;

const LOAD: Load = Load { name: "gzip", is_tls: false, is_http2: false, connections: 64, streams: 1 };

const FIELD: &str = "accept-encoding: gzip";

/// The servers that compress, and chunkwire's options; nginx is the first, whose level is 1.
const SERVERS: [(&str, &[&str]); 3] =
    [("nginx", &[]), ("chunkwire, its default level", &[]), ("chunkwire, level 1", &["--compression-level=1"])];

/// What was measured of a server.
#[derive(Debug, Default)]
struct Measured {
    bytes: usize,
    /// CPU of a response in microseconds, round by round.
    cpu: Vec<f64>,
    /// Responses by second.
    rate: Vec<f64>,
}

/// Measures in rounds, in which each server runs once, and returns a table.
pub(crate) fn measure(rounds: u32, seconds: u64, paths: &Paths) -> Result<String> {
    let reference = Reference::new(USERS);
    let whole = gzip_1(reference.bytes())?;
    let mut measured = [const { Measured { bytes: 0, cpu: Vec::new(), rate: Vec::new() } }; SERVERS.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..SERVERS.len()).collect();
        order.rotate_left(round as usize % SERVERS.len());
        for at in order {
            let (name, options) = SERVERS[at];
            settle();
            let mut server = Server::start("compression", paths.work(), |port| command(name, options, port, paths))?;
            measured[at].bytes = compressed(server.address(), &reference)?;
            h2load::run(LOAD, server.address(), USERS, 1, &[FIELD])?;
            wait_until_idle(server.pid(), Duration::from_millis(300), Duration::from_secs(10));
            let before = Usage::of(server.pid()).cpu;
            let counts = h2load::run(LOAD, server.address(), USERS, seconds, &[FIELD])?;
            let cpu = Usage::of(server.pid()).cpu.saturating_sub(before);
            server.still_runs()?;
            measured[at].cpu.push(cpu.as_secs_f64() * 1e6 / counts.succeeded);
            measured[at].rate.push(counts.rate);
            eprintln!("round {}, {name}: {:?}", round + 1, measured[at].cpu.last());
        }
    }
    Ok(table(&measured, reference.bytes().len(), whole))
}

fn table(measured: &[Measured], plain: usize, whole: usize) -> String {
    let mut out = format!(
        "\n## CPU\n\nThe server's CPU of a response of a thousand users in gzip over HTTP/1.1 to 64 connections; nginx \
         (`gzip on`, level 1) compresses a file of the same bytes. Medians, and the extremes of the ratio to nginx by \
         round; the ratio of compression beside that of `gzip -1` over the whole, {:.2} ({} of {} bytes).\n\n\
         | | bytes | ratio | of gzip -1's | CPU µs | of nginx's | /s |\n|---|--:|--:|--:|--:|--:|--:|\n",
        plain as f64 / whole as f64,
        numbers::grouped(whole as f64),
        numbers::grouped(plain as f64),
    );
    let median = |values: &[f64]| Spread::of(values.iter().copied()).map_or(0.0, |spread| spread.median);
    for ((name, _), Measured { bytes, cpu, rate }) in SERVERS.iter().zip(measured) {
        let bytes = *bytes as f64;
        let of_nginx = Spread::of(cpu.iter().zip(&measured[0].cpu).map(|(this, nginx)| this / nginx));
        let of_nginx =
            of_nginx.map_or_else(String::new, |of| format!("{:.2} ({:.2} to {:.2})", of.median, of.low, of.high));
        let _ = writeln!(
            out,
            "| {name} | {} | {:.2} | {:.2} | {} | {of_nginx} | {} |",
            numbers::grouped(bytes),
            plain as f64 / bytes,
            whole as f64 / bytes,
            numbers::grouped(median(cpu)),
            numbers::grouped(median(rate)),
        );
    }
    out
}

fn command(name: &str, options: &[&str], port: u16, paths: &Paths) -> Result<Command> {
    if name == "nginx" {
        return nginx::command(paths, port, USERS, None, true);
    }
    let mut command = chunkwire_binary::command(&chunkwire_binary::path()?, port);
    command.args(options);
    Ok(command)
}

/// Returns how long `gzip -1` makes these bytes.
fn gzip_1(bytes: &[u8]) -> Result<usize> {
    let mut gzip =
        Command::new(programs::find("gzip")?).arg("-1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    // The result is shorter than a pipe, so that gzip does not wait while it is written to.
    gzip.stdin.take().ok_or("gzip has no stdin")?.write_all(bytes)?;
    Ok(gzip.wait_with_output()?.stdout.len())
}

/// Returns how long the response is in gzip.
///
/// # Errors
///
/// Returns an error if it does not decode to the right bytes.
fn compressed(server: SocketAddr, reference: &Reference) -> Result<usize> {
    let mut gzip = Vec::new();
    http::get_with(server, &http::target(USERS), &format!("{FIELD}\r\n"), |piece| gzip.extend_from_slice(piece))?;
    let mut plain = Vec::new();
    GzDecoder::new(&gzip[..]).read_to_end(&mut plain)?;
    if plain == reference.bytes() { Ok(gzip.len()) } else { Err("the response decodes to other bytes".into()) }
}

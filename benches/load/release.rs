//! What happens to chunkwire when clients stop reading: what they cost until its limit, what is left after it, and
//! whether a client beside them notices.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::arguments::Arguments;
use super::contenders::Contender;
use super::paths::Paths;
use super::process::Server;
use super::progress::Progress;
use super::sample::settle;
use super::sockets::Sockets;
use super::statistics::Spread;
use super::throughput::USERS;
use super::usage::{Usage, tcp_memory};
use super::{Result, http, stalled};

/// The server's limit for clients that take nothing (`--stall-timeout`).
pub(crate) const STALL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the server is watched before the first client comes, and after the limit of the last one.
const BEFORE: Duration = Duration::from_secs(3);
const AFTER: Duration = Duration::from_secs(5);

/// How long a client may wait for the start of its response.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often memory is sampled.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long the client that reads waits between two requests.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// What was observed, in order of time.
#[derive(Debug, Default)]
pub(crate) struct Release {
    /// Samples of the server.
    pub(crate) looks: Vec<Look>,
    /// Responses to the client that reads.
    pub(crate) responses: Vec<Response>,
    /// When the first client that does not read came, and when a response had begun for all of them, in seconds.
    pub(crate) arrivals: (f64, f64),
}

/// A sample of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Seconds since the beginning.
    pub(crate) seconds: f64,
    /// Resident memory in bytes.
    pub(crate) rss: u64,
    /// What the kernel holds for all TCP sockets of the machine, in bytes.
    pub(crate) tcp: u64,
    /// The server's end of its connections.
    pub(crate) sockets: Sockets,
}

/// A response to the client that reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Response {
    /// When it was requested, in seconds since the beginning.
    pub(crate) seconds: f64,
    /// How long it took in microseconds; `None` if it was not complete.
    pub(crate) took: Option<f64>,
}

/// A part of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    /// Only the client that reads is there.
    Before,
    /// All clients that don't read have the start of a response, and the first is not at the limit.
    During,
    /// All clients that don't read should be gone.
    After,
}

impl Release {
    /// Returns the parts that are distinguished. The time between them belongs to none.
    pub(crate) const PARTS: [(Part, &str); 3] =
        [(Part::Before, "before"), (Part::During, "during"), (Part::After, "after")];

    fn is_in(&self, part: Part, seconds: f64) -> bool {
        let (first, all) = self.arrivals;
        match part {
            Part::Before => seconds < first,
            Part::During => (all..first + STALL_TIMEOUT.as_secs_f64()).contains(&seconds),
            // The server may take a second.
            Part::After => seconds > all + STALL_TIMEOUT.as_secs_f64() + 1.0,
        }
    }

    /// Returns the samples of a part.
    pub(crate) fn looks(&self, part: Part) -> impl Iterator<Item = &Look> {
        self.looks.iter().filter(move |look| self.is_in(part, look.seconds))
    }

    /// Returns how long responses took in a part, in microseconds, and how many did not come.
    pub(crate) fn responses(&self, part: Part) -> (Option<Spread>, usize) {
        let of = || self.responses.iter().filter(move |response| self.is_in(part, response.seconds));
        (Spread::of(of().filter_map(|response| response.took)), of().filter(|response| response.took.is_none()).count())
    }
}

/// Lets the clients come, and watches until some time after the limit. An error is a line that says why it failed.
pub(crate) fn measure(
    arguments: &Arguments,
    chunkwire: &Contender,
    paths: &Paths,
    progress: &Progress,
) -> Result<Release, String> {
    let title = format!("{} stalled clients and a limit", arguments.clients);
    progress.step(&title);
    let release = run(arguments, chunkwire, paths).map_err(|error| format!("{title}: {error}"));
    if let Err(error) = &release {
        progress.line(error);
    }
    release
}

fn run(arguments: &Arguments, chunkwire: &Contender, paths: &Paths) -> Result<Release> {
    settle();
    let users = arguments.stalled_users;
    let mut server = Server::start("chunkwire-release", paths.work(), |port| {
        let mut command = chunkwire.command(paths, port, users)?;
        command.args(["--stall-timeout", &STALL_TIMEOUT.as_secs().to_string()]);
        Ok(command)
    })?;
    let (pid, address) = (server.pid(), server.address());
    Sockets::of(address)?;
    let start = Instant::now();
    let done = AtomicBool::new(false);
    let (looks, responses, arrivals) = thread::scope(|scope| {
        let looks = scope.spawn(|| repeat(&done, LOOK_EVERY, || look(start, pid, address)));
        let responses = scope.spawn(|| repeat(&done, ASK_EVERY, || ask_and_read(start, address)));
        let arrivals = come_and_stall(arguments.clients, start, address, users);
        done.store(true, Ordering::Relaxed);
        (looks.join(), responses.join(), arrivals)
    });
    server.still_runs()?;
    let panicked = |_| "a thread of the experiment panicked";
    Ok(Release { looks: looks.map_err(panicked)?, responses: responses.map_err(panicked)?, arrivals: arrivals? })
}

/// Runs the clients that don't read, from the first to some time after all should be gone. Returns when the first came
/// and when a response had begun for all.
fn come_and_stall(number: u32, start: Instant, address: SocketAddr, users: u64) -> Result<(f64, f64)> {
    thread::sleep(BEFORE);
    let first = start.elapsed();
    let clients = (0..number).map(|_| stalled::ask(address, users)).collect::<Result<Vec<_>>>()?;
    for client in &clients {
        client.set_read_timeout(Some(PATIENCE))?;
        // It stays unread.
        client.peek(&mut [0])?;
    }
    let all = start.elapsed();
    thread::sleep(STALL_TIMEOUT + AFTER);
    drop(clients);
    Ok((first.as_secs_f64(), all.as_secs_f64()))
}

fn repeat<T>(done: &AtomicBool, every: Duration, what: impl Fn() -> T) -> Vec<T> {
    let mut all = Vec::new();
    while !done.load(Ordering::Relaxed) {
        all.push(what());
        thread::sleep(every);
    }
    all
}

fn look(start: Instant, pid: u32, address: SocketAddr) -> Look {
    Look {
        seconds: start.elapsed().as_secs_f64(),
        rss: Usage::of(pid).rss,
        tcp: tcp_memory().unwrap_or(0),
        // `ss` has worked before.
        sockets: Sockets::of(address).unwrap_or_default(),
    }
}

fn ask_and_read(start: Instant, address: SocketAddr) -> Response {
    let asked = Instant::now();
    let whole = http::get(address, &http::target(USERS), |_| {}).is_ok();
    let took = asked.elapsed().as_secs_f64() * 1e6;
    Response { seconds: (asked - start).as_secs_f64(), took: whole.then_some(took) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_told_apart_by_when_clients_were_answered() {
        let release = Release { arrivals: (3.0, 4.0), ..Release::default() };
        let parts = |seconds| {
            let of = Release::PARTS.iter().filter(|(part, _)| release.is_in(*part, seconds));
            of.map(|(_, name)| *name).collect::<Vec<_>>()
        };
        assert_eq!(parts(1.0), ["before"]);
        assert_eq!(parts(5.0), ["during"]);
        assert_eq!(parts(16.0), ["after"]);
        for between in [3.5, 13.5, 14.5] {
            assert!(parts(between).is_empty(), "{between}");
        }
    }
}

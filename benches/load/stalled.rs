//! The second experiment: what clients cost that request a long response and never read it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::arguments::Arguments;
use super::contenders::Contender;
use super::paths::Paths;
use super::process::Server;
use super::progress::Progress;
use super::sample::{Sampler, settle, wait_until_idle};
use super::{Result, http, numbers};

/// How often memory is sampled. A contender can take a gigabyte in a second.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);

/// How long a contender may be busy with clients that don't read.
const PATIENCE: Duration = Duration::from_secs(30);

/// A contender that is idle for this long has done all that it can.
const IDLE_FOR: Duration = Duration::from_secs(2);

/// How long a contender may take to accept a connection.
const CONNECTS_IN: Duration = Duration::from_secs(5);

/// The effect of clients that don't read on one contender.
#[derive(Debug)]
pub(crate) struct Stalled {
    /// The contender.
    pub(crate) contender: &'static Contender,
    /// The most resident memory, in bytes.
    pub(crate) rss: u64,
    /// The most kernel memory, both ends of the connections together, in bytes.
    pub(crate) tcp: u64,
    /// Clients that were connected.
    pub(crate) clients: u32,
    /// Clients to which the start of a response with status 200 had come.
    pub(crate) answered: u32,
    /// Whether it was stopped because it held more memory than allowed.
    pub(crate) over_limit: bool,
}

/// Runs the contenders one after the other; each gives a result or a line that says why it failed.
pub(crate) fn measure(
    arguments: &Arguments,
    contenders: &[&'static Contender],
    paths: &Paths,
    progress: &Progress,
) -> (Vec<Stalled>, Vec<String>) {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for contender in contenders {
        let title = format!("{} stalled clients, {}", arguments.clients, contender.name);
        progress.step(&title);
        match run(arguments, contender, paths) {
            Ok(stalled) => {
                progress.line(&format!("{title}: {}", summary(&stalled)));
                found.push(stalled);
            }
            Err(error) => {
                progress.line(&format!("{title}: failed: {error}"));
                failures.push(format!("{title}: {error}"));
            }
        }
    }
    (found, failures)
}

fn run(arguments: &Arguments, contender: &'static Contender, paths: &Paths) -> Result<Stalled> {
    settle();
    let users = arguments.stalled_users;
    let mut server = Server::start(contender.name, paths.work(), |port| contender.command(paths, port, users))?;
    let sampler = Sampler::start(server.pid(), SAMPLE_EVERY, arguments.memory_limit());
    let mut clients = Vec::new();
    while clients.len() < arguments.clients as usize {
        // A contender that was stopped for its memory refuses the rest.
        let Ok(client) = ask(server.address(), users) else { break };
        clients.push(client);
    }
    wait_until_idle(server.pid(), IDLE_FOR, PATIENCE);
    let samples = sampler.stop()?;
    if !samples.over_limit {
        server.still_runs()?;
    }
    let connected = clients.len() as u32;
    let answered = clients.into_iter().filter_map(|client| was_answered(client).ok()).filter(|yes| *yes).count();
    Ok(Stalled {
        contender,
        rss: samples.highest_rss(),
        tcp: samples.highest_tcp(),
        clients: connected,
        answered: answered as u32,
        over_limit: samples.over_limit,
    })
}

/// Requests users, and reads nothing.
///
/// # Errors
///
/// Returns an error if the connection can't be made.
pub(crate) fn ask(address: SocketAddr, users: u64) -> Result<TcpStream> {
    let mut client = TcpStream::connect_timeout(&address, CONNECTS_IN)?;
    client.write_all(http::request(address, &http::target(users)).as_bytes())?;
    Ok(client)
}

/// Returns whether a response with status 200 has begun, without waiting for one.
fn was_answered(mut client: TcpStream) -> Result<bool> {
    client.set_nonblocking(true)?;
    let mut start = [0; 12];
    Ok(client.read(&mut start)? == start.len() && start.ends_with(b" 200"))
}

fn summary(stalled: &Stalled) -> String {
    format!(
        "{}{} MB, {} MB in the kernel, {} of {} clients answered",
        if stalled.over_limit { "stopped at " } else { "" },
        numbers::megabytes(stalled.rss as f64),
        numbers::megabytes(stalled.tcp as f64),
        stalled.answered,
        stalled.clients
    )
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_the_start_of_a_good_response_counts() {
        for (sent, counts) in [("HTTP/1.1 200 OK\r\n", true), ("HTTP/1.1 500 ", false), ("", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let client = ask(listener.local_addr().unwrap(), 1).unwrap();
            let (mut server, _) = listener.accept().unwrap();
            server.write_all(sent.as_bytes()).unwrap();
            drop(server);
            std::thread::sleep(Duration::from_millis(50));
            assert_eq!(was_answered(client).unwrap_or(false), counts, "{sent:?}");
        }
    }
}

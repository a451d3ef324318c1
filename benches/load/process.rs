//! A contender as its own process: started on a free port, awaited, and stopped with all its children.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};

use super::Result;
use super::usage;

/// How long a contender may take until it accepts connections. Node compiles its program first.
const READY_IN: Duration = Duration::from_secs(15);

/// How long a contender may take to stop before it is killed.
const STOPS_IN: Duration = Duration::from_secs(3);

/// How often to look again while waiting.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How much is quoted of the last output of a contender that died, in bytes.
const LAST_WORDS: usize = 500;

/// A contender that runs. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    address: SocketAddr,
    stderr: PathBuf,
}

impl Server {
    /// Starts the command that `command` returns for a free port, and waits until it accepts connections there. Its
    /// stderr goes to a file in `folder`.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be started, dies, or does not listen in time.
    pub(crate) fn start(
        name: &'static str,
        folder: &Path,
        command: impl FnOnce(u16) -> Result<Command>,
    ) -> Result<Self> {
        let address = free_address()?;
        let mut command = command(address.port())?;
        let stderr = folder.join(format!("{name}.stderr"));
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&stderr)?)
            .spawn()
            .map_err(|error| format!("{name} can't be started: {}: {error}", command.get_program().display()))?;
        let mut server = Self { name, child, address, stderr };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// Returns where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the process that was started; its children are below it.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Checks that it has not died.
    ///
    /// # Errors
    ///
    /// If it has died, returns an error with how it ended and its last output.
    pub(crate) fn still_runs(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let said = fs::read(&self.stderr).unwrap_or_default();
        let said = String::from_utf8_lossy(&said[said.len().saturating_sub(LAST_WORDS)..]).trim().to_owned();
        let said = if said.is_empty() { "it said nothing".to_owned() } else { format!("it said: {said}") };
        Err(format!("{} died ({status}); {said}", self.name).into())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while !TcpStream::connect(self.address).is_ok_and(|stream| is_of_another(&stream)) {
            self.still_runs()?;
            if start.elapsed() > READY_IN {
                return Err(format!("{} did not listen on {} within {READY_IN:?}", self.name, self.address).into());
            }
            sleep(LOOK_AGAIN);
        }
        // Another process could have taken the port in the meantime, and respond.
        self.still_runs()
    }
}

/// Whether not both ends are one, as may be when nobody listens and the kernel chooses that port for the client.
fn is_of_another(stream: &TcpStream) -> bool {
    !matches!((stream.local_addr(), stream.peer_addr()), (Ok(local), Ok(peer)) if local == peer)
}

impl Drop for Server {
    fn drop(&mut self) {
        let tree = usage::tree(self.pid());
        send(self.pid(), Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < STOPS_IN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            sleep(LOOK_AGAIN);
        }
        // What did not end with the process: children of a process that is gone have lost their parent.
        for pid in tree.into_iter().filter(|pid| *pid != self.pid() || matches!(self.child.try_wait(), Ok(None))) {
            send(pid, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Kills a process and its children at once.
pub(crate) fn kill(pid: u32) {
    for pid in usage::tree(pid) {
        send(pid, Signal::KILL);
    }
}

fn send(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // The process may be gone already.
        let _ = kill_process(pid, signal);
    }
}

/// Returns an address of this machine on which nothing listens, another one at each call.
fn free_address() -> Result<SocketAddr> {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // The system gives clients ports from 32,768 on. One of those could be taken by a connection of wrk before the
    // contender listens, and a client that connects to it too early may even be connected to itself.
    let ports = 20_000..30_000;
    for _ in ports.clone() {
        let index = process::id().wrapping_mul(101).wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed));
        let port = ports.start + (index % ports.len() as u32) as u16;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    Err(format!("no port from {} to {} is free", ports.start, ports.end - 1).into())
}

/// Raises the limit of open files of this process, and so of those that it starts, as far as possible.
///
/// # Errors
///
/// Returns an error if that is not enough for `connections`.
pub(crate) fn raise_open_files(connections: u64) -> Result<u64> {
    /// Open files that are not connections.
    const OTHERS: u64 = 100;
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    match limit.maximum {
        Some(maximum) if maximum < connections + OTHERS => Err(format!(
            "{connections} connections need {} open files, and no more than {maximum} are allowed (ulimit -Hn); \
             choose fewer with --connections and --clients",
            connections + OTHERS
        )
        .into()),
        maximum => Ok(maximum.unwrap_or(u64::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunkwire_binary;
    use super::*;

    fn folder() -> PathBuf {
        env!("CARGO_TARGET_TMPDIR").into()
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_contender_that_dies_at_once_is_named_with_its_last_words() {
        let error = Server::start("dies-at-once", &folder(), |_| Ok(shell("echo 'no luck' >&2; exit 3"))).unwrap_err();
        assert_eq!(error.to_string(), "dies-at-once died (exit status: 3); it said: no luck");
    }

    #[test]
    fn a_contender_that_is_not_there_is_named() {
        let error = Server::start("not-there", &folder(), |_| Ok(Command::new("/nonexistent"))).unwrap_err();
        assert!(error.to_string().starts_with("not-there can't be started: /nonexistent: "), "{error}");
    }

    #[test]
    fn a_contender_that_is_killed_later_is_noticed() {
        let mut server = Server::start("killed-later", &folder(), |port| {
            let mut command = Command::new(chunkwire_binary::path()?);
            command.args(["--listen", &format!("127.0.0.1:{port}")]);
            Ok(command)
        })
        .unwrap();
        server.still_runs().unwrap();
        kill(server.pid());
        server.child.wait().unwrap();
        let error = server.still_runs().unwrap_err().to_string();
        assert!(error.starts_with("killed-later died (signal: 9 (SIGKILL))"), "{error}");
    }

    #[test]
    fn children_end_with_their_parent() {
        let child = shell("trap '' TERM; sleep 60 & wait").spawn().unwrap();
        let address = free_address().unwrap();
        let server = Server { name: "with-child", child, address, stderr: folder().join("with-child.stderr") };
        let start = Instant::now();
        while usage::tree(server.pid()).len() < 2 && start.elapsed() < Duration::from_secs(5) {
            sleep(LOOK_AGAIN);
        }
        let tree = usage::tree(server.pid());
        assert_eq!(tree.len(), 2);
        drop(server);
        // The signal was sent, and takes effect when the kernel next runs the process.
        let gone = |pid: &u32| {
            let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        };
        let start = Instant::now();
        while !tree.iter().all(gone) {
            assert!(start.elapsed() < Duration::from_secs(5), "{tree:?}");
            sleep(LOOK_AGAIN);
        }
    }

    #[test]
    fn too_many_connections_are_refused_with_the_limit() {
        let error = raise_open_files(u64::from(u32::MAX)).map(|_| ());
        if let Err(error) = error {
            assert!(error.to_string().contains("ulimit -Hn"), "{error}");
        }
        raise_open_files(1).unwrap();
    }
}

//! Programs as processes of their own.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::process::{ExitStatus, Output, Stdio};

use tokio::io::{AsyncBufRead, AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};

use crate::time::soon;

/// Returns the command of a program with an empty environment.
pub fn program(path: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CHUNKWIRE_") || name == "RUST_LOG" || name == "NO_COLOR" {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Returns whether a program is installed, or panics if it is not and CI is true, where no test may be left out.
pub async fn is_installed(program: &str) -> bool {
    can(program, &format!("command -v {program}")).await
}

/// Returns whether Python has a package, likewise.
pub async fn has_python_package(package: &str) -> bool {
    can(package, &format!("python3 -c 'import {package}' 2>/dev/null")).await
}

async fn can(what: &str, script: &str) -> bool {
    let found = Command::new("sh").args(["-c", script]).stdout(Stdio::null()).status().await.unwrap().success();
    if !found {
        leave_out(what, in_ci());
    }
    found
}

/// Returns whether this is a run in CI, where no test may be left out.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// Says that a program is missing, for which a test is left out.
pub(crate) fn leave_out(program: &str, in_ci: bool) {
    assert!(!in_ci, "{program} is not installed, and CI is true: no test may be left out");
    say_skipped(&format!("{program} is not installed"));
}

/// Says why a test is left out, also where `cargo test` keeps what tests that pass have printed.
pub fn say_skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {why}");
}

/// Runs a program to its end.
pub async fn output(mut command: Command) -> Output {
    soon(command.output()).await.unwrap()
}

/// A server that has said where it listens.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    /// What it printed up to its first address.
    pub banner: String,
    pub address: SocketAddr,
    pub pid: u32,
}

impl Process {
    /// Starts a server, which must listen on `127.0.0.1`, and reads its output up to its address.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let banner = up_to_address(&mut stdout).await;
        Self::new(child, log, banner)
    }

    /// Starts a server that says in its log where it listens, and nothing on stdout, likewise.
    pub async fn start_logging(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let banner = up_to_address(&mut log).await;
        Self::new(child, log, banner)
    }

    fn new(child: Child, log: Lines<BufReader<ChildStderr>>, banner: String) -> Self {
        let (_, after) = banner.split_once("://").unwrap();
        let address = after.split([' ', '\n', '"']).next().unwrap().parse().unwrap();
        let pid = child.id().unwrap();
        Self { child, log, banner, address, pid }
    }

    /// Sends a signal, such as `TERM`.
    pub async fn signal(&self, name: &str) {
        let kill = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.pid)]).status();
        assert!(soon(kill).await.unwrap().success());
    }

    /// Awaits a line of the log that contains `what`.
    pub async fn logs(&mut self, what: &str) {
        self.logged(what).await;
    }

    /// Awaits a line of the log that contains `what`, and returns it.
    pub async fn logged(&mut self, what: &str) -> String {
        self.logged_with(&[what]).await
    }

    /// Awaits a line of the log that contains all `parts`, and returns it.
    pub async fn logged_with(&mut self, parts: &[&str]) -> String {
        loop {
            let line = soon(self.log.next_line()).await.unwrap().expect("more log");
            if parts.iter().all(|part| line.contains(part)) {
                return line;
            }
        }
    }

    /// Awaits the next line of the log, or its end.
    pub async fn next_line(&mut self) -> Option<String> {
        soon(self.log.next_line()).await.unwrap()
    }

    /// Returns the rest of the log, once the process has ended.
    pub async fn rest_of_log(mut self) -> String {
        let mut rest = String::new();
        while let Some(line) = self.next_line().await {
            rest += &line;
            rest.push('\n');
        }
        rest
    }

    /// Returns how many files it has open.
    pub fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid)).unwrap().count()
    }

    /// Returns its resident memory, in bytes.
    pub fn rss(&self) -> usize {
        memory(self.pid, "VmRSS:")
    }

    /// Awaits the end.
    pub async fn exit(mut self) -> ExitStatus {
        soon(self.child.wait()).await.unwrap()
    }

    /// Returns the most resident memory that it ever had, in bytes.
    pub fn peak_rss(&self) -> usize {
        memory(self.pid, "VmHWM:")
    }
}

/// Reads lines up to one with an address.
async fn up_to_address(from: &mut Lines<impl AsyncBufRead + Unpin>) -> String {
    let mut read = String::new();
    while !read.contains("://") {
        let line = soon(from.next_line()).await.unwrap().unwrap_or_else(|| panic!("only printed {read}"));
        read += &line;
        read.push('\n');
    }
    read
}

/// Returns a figure of `/proc/PID/status`, such as `VmRSS:`, in bytes.
pub fn memory(pid: u32, name: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[cfg(test)]
mod tests {
    use super::leave_out;

    #[test]
    fn a_program_may_be_missing_at_home() {
        leave_out("no-such-program", false);
    }

    #[test]
    #[should_panic(expected = "no-such-program is not installed, and CI is true")]
    fn a_program_that_is_missing_in_ci_is_a_failure() {
        leave_out("no-such-program", true);
    }
}

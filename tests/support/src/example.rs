//! The examples, run as programs, which `cargo test` builds before the tests.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::process::memory;
use crate::time::soon;

/// An example that listens.
#[derive(Debug)]
pub struct Example {
    pub address: SocketAddr,
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Example {
    /// Starts an example on a port of its own, with further arguments.
    pub async fn start(name: &str, arguments: &[&str]) -> Self {
        Self::run(Command::new(binary(name)), arguments).await
    }

    /// Starts an example that can't open files but those whose numbers are less than `most`.
    pub async fn with_open_files(name: &str, most: usize, arguments: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {most} && exec \"$0\" \"$@\"")]).arg(binary(name));
        Self::run(command, arguments).await
    }

    async fn run(mut command: Command, arguments: &[&str]) -> Self {
        command.arg("0").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = soon(stdout.next_line()).await.unwrap().expect("the address");
        let address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}"));
        Self { address: address.parse().unwrap(), child, stdout }
    }

    /// Returns its process's number.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Returns the next line that it prints.
    pub async fn prints(&mut self) -> String {
        soon(self.stdout.next_line()).await.unwrap().expect("another line")
    }

    /// Returns the most resident memory that it ever had, in bytes.
    pub fn peak_rss(&self) -> usize {
        memory(self.pid(), "VmHWM:")
    }

    /// Returns the numbers of the files that it has open; of one that has ended, there are none.
    pub fn open_files(&self) -> Vec<usize> {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.child.id().unwrap())).unwrap();
        files.map(|file| file.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect()
    }
}

/// Cargo puts examples into a folder beside that of the tests.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let binary = profile.join("examples").join(name);
    assert!(binary.exists(), "cargo test builds {}; before --test NAME, cargo build --examples does", binary.display());
    binary
}

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
        let mut command = Command::new(binary(name));
        command.arg("0").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = soon(stdout.next_line()).await.unwrap().expect("the address");
        let address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line}"));
        Self { address: address.parse().unwrap(), child, stdout }
    }

    /// Returns the next line that it prints.
    pub async fn prints(&mut self) -> String {
        soon(self.stdout.next_line()).await.unwrap().expect("another line")
    }

    /// Returns the most resident memory that it ever had, in bytes.
    pub fn peak_rss(&self) -> usize {
        memory(self.child.id().unwrap(), "VmHWM:")
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

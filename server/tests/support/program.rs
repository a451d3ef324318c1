//! The program as a process of its own.

use chunkwire_test_support::process::program;
use tokio::process::Command;

pub(crate) const CHUNKWIRE: &str = env!("CARGO_BIN_EXE_chunkwire");

/// The program with nothing set from outside.
pub(crate) fn chunkwire<A: AsRef<str>>(arguments: &[A]) -> Command {
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    program(CHUNKWIRE, &arguments)
}

/// The program under a limit of open files, such as `-n 50`.
pub(crate) fn with_open_files<A: AsRef<str>>(limits: &str, arguments: &[A]) -> Command {
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    let script = format!("ulimit {limits} && exec \"$0\" \"$@\"");
    program("sh", &[&["-c", &script, CHUNKWIRE], &arguments[..]].concat())
}

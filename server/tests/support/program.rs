//! The program as a process of its own.

use chunkwire_test_support::process::program;
use tokio::process::Command;

const CHUNKWIRE: &str = env!("CARGO_BIN_EXE_chunkwire");

/// The program with nothing set from outside.
pub(crate) fn chunkwire(arguments: &[&str]) -> Command {
    program(CHUNKWIRE, arguments)
}

/// The program under a limit of open files, such as `-n 50`.
pub(crate) fn with_open_files(limits: &str, arguments: &[&str]) -> Command {
    let script = format!("ulimit {limits} && exec \"$0\" \"$@\"");
    program("sh", &[&["-c", &script, CHUNKWIRE], arguments].concat())
}

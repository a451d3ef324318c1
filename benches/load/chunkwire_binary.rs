//! The binary of chunkwire's server as it is in this tree: where it is, and how it is built.
//!
//! It belongs to another package, and cargo gives its path only to that package's own tests and benches.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::paths::Paths;
use super::{Result, build};

/// Returns the path of the binary, which is in the same profile's folder as this program.
///
/// # Errors
///
/// Returns an error if it is not there.
pub(crate) fn path() -> Result<PathBuf> {
    let path = folder()?.join("chunkwire");
    if path.is_file() {
        return Ok(path);
    }
    Err(format!("there is no file {}; run cargo build --package chunkwire-server", path.display()).into())
}

/// The most users that any experiment may request.
const MAX_USERS: u64 = 10_000_000;

/// Returns the command that makes a binary of chunkwire listen on a port.
pub(crate) fn command(binary: &Path, port: u16) -> Command {
    let mut command = Command::new(binary);
    command.args(["--listen", &format!("127.0.0.1:{port}"), "--max-users", &MAX_USERS.to_string()]);
    command
}

/// Builds the binary as it is released, so that what is measured is what the sources say now.
///
/// # Errors
///
/// Returns an error if cargo fails.
pub(crate) fn build(paths: &Paths) -> Result<()> {
    let mut target_dir = folder()?;
    target_dir.pop();
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths.repository()).args(["build", "--release", "--quiet", "--package", "chunkwire-server"]);
    // The profile is given by name, since `path` must find the binary there whatever cargo's settings are.
    command.arg("--target-dir").arg(target_dir);
    build::run(command)
}

/// Returns the folder of this program's profile: the program itself is `target/PROFILE/deps/load-…`.
fn folder() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).ok_or("this program is not in cargo's target directory")?;
    Ok(folder.to_owned())
}

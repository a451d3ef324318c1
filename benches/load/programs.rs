//! The programs of others: where they are, which version, and how to install them.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Result;

/// Returns where a program is on this machine's search path.
///
/// # Errors
///
/// Returns an error if it is not there; the message says how to install it.
pub(crate) fn find(name: &str) -> Result<PathBuf> {
    // Debian puts nginx where only root's search path leads.
    let mut path = env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin");
    find_in(name, &path)
}

fn find_in(name: &str, path: &OsStr) -> Result<PathBuf> {
    env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .ok_or_else(|| format!("{name} is not installed; {}", hint(name)).into())
}

fn hint(name: &str) -> String {
    match name {
        "go" => "1.23 or later, on Debian 13: apt-get install golang-go, or see go.dev/doc/install".to_owned(),
        "node" | "npm" => "20 or later, on Debian 13: apt-get install nodejs npm, or see nodejs.org".to_owned(),
        _ => format!("on Debian: apt-get install {name}"),
    }
}

/// Returns the first line that a program prints for its version, or what went wrong.
pub(crate) fn version(program: &Path, argument: &str) -> String {
    match Command::new(program).arg(argument).output() {
        // wrk and nginx print it on stderr or with an exit code other than zero.
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            String::from_utf8_lossy(&said).lines().next().unwrap_or_default().trim().to_owned()
        }
        Err(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_wrk_is_said_with_how_to_install_it() {
        let error = find_in("wrk", OsStr::new("/nonexistent")).unwrap_err().to_string();
        assert_eq!(error, "wrk is not installed; on Debian: apt-get install wrk");
    }

    #[test]
    fn what_is_on_the_path_is_found() {
        assert_eq!(find_in("sh", OsStr::new("/nonexistent:/bin")).unwrap(), Path::new("/bin/sh"));
    }
}

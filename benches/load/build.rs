//! Builds the contenders in other languages, with the tools of those languages. Only this downloads anything.

use std::process::Command;

use super::paths::Paths;
use super::{Result, programs};

/// Builds what can be built here, and prints what can't.
///
/// # Errors
///
/// Returns an error if a tool is installed but fails.
pub(crate) fn all(paths: &Paths) -> Result<()> {
    for (tool, command) in [("go", go as fn(&Paths) -> Command), ("cargo", rust), ("npm", node)] {
        match programs::find(tool) {
            Ok(_) => run(command(paths))?,
            Err(reason) => eprintln!("skipped: {reason}"),
        }
    }
    Ok(())
}

fn go(paths: &Paths) -> Command {
    let mut command = Command::new("go");
    command.current_dir(paths.peers("go")).args(["build", "-o"]).arg(paths.go_binary()).arg(".");
    command
}

fn rust(paths: &Paths) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(paths.peers("rust")).args(["build", "--release", "--locked", "--target-dir"]);
    command.arg(paths.rust_target_dir());
    command
}

fn node(paths: &Paths) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(paths.peers("node")).args(["ci", "--omit=dev"]);
    command
}

/// Prints what a command does, and runs it.
///
/// # Errors
///
/// Returns an error if it can't be started or fails.
pub(crate) fn run(mut command: Command) -> Result<()> {
    eprintln!("in {}: {}", command.get_current_dir().unwrap_or(".".as_ref()).display(), shown(&command));
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(&command)).into()) }
}

fn shown(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_fails_is_an_error_with_its_command() {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 3"]);
        assert_eq!(run(command).unwrap_err().to_string(), "sh -c exit 3 ended with exit status: 3");
    }
}

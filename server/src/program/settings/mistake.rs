//! Why the options are not understood, and how that is said.

use std::fmt;
use std::io;
use std::process::ExitCode;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::program::output::{has_colours, say};

/// Why there are no settings.
#[derive(Debug)]
pub(crate) enum Mistake {
    /// There is none: the help or the version is wanted.
    Help(clap::Error),
    /// An option is not understood, wherever it stands.
    Option(String),
    /// The file can't be read, or its database and routes are not understood.
    File(String),
}

impl Mistake {
    /// What is wrong about the command line or a variable, which is named then.
    pub(super) fn of_arguments(command: &mut Command, error: clap::Error) -> Self {
        if !error.use_stderr() {
            return Self::Help(error);
        }
        Self::Option(match variable(command, &error) {
            Some(variable) => format!("{variable}: {}", in_one_line(&error)),
            None => in_one_line(&error),
        })
    }

    /// Says it, and returns the exit status.
    pub(crate) fn tell(self) -> ExitCode {
        match self {
            Self::Help(help) => {
                let text = help.render();
                let is_coloured = has_colours(&io::stdout());
                say(io::stdout(), if is_coloured { text.ansi().to_string() } else { text.to_string() });
                ExitCode::SUCCESS
            }
            Self::Option(what) => {
                say(io::stderr(), format!("chunkwire: {what}\n"));
                ExitCode::from(2)
            }
            Self::File(what) => {
                say(io::stderr(), format!("chunkwire: {what}\n"));
                ExitCode::FAILURE
            }
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Help(help) => help.fmt(f),
            Self::Option(what) | Self::File(what) => f.write_str(what),
        }
    }
}

/// What an error says first, without its usage.
pub(super) fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    // What is missing is named in lines of their own.
    let lines: Vec<_> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// The option whose name is nearest to one that there is not.
pub(super) fn nearest(error: &clap::Error) -> Option<String> {
    let suggested = match (error.kind(), error.get(ContextKind::SuggestedArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(one))) => one,
        (ErrorKind::UnknownArgument, Some(ContextValue::Strings(several))) => several.first()?,
        _ => return None,
    };
    Some(suggested.trim_start_matches('-').to_owned())
}

/// The variable that an error is about: the environment is wrong if it would be without any argument.
fn variable(command: &mut Command, error: &clap::Error) -> Option<String> {
    let without_arguments = command.try_get_matches_from_mut(["chunkwire"]).err()?;
    if without_arguments.to_string() != error.to_string() {
        return None;
    }
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidArg) else { return None };
    let option = command.get_arguments().find(|option| option.to_string() == *name)?;
    option.get_env().map(|variable| variable.to_string_lossy().into_owned())
}

//! The options as clap has them, wherever they are read from.

use std::env;

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command, CommandFactory};

use crate::program::options::Options;

/// Returns the options, with their variables but for those that are empty: a caller that has no value for one, as in a
/// compose file, can't but set it.
pub(super) fn command() -> Command {
    options().mut_args(|option| {
        let is_empty = option.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
        if is_empty { option.env(Resettable::Reset) } else { option }
    })
}

/// Returns the options, whatever the variables are.
pub(super) fn without_variables() -> Command {
    options().mut_args(|option| option.env(Resettable::Reset))
}

fn options() -> Command {
    Options::command().mut_args(|option| if is_flag(&option) { with_value(option) } else { option })
}

fn is_flag(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::SetTrue)
}

/// Lets a flag have a value, so that the command line can turn off what a variable or the file turns on.
fn with_value(flag: Arg) -> Arg {
    let flag = flag.action(ArgAction::Set).num_args(0..=1).require_equals(true).value_name("BOOL");
    flag.default_value("false").default_missing_value("true").hide_default_value(true)
}

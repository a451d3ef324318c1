//! The settings of the program: its options, and where each is from.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use chunkwire_server::Config;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, FromArgMatches};

use super::command::command;
use super::file::{Entry, File};
use super::mistake::Mistake;
use super::setting::Setting;
use crate::program::options::Options;

/// The settings of the program.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) options: Options,
    pub(crate) config: Config,
    /// What holds of each option, in the order of the help.
    pub(crate) all: Vec<Setting>,
}

impl Settings {
    /// Reads the command line, the variables and the file, which come in this order.
    pub(crate) fn read() -> Result<Self, Mistake> {
        let arguments: Vec<_> = env::args_os().collect();
        let mut command = command();
        // What is missing may be in the file, and all else is said below.
        let first = command.clone().ignore_errors(true).try_get_matches_from(&arguments);
        let first = first.map_err(|error| Mistake::of_arguments(&mut command, error))?;
        let file = first.get_one::<PathBuf>("config").map(|path| File::read(path)).transpose()?;
        let entries = file.iter().flat_map(|file| &file.entries).filter(|entry| !is_given(&first, entry));
        let entries: Vec<&Entry> = entries.collect();

        let (program, others) = arguments.split_at(arguments.len().min(1));
        let from_file = entries.iter().flat_map(|entry| entry.arguments()).map(OsString::from);
        let whole = program.iter().cloned().chain(from_file).chain(others.iter().cloned());
        let matches = command.try_get_matches_from_mut(whole).map_err(|error| {
            let without_file = command.try_get_matches_from_mut(&arguments).err();
            match &file {
                Some(file) if without_file.is_none_or(|other| other.to_string() != error.to_string()) => {
                    file.contradiction(&error)
                }
                _ => Mistake::of_arguments(&mut command, error),
            }
        })?;
        let options = Options::from_arg_matches(&matches).map_err(|error| {
            let error = error.format(&mut command);
            Mistake::of_arguments(&mut command, error)
        })?;
        let all = command.get_arguments().filter(|option| is_setting(option)).map(|option| {
            let entry = entries.iter().find(|entry| entry.id == *option.get_id());
            let place = entry.and_then(|entry| file.as_ref().map(|file| file.place_of(entry)));
            setting(option, &matches, place)
        });
        let all = all.collect();
        #[cfg_attr(not(feature = "postgres"), expect(unused_mut, reason = "only the file has tables"))]
        let mut config = options.config();
        #[cfg(feature = "postgres")]
        if let Some(file) = &file {
            config.tables.clone_from(&file.tables);
        }
        Ok(Self { options, config, all })
    }
}

/// Whether the command line or a variable has an option.
fn is_given(matches: &ArgMatches, entry: &Entry) -> bool {
    matches!(matches.value_source(entry.id.as_str()), Some(ValueSource::CommandLine | ValueSource::EnvVariable))
}

fn is_setting(option: &Arg) -> bool {
    !matches!(option.get_action(), ArgAction::Help | ArgAction::Version)
}

fn setting(option: &Arg, matches: &ArgMatches, place: Option<String>) -> Setting {
    let id = option.get_id().as_str();
    let source = match (place, matches.value_source(id), option.get_env()) {
        (Some(place), ..) => place,
        (None, Some(ValueSource::EnvVariable), Some(variable)) => variable.to_string_lossy().into_owned(),
        (None, Some(ValueSource::CommandLine), _) => "command line".to_owned(),
        _ => "default".to_owned(),
    };
    let values = matches.get_raw(id);
    let value = values.map(|values| values.map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(","));
    let name = option.get_long().unwrap_or(id).to_owned();
    Setting { name, value, source, is_secret: option.is_hide_env_values_set() }
}

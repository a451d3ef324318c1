//! The file in TOML: options at its top, a database and its routes below them.

use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

#[cfg(feature = "postgres")]
use chunkwire_server::{Tables, TablesError};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, Id};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::command::without_variables;
use super::mistake::{Mistake, in_one_line, nearest};

/// Options that are about the program's start, or name the file.
const NOT_HERE: [&str; 5] = ["check", "config", "healthcheck", "help", "version"];

/// What is no option: a database and its routes.
const TABLES: [&str; 2] = ["database", "route"];

/// A file whose options are understood.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    pub(super) entries: Vec<Entry>,
    /// The database and its routes, if it has some.
    #[cfg(feature = "postgres")]
    pub(super) tables: Option<Tables>,
}

/// An option of a file.
#[derive(Debug)]
pub(super) struct Entry {
    name: String,
    pub(super) id: Id,
    line: usize,
    values: Vec<String>,
}

impl Entry {
    /// It as arguments of the command line.
    pub(super) fn arguments(&self) -> impl Iterator<Item = String> {
        self.values.iter().map(|value| format!("--{}={value}", self.name))
    }
}

impl File {
    /// Reads a file, and checks each option by itself.
    pub(super) fn read(path: &Path) -> Result<Self, Mistake> {
        let shown = path.display();
        let text = fs::read_to_string(path).map_err(|error| Mistake::File(format!("{shown}: {error}")))?;
        let line = |offset| text.get(..offset).unwrap_or_default().matches('\n').count() + 1;
        let document = DeTable::parse(&text).map_err(|error| {
            let line = line(error.span().map_or(0, |span| span.start));
            Mistake::File(format!("{shown}:{line}: {}", error.message().trim_end().replace('\n', "; ")))
        })?;
        let mut known = without_variables();
        known.build();
        let (mut entries, mut tables) = (Vec::new(), text.clone());
        for (key, value) in document.get_ref().iter() {
            let (name, span) = (key.get_ref().clone().into_owned(), key.span().start..value.span().end);
            if cfg!(feature = "postgres") && TABLES.contains(&&*name) {
                continue;
            }
            let line = line(span.start);
            let understood = understood(&known, &name, value);
            let (id, values) = understood.map_err(|what| Mistake::Option(format!("{shown}:{line}: {name}: {what}")))?;
            entries.push(Entry { name, id, line, values });
            tables.replace_range(span.clone(), &blank(&text[span]));
        }
        Ok(Self {
            path: path.to_owned(),
            entries,
            #[cfg(feature = "postgres")]
            tables: TABLES
                .iter()
                .any(|table| document.get_ref().contains_key(*table))
                .then(|| tables.parse())
                .transpose()
                .map_err(|error: TablesError| {
                    Mistake::File(format!("{shown}:{}: {}", error.line(), error.mistake()))
                })?,
        })
    }

    /// Where an option stands.
    pub(super) fn place_of(&self, entry: &Entry) -> String {
        format!("{}:{}", self.path.display(), entry.line)
    }

    /// What is wrong about options that are understood, each by itself.
    pub(super) fn contradiction(&self, error: &clap::Error) -> Mistake {
        Mistake::Option(format!("{}: {}", self.path.display(), in_one_line(error)))
    }
}

/// What is left of an option for the parser of the rest: as many bytes, in as many lines.
fn blank(option: &str) -> String {
    option.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// Which option a name is, and its values, which are checked as those of the command line are.
fn understood(known: &Command, name: &str, value: &Spanned<DeValue<'_>>) -> Result<(Id, Vec<String>), String> {
    let option = known.get_arguments().find(|option| option.get_long() == Some(name));
    let option = option.ok_or_else(|| unknown(name))?;
    if NOT_HERE.contains(&name) {
        return Err("it can't be in the file; allowed is the command line, or the variable if it has one".to_owned());
    }
    let values = match value.get_ref() {
        DeValue::Array(values) if is_list(option) => values.iter().map(text_of).collect(),
        _ => text_of(value).map(|text| vec![text]),
    };
    let values = values.ok_or_else(|| {
        let several = if is_list(option) { ", or some of them in brackets" } else { "" };
        format!("it is no single value; allowed is a text, a number, true or false{several}")
    })?;
    if values.is_empty() && !option.get_default_values().is_empty() {
        return Err("it has no value; allowed is one or more".to_owned());
    }
    let arguments = values.iter().map(|value| format!("--{name}={value}"));
    match known.clone().try_get_matches_from(iter::once("chunkwire".to_owned()).chain(arguments)) {
        // Another option that has to be there may come from elsewhere.
        Err(error) if error.kind() != ErrorKind::MissingRequiredArgument => Err(in_one_line(&error)),
        _ => Ok((option.get_id().clone(), values)),
    }
}

fn is_list(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Append)
}

fn text_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => {
            i128::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// What is said of a name that no option has.
fn unknown(name: &str) -> String {
    if TABLES.contains(&name) {
        return "it needs the feature postgres, which this program was built without; allowed are options".to_owned();
    }
    let tables = TABLES.map(|table| Arg::new(table).long(table));
    let error = without_variables().args(tables).try_get_matches_from(["chunkwire", &format!("--{name}")]).err();
    match error.as_ref().and_then(nearest) {
        Some(nearest) => format!("it is no option; the nearest is {nearest}"),
        None => "it is no option; allowed are those that --help names, and the tables database and route".to_owned(),
    }
}

//! What a request says to a route: its parameters, as text that the database reads.

use std::borrow::Cow;

use chunkwire::Format;
use chunkwire_postgres::{KeyColumn, Query, Value};

use super::route_config::{Declared, OWN_PARAMETERS, RouteConfig};
use crate::about::Allowed;
use crate::problem::{Parameter, Problem};
use crate::query::{decoded_value, format_named, once, raw_parameters, whole_number};

/// What a request asks of a route.
#[derive(Debug)]
pub(super) struct AskedRows {
    pub(super) limit: u64,
    /// For clients that can't set headers: it is what `Accept` says if this is `None`.
    pub(super) format: Option<Format>,
    /// Whether it goes on behind a key.
    pub(super) after: bool,
    pub(super) bound: Vec<Bound>,
}

/// What is bound to a parameter of a statement, and what to say of it if the database can't read it.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) text: String,
    pub(super) name: String,
    pub(super) given: String,
    pub(super) allowed: String,
}

impl Bound {
    pub(super) fn value(&self) -> Value {
        Value::Text(self.text.clone())
    }

    pub(super) fn problem(&self) -> Problem {
        let (name, given, allowed) = (self.name.clone(), self.given.clone(), self.allowed.clone());
        Problem::parameter(Parameter { name, given, allowed })
    }

    /// No text of PostgreSQL has this character.
    fn without_nul(self) -> Result<Self, Problem> {
        if self.text.contains('\0') { Err(self.problem()) } else { Ok(self) }
    }
}

/// Returns what a query says to the route of a list, which may go on behind a key if there is one.
pub(super) fn of_list(route: &RouteConfig, columns: Option<&[KeyColumn]>, text: &str) -> Result<AskedRows, Problem> {
    let (mut limit, mut after, mut format) = (None, None, None);
    let max = route.limit.max;
    let own: Vec<_> = OWN_PARAMETERS.into_iter().filter(|name| *name != "after" || columns.is_some()).collect();
    let declared = declared(route, text, &own, |name, value| {
        let numbers = || Allowed::Whole { least: 0, most: max }.to_string();
        let up_to_max = |text: &str| whole_number(text).filter(|number| *number <= max);
        match (name, columns) {
            ("limit", _) => once(name, &mut limit, decoded_value(name, value)?, up_to_max, numbers)?,
            ("format", _) => {
                let allowed = || Allowed::Format.to_string();
                once(name, &mut format, decoded_value(name, value)?, format_named, allowed)?;
            }
            ("after", Some(columns)) => {
                let key = |_: &str| Some(key(columns, value, "after", "after"));
                once(name, &mut after, value.into(), key, || key_shape(columns))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let after = after.map(|(key, _)| key).transpose()?;
    Ok(AskedRows {
        limit: limit.map_or(route.limit.default, |(limit, _)| limit),
        format: format.map(|(format, _)| format),
        after: after.is_some(),
        bound: declared.into_iter().chain(after.into_iter().flatten()).collect(),
    })
}

/// Returns what is bound to the statement of one row: what its query says, then the key, which is a segment of the path.
pub(super) fn of_item(route: &RouteConfig, query: &Query, text: &str, segment: &str) -> Result<Vec<Bound>, Problem> {
    let mut bound = declared(route, text, &[], |_, _| Ok(false))?;
    let names: Vec<_> = query.key().iter().map(KeyColumn::name).collect();
    bound.extend(key(query.key(), segment, &names.join(","), "the key in the path")?);
    Ok(bound)
}

/// Returns the values of the parameters that the route declares. `own` takes those of its own names.
fn declared<'a>(
    route: &RouteConfig,
    text: &'a str,
    own_names: &[&str],
    mut own: impl FnMut(&str, &'a str) -> Result<bool, Problem>,
) -> Result<Vec<Bound>, Problem> {
    let mut given: Vec<Option<(String, Cow<'_, str>)>> = vec![None; route.parameters.len()];
    for parameter in raw_parameters(text) {
        let (name, value) = parameter?;
        if own(&name, value)? {
            continue;
        }
        let Some(place) = route.parameters.iter().position(|declared| declared.name == name) else {
            let known = route.parameters.iter().map(|declared| &*declared.name);
            let known: Vec<_> = known.chain(own_names.iter().copied()).collect();
            return Err(Problem::unknown_parameter(&name, &decoded_value(&name, value)?, &known));
        };
        let value = decoded_value(&name, value)?;
        let allowed = || allowed(&route.parameters[place]);
        once(&name, &mut given[place], value, |text| Some(text.to_owned()), allowed)?;
    }
    let bound = route.parameters.iter().zip(given).map(|(declared, given)| {
        let default = declared.default.as_ref().map(|default| default.0.clone());
        let Some(text) = given.map(|(text, _)| text).or(default) else {
            return Err(Problem::missing_parameter(&declared.name, allowed(declared)));
        };
        Bound { given: text.clone(), text, name: declared.name.clone(), allowed: allowed(declared) }.without_nul()
    });
    bound.collect()
}

/// What is allowed for a parameter of the file.
pub(super) fn allowed(declared: &Declared) -> String {
    format!("a value of the type {}", declared.type_name)
}

/// Returns the parts of a key, which are percent-encoded between commas.
fn key(columns: &[KeyColumn], text: &str, name: &str, place: &str) -> Result<Vec<Bound>, Problem> {
    let whole = || Parameter { name: name.to_owned(), given: text.to_owned(), allowed: key_shape(columns) };
    let parts: Vec<_> = text.split(',').collect();
    if parts.len() != columns.len() {
        return Err(Problem::parameter(whole()));
    }
    let bound = parts.into_iter().map(|part| {
        let Parameter { name, given, allowed } = whole();
        Bound { text: decoded_value(place, part)?.into_owned(), name, given, allowed }.without_nul()
    });
    bound.collect()
}

/// What a key looks like.
pub(super) fn key_shape(columns: &[KeyColumn]) -> String {
    let parts: Vec<_> = columns.iter().map(|column| format!("{} ({})", column.name(), column.type_name())).collect();
    match parts.len() {
        1 => parts.concat(),
        _ => format!("{}, with commas between", parts.join(", ")),
    }
}

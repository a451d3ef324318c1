//! What the file says of a route.

use serde::Deserialize;

use chunkwire_postgres::{Definition, Direction};

/// Paths that the server has for itself.
const TAKEN: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/live", "/openapi.json"];

/// Parameters that every route has.
pub(super) const OWN_PARAMETERS: [&str; 3] = ["limit", "after", "format"];

/// A route, as it was read and checked.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "Raw")]
pub(super) struct RouteConfig {
    pub(super) path: String,
    pub(super) definition: Definition,
    pub(super) parameters: Vec<Declared>,
    pub(super) limit: Limit,
    /// Whether `{path}/{key}` is one row.
    pub(super) item: bool,
    /// Whether a response says how the next one is asked for.
    pub(super) link_template: bool,
    /// Whether arrays are in an object that says so.
    pub(super) envelope: bool,
    pub(super) consistency: Consistency,
}

/// Of what moment the rows of a response are.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Consistency {
    /// Each page is of a moment of its own.
    #[default]
    Pages,
    /// All are of one moment, for which a connection is held.
    Snapshot,
}

/// How many rows a response may have.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub(super) struct Limit {
    pub(super) default: u64,
    pub(super) max: u64,
}

impl Default for Limit {
    fn default() -> Self {
        Self { default: 1000, max: 1_000_000 }
    }
}

/// A parameter of the query, in the order of `$1`, `$2`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct Declared {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) type_name: String,
    /// Without one, each request has to say it.
    pub(super) default: Option<Scalar>,
}

/// A value that the file has, as the text that the database reads.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(from = "RawScalar")]
pub(super) struct Scalar(pub(super) String);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, a number or a truth value")]
enum RawScalar {
    Text(String),
    Whole(i64),
    Float(f64),
    Truth(bool),
}

impl From<RawScalar> for Scalar {
    fn from(raw: RawScalar) -> Self {
        Self(match raw {
            RawScalar::Text(text) => text,
            RawScalar::Whole(number) => number.to_string(),
            RawScalar::Float(number) => number.to_string(),
            RawScalar::Truth(value) => value.to_string(),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table", rename_all = "kebab-case")]
struct Raw {
    path: String,
    table: Option<String>,
    view: Option<String>,
    sql: Option<String>,
    columns: Option<Vec<String>>,
    #[serde(default)]
    key: Vec<String>,
    #[serde(default)]
    parameters: Vec<Declared>,
    #[serde(default)]
    limit: Limit,
    #[serde(default)]
    item: bool,
    #[serde(default)]
    pages: Pages,
    #[serde(default)]
    link_template: bool,
    #[serde(default)]
    envelope: bool,
    #[serde(default)]
    consistency: Consistency,
}

/// What a page may cost.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Pages {
    /// The key is looked up in an index.
    #[default]
    Indexed,
    /// Each page may compute all rows.
    Expensive,
}

impl TryFrom<Raw> for RouteConfig {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Self, String> {
        let Raw {
            path,
            table,
            view,
            sql,
            columns,
            key,
            parameters,
            limit,
            item,
            pages,
            link_template,
            envelope,
            consistency,
        } = raw;
        check_path(&path)?;
        if limit.default > limit.max {
            return Err(format!("limit: the default of {} is above the max of {}", limit.default, limit.max));
        }
        if consistency == Consistency::Snapshot {
            let of_pages = [
                ("item", item),
                ("link-template", link_template),
                ("envelope", envelope),
                ("pages", pages == Pages::Expensive),
            ];
            if let Some((name, _)) = of_pages.iter().find(|(_, is_set)| *is_set) {
                return Err(format!("{name}: it needs pages, which a route has whose consistency is \"pages\""));
            }
        }
        let mut definition = match (table, view, sql) {
            (Some(table), None, None) => Definition::table(table),
            (None, Some(view), None) => Definition::view(view),
            (None, None, Some(sql)) => Definition::sql(sql),
            _ => return Err("allowed is one of table, view or sql".to_owned()),
        };
        for (place, parameter) in parameters.iter().enumerate() {
            check_name(&parameter.name, &parameters[..place])?;
            definition = definition.parameter(&parameter.type_name);
        }
        if let Some(columns) = columns {
            definition = definition.columns(columns);
        }
        for part in key {
            let (name, direction) = key_part(&part);
            definition = definition.key(name, direction);
        }
        if pages == Pages::Expensive {
            definition = definition.accept_expensive_pages();
        }
        Ok(Self { path, definition, parameters, limit, item, link_template, envelope, consistency })
    }
}

impl RouteConfig {
    /// The path of one row.
    pub(super) fn item_path(&self) -> String {
        format!("{}/{{key}}", self.path)
    }

    /// Whether there is a path that both have.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

/// A path has segments of letters, digits, `-`, `.`, `_` and `~`, which are never encoded (RFC 3986, section 2.3).
fn check_path(path: &str) -> Result<(), String> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(is_unreserved);
    let is_path = path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment));
    if !is_path {
        return Err(format!(
            "path: {path:?} is no path; allowed are segments of letters, digits, -, ., _ and ~, such as /api/v1/users"
        ));
    }
    if TAKEN.contains(&path) {
        return Err(format!("path: {path:?} is a path of the server's own"));
    }
    Ok(())
}

fn check_name(name: &str, before: &[Declared]) -> Result<(), String> {
    if name.is_empty() {
        return Err("parameters: a parameter needs a name".to_owned());
    }
    if OWN_PARAMETERS.contains(&name) {
        return Err(format!("parameters: {name:?} is a parameter that every route has"));
    }
    if before.iter().any(|other| other.name == name) {
        return Err(format!("parameters: there are two of the name {name:?}"));
    }
    Ok(())
}

/// `name`, `name asc` or `name desc`.
fn key_part(text: &str) -> (&str, Direction) {
    match text.rsplit_once(' ') {
        Some((name, direction)) if direction.eq_ignore_ascii_case("desc") => (name.trim_end(), Direction::Descending),
        Some((name, direction)) if direction.eq_ignore_ascii_case("asc") => (name.trim_end(), Direction::Ascending),
        _ => (text, Direction::Ascending),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_directions() {
        for (text, name, direction) in [
            ("id", "id", Direction::Ascending),
            ("id ASC", "id", Direction::Ascending),
            ("placed_at desc", "placed_at", Direction::Descending),
            ("the id", "the id", Direction::Ascending),
        ] {
            assert_eq!(key_part(text), (name, direction));
        }
    }

    #[test]
    fn routes_that_are_refused() {
        for (text, named) in [
            ("path = \"u\"\ntable = \"t\"", "\"u\""),
            ("path = \"/\"\ntable = \"t\"", "\"/\""),
            ("path = \"/u/\"\ntable = \"t\"", "\"/u/\""),
            ("path = \"/u/{id}\"\ntable = \"t\"", "{id}"),
            ("path = \"/healthz\"\ntable = \"t\"", "own"),
            ("path = \"/u\"", "table, view or sql"),
            ("path = \"/u\"\ntable = \"t\"\nlimit = { default = 5, max = 4 }", "limit"),
            ("path = \"/u\"\ntable = \"t\"\nlimit = { least = 5 }", "least"),
            ("path = \"/u\"\ntable = \"t\"\nlimit = 5", "expected a table"),
            ("path = \"/u\"\nsql = \"s\"\nparameters = [5]", "expected a table"),
            ("path = \"/u\"\ntable = \"t\"\npages = \"cheap\"", "expensive"),
            ("path = \"/u\"\ntable = \"t\"\nconsistency = \"none\"", "snapshot"),
            ("path = \"/u\"\ntable = \"t\"\nconsistency = \"snapshot\"\nitem = true", "item: it needs pages"),
            ("path = \"/u\"\ntable = \"t\"\nconsistency = \"snapshot\"\nenvelope = true", "envelope: it needs pages"),
            ("path = \"/u\"\nsql = \"s\"\nparameters = [{ name = \"limit\", type = \"int\" }]", "limit"),
            ("path = \"/u\"\nsql = \"s\"\nparameters = [{ name = \"\", type = \"int\" }]", "name"),
            ("path = \"/u\"\nsql = \"s\"\nparameters = [{ name = \"a\" }]", "type"),
            (
                "path = \"/u\"\nsql = \"s\"\nparameters = [{ name = \"a\", type = \"int\" }, { name = \"a\", type = \"int\" }]",
                "two of the name \"a\"",
            ),
            ("path = \"/u\"\nsql = \"s\"\nparameters = [{ name = \"a\", type = \"int\", default = [] }]", "a number"),
        ] {
            let error = toml::from_str::<RouteConfig>(text).unwrap_err();
            assert!(error.message().contains(named), "{text}: {error}");
        }
    }
}

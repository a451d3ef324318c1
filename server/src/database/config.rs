//! The file that says which database there is and which routes: TOML.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::route_config::RouteConfig;
use super::url::Url;

/// What is said in place of [`DatabaseConfig::url`].
const URL_VARIABLE: &str = "CHUNKWIRE_DATABASE_URL";

/// A database and the routes that it answers, as a file in TOML has them.
///
/// # Examples
///
/// ```
/// use chunkwire_server::Tables;
///
/// let tables = r#"
///     [database]
///     url = "postgres://reader@localhost/app"
///     connections = 4
///
///     [[route]]
///     path = "/api/v1/users"
///     table = "users"
/// "#;
/// assert!(tables.parse::<Tables>().is_ok());
///
/// let mistake = tables.replace("connections", "conections").parse::<Tables>().unwrap_err().to_string();
/// assert!(mistake.starts_with("line 4: database.conections: "), "{mistake}");
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "File")]
pub struct Tables {
    pub(super) database: DatabaseConfig,
    pub(super) url: Url,
    pub(super) routes: Vec<RouteConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct File {
    #[serde(default)]
    database: DatabaseConfig,
    #[serde(default, rename = "route")]
    routes: Vec<RouteConfig>,
}

/// What is said of the database.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, expecting = "a table", rename_all = "kebab-case")]
pub(super) struct DatabaseConfig {
    url: Option<Url>,
    /// A file with nothing but the password.
    pub(super) password_file: Option<PathBuf>,
    /// Of the process; they are split between its workers, each of which has one at least.
    pub(super) connections: NonZeroUsize,
    /// For a connection.
    #[serde(deserialize_with = "duration")]
    pub(super) wait: Duration,
    /// For a statement.
    #[serde(deserialize_with = "duration")]
    pub(super) query_timeout: Duration,
    /// How long a connection waits for a reader that has a chunk.
    #[serde(deserialize_with = "duration")]
    pub(super) hold: Duration,
    /// A longer row ends the response as failed.
    pub(super) max_record: ByteSize,
    /// Of a connection.
    #[serde(deserialize_with = "duration")]
    pub(super) max_age: Duration,
    pub(super) pooler: Pooler,
    /// Of the process, for responses that are one snapshot; split in the same way.
    pub(super) snapshot_connections: NonZeroUsize,
    /// For how long a snapshot holds one at most.
    #[serde(deserialize_with = "duration")]
    pub(super) snapshot_max_age: Duration,
}

/// What stands between the server and the database.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pooler {
    #[default]
    None,
    /// A pooler, such as PgBouncer, that gives each transaction another session: nothing can be set or prepared for
    /// the whole of one.
    Transaction,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: None,
            password_file: None,
            connections: NonZeroUsize::MIN.saturating_add(7),
            wait: Duration::from_secs(5),
            query_timeout: Duration::from_secs(10),
            hold: Duration::from_millis(2),
            max_record: ByteSize::mib(1),
            max_age: Duration::from_secs(30 * 60),
            pooler: Pooler::None,
            snapshot_connections: NonZeroUsize::MIN.saturating_add(1),
            snapshot_max_age: Duration::from_secs(30),
        }
    }
}

impl TryFrom<File> for Tables {
    type Error = String;

    fn try_from(file: File) -> Result<Self, String> {
        let File { database, mut routes } = file;
        if routes.is_empty() {
            return Err("there is no [[route]], so there is nothing to serve".to_owned());
        }
        for (place, route) in routes.iter().enumerate() {
            if let Some(other) = routes[..place].iter().find(|other| other.meets(route)) {
                return Err(format!("the routes {:?} and {:?} have a path in common", other.path, route.path));
            }
        }
        let url = match std::env::var(URL_VARIABLE) {
            Ok(url) if !url.is_empty() => url.parse().map_err(|error| format!("{URL_VARIABLE}: {error}"))?,
            _ => database.url.clone().ok_or_else(|| {
                format!("no database is named; allowed is url in [database], or the variable {URL_VARIABLE}")
            })?,
        };
        let url = url.with_password(database.password_file.as_deref())?;
        if database.pooler == Pooler::Transaction {
            for route in &mut routes {
                route.definition = route.definition.clone().through_pooler();
            }
        }
        Ok(Self { database, url, routes })
    }
}

impl Tables {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Which line and which key are wrong, and what is allowed there.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_server::Tables;
    ///
    /// let error = Tables::read("/no/such/file.toml").unwrap_err();
    /// assert!(error.to_string().starts_with("/no/such/file.toml: "));
    /// ```
    pub fn read(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let named = |kind, error: &dyn fmt::Display| io::Error::new(kind, format!("{}: {error}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| named(error.kind(), &error))?;
        text.parse().map_err(|error: TablesError| named(io::ErrorKind::InvalidInput, &error))
    }
}

impl std::str::FromStr for Tables {
    type Err = TablesError;

    fn from_str(text: &str) -> Result<Self, TablesError> {
        let document = toml::Deserializer::parse(text).map_err(|error| TablesError::new(text, "", &error))?;
        serde_path_to_error::deserialize(document)
            .map_err(|error| TablesError::new(text, &error.path().to_string(), error.inner()))
    }
}

/// What is wrong about a file: the line, the key, and what is allowed.
///
/// No value is shown, since it could be a password.
///
/// # Examples
///
/// ```
/// use chunkwire_server::Tables;
///
/// let error = "[database]\nconnections = 0".parse::<Tables>().unwrap_err();
/// assert_eq!(&error.to_string()[..30], "line 2: database.connections: ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablesError {
    line: usize,
    mistake: String,
}

impl TablesError {
    /// Returns the line, from 1.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_server::Tables;
    ///
    /// assert_eq!("\n[databse]".parse::<Tables>().unwrap_err().line(), 2);
    /// ```
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the key, and what is allowed there.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_server::Tables;
    ///
    /// let error = "[database]\nwait = '5'".parse::<Tables>().unwrap_err();
    /// assert!(error.mistake().starts_with("database.wait: "));
    /// ```
    pub fn mistake(&self) -> &str {
        &self.mistake
    }

    fn new(text: &str, path: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
        let path = if matches!(path, "" | ".") { String::new() } else { format!("{path}: ") };
        Self { line, mistake: format!("{path}{}", without_text(error.message().trim_end()).replace('\n', "; ")) }
    }
}

/// What serde says of a text where something else belongs, without that text.
fn without_text(message: &str) -> Cow<'_, str> {
    let parts = message.strip_prefix("invalid type: string ").and_then(|rest| rest.rsplit_once("\", expected "));
    parts.map_or(message.into(), |(_, expected)| format!("invalid type: a text, expected {expected}").into())
}

impl fmt::Display for TablesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.mistake)
    }
}

impl std::error::Error for TablesError {}

/// A time that is not nothing.
fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = humantime::parse_duration(&text).ok();
    time.filter(|time| !time.is_zero() && *time <= chunkwire_engine::Config::LONGEST).ok_or_else(|| {
        D::Error::custom(format_args!(
            "{text:?} is no time; allowed is a number above 0 with a unit, such as 5s or 30m"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: &str = "[[route]]\npath = \"/u\"\ntable = \"users\"\n";
    const URL: &str = "[database]\nurl = \"postgres://u:secret@h/d\"\n";

    fn mistake(text: &str) -> String {
        text.parse::<Tables>().unwrap_err().to_string()
    }

    #[test]
    fn a_file_has_defaults() {
        let tables: Tables = format!("{URL}{ROUTE}").parse().unwrap();
        let DatabaseConfig { connections, wait, query_timeout, max_age, pooler, .. } = tables.database;
        assert_eq!((connections.get(), pooler), (8, Pooler::None));
        assert_eq!([wait, query_timeout, max_age].map(|time| time.as_secs()), [5, 10, 1800]);
    }

    #[test]
    fn mistakes_have_their_line_and_key() {
        for (text, named) in [
            ("", &["no [[route]]"][..]),
            ("[database", &["line 1"]),
            ("[databse]\n", &["line 1", "databse", "database", "route"]),
            ("[database]\nurl = 5\n", &["line 2", "database.url"]),
            ("[database]\nurl = \"mysql://h\"\n", &["line 2", "database.url", "postgres://"]),
            ("[database]\nconnections = 0\n", &["line 2", "database.connections"]),
            ("[database]\nconnections = -1\n", &["line 2", "database.connections"]),
            ("[database]\n\nwait = \"5\"\n", &["line 3", "database.wait", "\"5\"", "5s"]),
            ("[database]\nwait = \"0s\"\n", &["line 2", "database.wait", "above 0"]),
            ("[database]\nmax-age = 5\n", &["line 2", "database.max-age"]),
            ("[database]\nmax-record = \"much\"\n", &["line 2", "database.max-record"]),
            ("[database]\nsnapshot-connections = 0\n", &["line 2", "database.snapshot-connections"]),
            ("[database]\nsnapshot-max-age = \"0s\"\n", &["line 2", "database.snapshot-max-age", "above 0"]),
            ("[database]\npooler = \"session\"\n", &["line 2", "database.pooler", "session", "transaction"]),
            ("database = \"postgres://u:secret@h/d\"\n", &["line 1", "database", "a text, expected a table"]),
            ("route = [5]\n", &["line 1", "route", "expected a table"]),
            ("[database]\nconnections = 'secret\", expected secret'\n", &["line 2", "database.connections", "a text"]),
            ("[database]\nconnections = \"secret\"\n", &["line 2", "database.connections", "a text, expected"]),
            ("[database]\npassword = \"secret\"\n", &["line 2", "password", "password-file"]),
            (ROUTE, &["CHUNKWIRE_DATABASE_URL"]),
            (&format!("{URL}{ROUTE}{ROUTE}"), &["\"/u\"", "in common"]),
            (&format!("{URL}{ROUTE}itm = true"), &["line 6", "route[0].itm", "item"]),
            (&format!("{URL}{ROUTE}view = \"v\""), &["line 3", "route[0]", "table, view or sql"]),
        ] {
            let mistake = mistake(text);
            for name in named {
                assert!(mistake.contains(name), "{text}: {name}: {mistake}");
            }
            assert!(!mistake.contains("secret"), "{mistake}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let tables: Tables = format!("{URL}{ROUTE}").parse().unwrap();
        assert!(!format!("{tables:?} {tables:#?}").contains("secret"));
    }
}

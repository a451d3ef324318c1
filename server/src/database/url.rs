//! Where the database is, and how it is spoken with.

use std::env;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tokio_postgres::config::{Host, SslMode};

use super::password_file::PasswordFile;

/// The URL of a database, which may have a password and so is never shown.
#[derive(Clone, Deserialize, PartialEq)]
#[serde(try_from = "String")]
pub(super) struct Url {
    pub(super) config: tokio_postgres::Config,
    pub(super) verify: Verify,
    /// Authorities in PEM, in place of those of the system.
    pub(super) authorities: Option<PathBuf>,
}

/// What the certificate of the database has to prove, as `sslmode` says (PostgreSQL, section 34.19.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verify {
    Nothing,
    /// `verify-ca`, that an authority has issued it.
    Authority,
    /// `verify-full`, that it was issued for the host besides.
    Host,
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Url").field(&self.to_string()).finish()
    }
}

impl fmt::Display for Url {
    /// Where the database is, without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.config;
        let hosts: Vec<_> = config.get_hosts().iter().enumerate().map(|(place, _)| self.host(place)).collect();
        let user = config.get_user().unwrap_or_default();
        write!(f, "postgres://{user}@{}/{}", hosts.join(","), config.get_dbname().unwrap_or(user))
    }
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const ALLOWED: &str = "allowed is a URL such as postgres://reader@localhost:5432/app?sslmode=verify-full";
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(format!("it does not begin with postgres://; {ALLOWED}"));
        }
        // A password may have a question mark.
        let credentials = text.find('@').unwrap_or_default();
        let query = text[credentials..].find('?').map_or(text.len(), |place| credentials + place);
        let (place, query) = (&text[..query], text.get(query + 1..).unwrap_or_default());
        let (mut rest, mut mode, mut authorities) = (Vec::new(), None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => {
                    let path = percent_decode_str(value).decode_utf8().map_err(|_| "sslrootcert is not UTF-8")?;
                    authorities = Some(PathBuf::from(&*path));
                }
                _ => rest.push(pair),
            }
        }
        let without = format!("{place}?{}", rest.join("&"));
        // What it says could be a part of a password that is not encoded.
        let config = without.parse::<tokio_postgres::Config>();
        let mut config = config.map_err(|_| {
            format!("it is not understood; {ALLOWED}, with all but letters and digits of a password percent-encoded")
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(format!("it names no host; {ALLOWED}"));
        }
        let (mode, verify) = match mode {
            Some("disable") => (SslMode::Disable, Verify::Nothing),
            None | Some("prefer") => (SslMode::Prefer, Verify::Nothing),
            // As libpq has it: authorities that are named are asked.
            Some("require") if authorities.is_some() => (SslMode::Require, Verify::Authority),
            Some("require") => (SslMode::Require, Verify::Nothing),
            Some("verify-ca") => (SslMode::Require, Verify::Authority),
            Some("verify-full") => (SslMode::Require, Verify::Host),
            Some(_) => {
                return Err("sslmode: allowed is disable, prefer, require, verify-ca or verify-full".to_owned());
            }
        };
        config.ssl_mode(mode);
        if config.get_application_name().is_none() {
            config.application_name("chunkwire");
        }
        Ok(Self { config, verify, authorities })
    }
}

impl TryFrom<String> for Url {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Url {
    /// Takes the password from this file, or, if the URL has none, from the one that `PGPASSFILE` names.
    pub(super) fn with_password(mut self, file: Option<&Path>) -> Result<Self, String> {
        if let Some(path) = file {
            let password = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
            self.config.password(password.trim_end_matches(['\r', '\n']));
        } else if self.config.get_password().is_none() {
            let file = env::var_os("PGPASSFILE").filter(|path| !path.is_empty()).map(PathBuf::from);
            let password = file.map(|path| self.password_of(&path)).transpose()?.flatten();
            if let Some(password) = password {
                self.config.password(password);
            }
        }
        Ok(self)
    }

    /// The password that such a file has for the first of the hosts that it has one for.
    fn password_of(&self, path: &Path) -> Result<Option<String>, String> {
        let file = fs::read_to_string(path).map_err(|error| format!("PGPASSFILE: {}: {error}", path.display()))?;
        let file = PasswordFile(&file);
        let user = self.config.get_user().unwrap_or_default();
        let database = self.config.get_dbname().unwrap_or(user);
        let hosts = 0..self.config.get_hosts().len();
        Ok(hosts.into_iter().find_map(|place| {
            let host = match &self.config.get_hosts()[place] {
                Host::Tcp(name) => name.clone(),
                Host::Unix(folder) => folder.to_string_lossy().into_owned(),
            };
            file.password(&host, &self.port(place).to_string(), database, user)
        }))
    }

    fn port(&self, place: usize) -> u16 {
        let ports = self.config.get_ports();
        ports.get(place).or(ports.first()).copied().unwrap_or(5432)
    }

    fn host(&self, place: usize) -> String {
        match &self.config.get_hosts()[place] {
            Host::Tcp(name) => format!("{name}:{}", self.port(place)),
            Host::Unix(folder) => format!("{}:{}", folder.display(), self.port(place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_of_tls() {
        for (query, mode, verify) in [
            ("", SslMode::Prefer, Verify::Nothing),
            ("?sslmode=disable", SslMode::Disable, Verify::Nothing),
            ("?sslmode=require", SslMode::Require, Verify::Nothing),
            ("?sslmode=require&sslrootcert=%2Fca.pem", SslMode::Require, Verify::Authority),
            ("?connect_timeout=3&sslmode=verify-ca", SslMode::Require, Verify::Authority),
            ("?sslmode=verify-full&target_session_attrs=read-only", SslMode::Require, Verify::Host),
        ] {
            let url: Url = format!("postgres://u:p@a,b:6432/d{query}").parse().unwrap();
            assert_eq!((url.config.get_ssl_mode(), url.verify), (mode, verify), "{query}");
        }
        let url: Url = "postgres://u@h/d?sslrootcert=%2Fca%20x.pem".parse().unwrap();
        assert_eq!(url.authorities.as_deref(), Some(Path::new("/ca x.pem")));
    }

    #[test]
    fn nothing_shows_a_password() {
        let url: Url = "postgres://u:secret@a,b:6432/d?password=secret".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://u@a:5432,b:6432/d");
        assert!(!format!("{url:?}{url:#?}").contains("secret"));
        let url: Url = "postgres://u:se?cret&sslmode=x@h/d?sslmode=require".parse().unwrap();
        assert_eq!(url.config.get_password(), Some(&b"se?cret&sslmode=x"[..]));
        for url in [
            "secret",
            "postgres://u:secret@/d",
            "postgres://u:secret@h:port/d",
            "postgres://u:%zzsecret@h/d?x=secret",
            "postgres://u:secret@h/d?sslmode=secret",
            "host=h password=secret",
        ] {
            let Err(error) = url.parse::<Url>() else { panic!("{url}") };
            assert!(error.contains("allowed") && !error.contains("secret") && !error.contains("cret"), "{error}");
        }
    }
}

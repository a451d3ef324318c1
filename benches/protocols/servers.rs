//! chunkwire and nginx with the same certificate.

use std::path::PathBuf;
use std::process::Command;

use super::paths::Paths;
use super::{Result, chunkwire_binary, nginx, programs};

/// The users of a response under load.
pub(crate) const USERS: u64 = 1000;

/// A certificate for localhost and its key, in files.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) chain: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// Makes one by openssl, with a key of the curve P-256, which signs fast everywhere.
    pub(crate) fn make(paths: &Paths) -> Result<Self> {
        let (chain, key) = (paths.work().join("chain.pem"), paths.work().join("key.pem"));
        let made = Command::new(programs::find("openssl")?)
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&chain)
            .output()?;
        if !made.status.success() {
            return Err(format!("openssl failed: {}", String::from_utf8_lossy(&made.stderr).trim()).into());
        }
        Ok(Self { chain, key })
    }
}

/// Returns the command of chunkwire, by TLS if there is a certificate.
pub(crate) fn chunkwire(port: u16, certificate: Option<&Certificate>) -> Result<Command> {
    let mut command = chunkwire_binary::command(&chunkwire_binary::path()?, port);
    if let Some(Certificate { chain, key }) = certificate {
        command.arg("--tls-cert").arg(chain).arg("--tls-key").arg(key);
    }
    Ok(command)
}

/// Returns the command of nginx, which sends the same users from a file.
pub(crate) fn nginx(port: u16, certificate: Option<&Certificate>, paths: &Paths) -> Result<Command> {
    nginx::command(paths, port, USERS, certificate.map(|Certificate { chain, key }| (&**chain, &**key)), false)
}

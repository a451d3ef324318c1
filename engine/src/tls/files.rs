//! The files of TLS.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::sign::SingleCertAndKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use super::pem;
use super::version::Version;

/// The files that a [`Tls`](crate::Tls) is made from, all of them in PEM.
///
/// # Examples
///
/// ```no_run
/// use chunkwire_engine::{Engine, Config, Listener, TlsFiles};
///
/// # fn main() -> std::io::Result<()> {
/// let tls = TlsFiles::new("/etc/tls/chain.pem", "/etc/tls/key.pem").load()?;
/// let listener = Listener::bind("0.0.0.0:443".parse().unwrap())?.tls(tls);
/// let engine = Engine::new(vec![listener], &Config::default())?;
/// assert_eq!(engine.local_addrs()?.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TlsFiles {
    chain: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// Takes the file of the certificate chain, that of the server first, and the file of its private key, which may be
    /// the same. The key is one of PKCS#8, PKCS#1 or SEC1, without a password.
    pub fn new(chain: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { chain: chain.into(), key: key.into(), client_ca: None }
    }

    /// Sets the file of the authorities by one of which the certificate of a client has to be issued. Default: clients
    /// are not asked for a certificate.
    pub fn client_ca(mut self, authorities: impl Into<PathBuf>) -> Self {
        self.client_ca = Some(authorities.into());
        self
    }

    /// Returns what they are now.
    pub(super) fn versions(&self) -> Vec<Option<Version>> {
        [&self.chain, &self.key].into_iter().chain(&self.client_ca).map(|path| Version::of(path)).collect()
    }

    /// Reads what they have now.
    pub(super) fn read(&self) -> io::Result<ServerConfig> {
        let provider = Arc::new(default_provider());
        let identity = pem::identity(&self.chain, &self.key, &provider)?;
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .expect("the provider has cipher suites of both");
        let config = match &self.client_ca {
            Some(authorities) => config.with_client_cert_verifier(pem::verifier(authorities, &provider)?),
            None => config.with_no_client_auth(),
        };
        let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
        // Clients keep their sessions, sealed by keys that change. Those of other files don't open them: a client that
        // was let in by an authority that has gone is asked again.
        config.ticketer = Ticketer::new().map_err(io::Error::other)?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(config)
    }
}

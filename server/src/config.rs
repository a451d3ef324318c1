//! What can be set about the server.

use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

#[cfg(feature = "tls")]
use chunkwire_engine::TlsFiles;
use http::HeaderValue;

#[cfg(feature = "postgres")]
use crate::database::config::Tables;
use crate::listen::Listen;
use crate::trusted_proxy::TrustedProxy;

/// How long responses to operators have when it has ended.
const ADMIN_PATIENCE: Duration = Duration::from_secs(1);

/// What can be set about the server, with the values that it has by default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where to listen; port 0 lets the system choose. Default: port 3000 of every address, IPv4 and IPv6.
    pub listen: Vec<Listen>,
    /// Where to listen for operators: `/`, `/live` and `/metrics` are then there alone, and health checks
    /// there as well. Default: nowhere.
    pub admin_listen: Option<Listen>,
    /// The files of TLS, which is then spoken at every address of TCP, and not at Unix sockets or where
    /// [`admin_listen`](Self::admin_listen) says. Default: none.
    #[cfg(feature = "tls")]
    pub tls: Option<TlsFiles>,
    /// How many users a response has if the request does not say. Default: 1,000.
    pub users: u64,
    /// How many users a request may ask for. Default: 1,000,000.
    pub max_users: u64,
    /// A database and its routes, which are in the place of the users'. Default: none.
    #[cfg(feature = "postgres")]
    pub tables: Option<Tables>,
    /// The origins whose pages may read responses (Fetch Standard, CORS protocol): each one, such as
    /// `https://example.com`, or `*` for all. If there are some, every `OPTIONS` is answered as a preflight request.
    /// Default: none.
    pub allow_origins: Vec<HeaderValue>,
    /// Whether proxies are asked to pass on records as they come, by `X-Accel-Buffering: no` and `Incremental: ?1` (RFC
    /// 10036). Default: no.
    pub unbuffered: bool,
    /// Whether the digest of a response follows it as a trailer, if its client takes trailers: see
    /// [`ContentDigest`](chunkwire::ContentDigest). Default: no.
    pub digest: bool,
    /// The level of gzip, from 1, which takes the least time, to 9, for clients that prefer it by `Accept-Encoding`; no
    /// response is compressed if there is none. Default: 2, which takes less time and fewer bytes than zlib's 1.
    pub compression: Option<u8>,
    /// The paths whose responses have no line in the access log if they succeed, such as those of probes. Default: none,
    /// since that log is to have all that was asked.
    pub access_log_skip: Vec<String>,
    /// Proxies that are believed when they name their clients, in the access log: by `X-Forwarded-For`, or by `Forwarded` (RFC
    /// 7239) if there is none. Default: none.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Whether connections of [`trusted_proxies`](Self::trusted_proxies) begin with a header of the PROXY protocol, as
    /// [`Listener::proxy_protocol`](chunkwire_engine::Listener::proxy_protocol) has it, at every address of TCP but where
    /// `/metrics` is alone. Default: no.
    pub proxy_protocol: bool,
    /// The limits of connections.
    pub engine: chunkwire_engine::Config,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![Listen::everywhere(3000)],
            admin_listen: None,
            #[cfg(feature = "tls")]
            tls: None,
            users: 1000,
            max_users: 1_000_000,
            #[cfg(feature = "postgres")]
            tables: None,
            allow_origins: Vec::new(),
            unbuffered: false,
            digest: false,
            compression: Some(2),
            access_log_skip: Vec::new(),
            trusted_proxies: Vec::new(),
            proxy_protocol: false,
            engine: chunkwire_engine::Config::default(),
        }
    }
}

impl Config {
    /// Checks that the settings don't contradict each other.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput), with what does.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut config = chunkwire_server::Config::default();
    /// assert!(config.check().is_ok());
    /// config.users = config.max_users + 1;
    /// assert!(config.check().is_err());
    /// ```
    pub fn check(&self) -> io::Result<()> {
        let Self { users, max_users, .. } = self;
        let contradiction = |message: String| Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        if users > max_users {
            return contradiction(format!(
                "{users} users per response are more than the {max_users} that a request may ask for"
            ));
        }
        if self.proxy_protocol && self.trusted_proxies.is_empty() {
            return contradiction("the PROXY protocol is for trusted proxies, and none is named".to_owned());
        }
        self.engine.check()
    }

    /// Returns `other` with what a server that serves can't change as it is here: the addresses, the files of TLS, whose
    /// contents may change, which proxies are believed and what is logged of responses, and the number of workers.
    ///
    /// # Examples
    ///
    /// ```
    /// let config = chunkwire_server::Config::default();
    /// let mut other = config.clone();
    /// (other.users, other.listen) = (10, Vec::new());
    ///
    /// let changed = config.changed_to(&other);
    /// assert_eq!((changed.users, changed.listen), (10, config.listen));
    /// ```
    #[must_use]
    pub fn changed_to(&self, other: &Self) -> Self {
        let mut changed = other.clone();
        changed.listen.clone_from(&self.listen);
        changed.admin_listen.clone_from(&self.admin_listen);
        changed.trusted_proxies.clone_from(&self.trusted_proxies);
        changed.access_log_skip.clone_from(&self.access_log_skip);
        changed.proxy_protocol = self.proxy_protocol;
        #[cfg(feature = "tls")]
        changed.tls.clone_from(&self.tls);
        changed.engine.workers = self.engine.workers;
        changed
    }

    /// The limits of the engine for operators: a thread and some connections are enough, and it ends after
    /// the other.
    pub(crate) fn admin(&self) -> chunkwire_engine::Config {
        let mut admin = self.engine.clone();
        admin.workers = Some(NonZeroUsize::MIN);
        admin.max_connections = NonZeroUsize::new(100);
        admin.shutdown_delay = Duration::ZERO;
        admin.shutdown_timeout = admin.shutdown_timeout.min(ADMIN_PATIENCE);
        admin
    }
}

//! The options, each with a variable.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "tls")]
use chunkwire_engine::TlsFiles;
use chunkwire_server::{Config, Listen};
use clap::Parser;
use clap::builder::BoolishValueParser;
use http::{HeaderValue, Uri};

use super::demo_options::Instead;
use super::log_options::LogOptions;

const AFTER_HELP: &str = "\
Each option has a variable, where one that is empty counts as unset, and a key of its name in the file. The command \
line goes first, then the variable, then the file.

RUST_LOG sets what is logged to stderr, such as `debug`; the default is `info` without the access log. Lines that nobody \
reads are lost, and counted.

SIGTERM and SIGINT stop the server: /readyz answers 503, after the delay no connection is accepted any more, and \
responses finish within the timeout. A second signal ends it at once. SIGUSR2 starts the program once more, as its file is \
now, with the same sockets; when that is ready, this one takes no more connections and ends after its last response. At \
SIGHUP it reads the file and those of TLS again, asks the database about its routes again, and says of each option that \
is another whether it has changed or needs a restart.

Exit status: 0 when all responses finished, 3 when some were cut, 1 when the server could not start, 2 for options that \
it does not understand, wherever they stand, 128 and the signal's number after a second signal.";

/// Streams users as JSON arrays of any length; each connection holds one 16 KiB chunk.
#[derive(Debug, Parser)]
#[command(name = "chunkwire", version, after_help = AFTER_HELP, args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) instead: Option<Instead>,

    /// Address to listen on, as 127.0.0.1:3000, localhost:3000 (all that it resolves to), :3000 (every address, IPv4
    /// and IPv6) or unix:/run/chunkwire.sock; port 0 lets the system choose. More of them after commas. Sockets that a
    /// service manager hands over (LISTEN_FDS) take their place
    #[arg(long, env = "CHUNKWIRE_LISTEN", value_name = "ADDRESS", value_delimiter = ',', default_value = ":3000")]
    listen: Vec<Listen>,

    /// Address for operators: the page at /, its feed at /live, and /metrics are then there alone, and
    /// /healthz and /readyz there as well
    #[arg(long, env = "CHUNKWIRE_ADMIN_LISTEN", value_name = "HOST:PORT")]
    admin_listen: Option<Listen>,

    /// Certificate chain in PEM, that of the server first; TLS is then spoken at every address of TCP but that of
    /// --admin-listen. It is read again at SIGHUP and when it changes, as the other files of TLS are
    #[cfg(feature = "tls")]
    #[arg(long, env = "CHUNKWIRE_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate in PEM, without a password
    #[cfg(feature = "tls")]
    #[arg(long, env = "CHUNKWIRE_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Authorities in PEM, by one of which the certificate of a client has to be issued [default: clients need none]
    #[cfg(feature = "tls")]
    #[arg(long, env = "CHUNKWIRE_TLS_CLIENT_CA", value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,

    /// File in TOML with any of these options by their names, and a database of PostgreSQL with its routes, which are in
    /// the place of the generated users. Its URL may be in CHUNKWIRE_DATABASE_URL instead
    #[arg(long, env = "CHUNKWIRE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Say what holds of each option and from where, and what the database knows of the routes in the file, and end: with
    /// 0 if all can be served, and 1 or 2, as below, otherwise
    #[arg(long, env = "CHUNKWIRE_CHECK", value_parser = BoolishValueParser::new())]
    pub(crate) check: bool,

    /// Ask the server that runs here with these options whether it is ready, by /readyz at a Unix socket of --listen, or
    /// else at its first address, and end: with 0 if it is within 3 seconds, and 1 otherwise. Its certificate may be any
    #[arg(long, env = "CHUNKWIRE_HEALTHCHECK", value_parser = BoolishValueParser::new())]
    pub(crate) healthcheck: bool,

    /// Users per response where the request does not say
    #[arg(long, env = "CHUNKWIRE_USERS", value_name = "NUMBER", default_value_t = Config::default().users)]
    users: u64,

    /// Largest number of users that a request may ask for
    #[arg(long, env = "CHUNKWIRE_MAX_USERS", value_name = "NUMBER", default_value_t = Config::default().max_users)]
    max_users: u64,

    /// Origin whose pages may read responses, or * for all; more of them after commas. Every OPTIONS is then a
    /// preflight
    #[arg(long, env = "CHUNKWIRE_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    allow_origin: Vec<HeaderValue>,

    /// Ask proxies to pass on records as they come, by X-Accel-Buffering: no and Incremental: ?1
    #[arg(long, env = "CHUNKWIRE_UNBUFFERED", value_parser = BoolishValueParser::new())]
    unbuffered: bool,

    /// Let the SHA-256 of a response follow it (Content-Digest), for clients that send TE: trailers
    #[arg(long, env = "CHUNKWIRE_DIGEST", value_parser = BoolishValueParser::new())]
    digest: bool,

    /// Send no response compressed, whatever clients accept
    #[arg(long, env = "CHUNKWIRE_NO_COMPRESSION", value_parser = BoolishValueParser::new())]
    no_compression: bool,

    /// Level of gzip, which clients get that accept it: from 1, which takes the least time, to 9
    #[arg(
        long,
        env = "CHUNKWIRE_COMPRESSION_LEVEL",
        value_name = "LEVEL",
        default_value = "2",
        value_parser = clap::value_parser!(u8).range(1..=9)
    )]
    compression_level: u8,

    /// Threads that serve connections [default: the number of cores]
    #[arg(long, env = "CHUNKWIRE_WORKERS", value_name = "NUMBER")]
    workers: Option<NonZeroUsize>,

    /// Connections that may be open at once; others wait [default: 90 % of the limit of open files, which is raised]
    #[arg(long, env = "CHUNKWIRE_MAX_CONNECTIONS", value_name = "NUMBER")]
    max_connections: Option<NonZeroUsize>,

    /// Time for the handshake of TLS, from the opening of the connection
    #[cfg(feature = "tls")]
    #[arg(long, env = "CHUNKWIRE_HANDSHAKE_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = limit)]
    handshake_timeout: Duration,

    /// Time for a request's head, from its first byte or the opening of the connection
    #[arg(long, env = "CHUNKWIRE_HEAD_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = limit)]
    head_timeout: Duration,

    /// Time for a request's body, beside the time that it takes at the least rate
    #[arg(long, env = "CHUNKWIRE_BODY_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = limit)]
    body_timeout: Duration,

    /// Time that a connection may be idle between requests; longer than a load balancer's, which is often 60
    #[arg(long, env = "CHUNKWIRE_IDLE_TIMEOUT", value_name = "SECONDS", default_value = "75", value_parser = limit)]
    idle_timeout: Duration,

    /// Time that a client may be waited for, beside the time that its response takes at the least rate
    #[arg(long, env = "CHUNKWIRE_STALL_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = limit)]
    stall_timeout: Duration,

    /// Least rate at which a client takes its response and sends a request's body, or is cut after the time for that
    #[arg(long, env = "CHUNKWIRE_MIN_RATE", value_name = "BYTES_PER_SECOND", default_value = "1000")]
    min_rate: NonZeroU32,

    /// Time that a client may be kept waiting for more of its response
    #[arg(long, env = "CHUNKWIRE_PAUSE_TIMEOUT", value_name = "SECONDS", default_value = "300", value_parser = limit)]
    pause_timeout: Duration,

    /// The same for a client that has ended its side of the connection
    #[arg(long, env = "CHUNKWIRE_HALF_CLOSE_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = limit)]
    half_close_timeout: Duration,

    /// Speak HTTP/1.1 alone, also with clients that begin with HTTP/2
    #[arg(long, env = "CHUNKWIRE_NO_HTTP2", value_parser = BoolishValueParser::new())]
    no_http2: bool,

    /// Streams that a connection of HTTP/2 may have open at once, each with a chunk of its own
    #[arg(long, env = "CHUNKWIRE_MAX_STREAMS", value_name = "NUMBER", default_value = "100")]
    max_streams: NonZeroU32,

    /// Time from a signal to stop, when /readyz turns 503, until no connection is accepted any more
    #[arg(long, env = "CHUNKWIRE_SHUTDOWN_DELAY", value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    shutdown_delay: Duration,

    /// Time for responses to finish after that before they are cut
    #[arg(
        long,
        env = "CHUNKWIRE_SHUTDOWN_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10",
        value_parser = seconds
    )]
    shutdown_timeout: Duration,

    /// Time for responses to finish, and for clients that keep a connection, after another process has taken over by
    /// SIGUSR2
    #[arg(
        long,
        env = "CHUNKWIRE_HANDOVER_TIMEOUT",
        value_name = "SECONDS",
        default_value = "3600",
        value_parser = seconds
    )]
    handover_timeout: Duration,

    #[command(flatten)]
    pub(crate) log: LogOptions,
}

impl Options {
    /// The files of TLS. One is not there without the other.
    #[cfg(feature = "tls")]
    fn tls(&self) -> Option<TlsFiles> {
        let files = TlsFiles::new(self.tls_cert.as_ref()?, self.tls_key.as_ref()?);
        Some(match &self.tls_client_ca {
            Some(authorities) => files.client_ca(authorities),
            None => files,
        })
    }

    /// The scheme of the addresses of TCP.
    pub(crate) fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.tls_cert.is_some() {
            return "https";
        }
        "http"
    }

    /// What the options say of the server. The rest is in the file.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::default();
        config.listen.clone_from(&self.listen);
        config.admin_listen.clone_from(&self.admin_listen);
        #[cfg(feature = "tls")]
        {
            config.tls = self.tls();
            config.engine.handshake_timeout = self.handshake_timeout;
        }
        config.users = self.users;
        config.max_users = self.max_users;
        config.allow_origins.clone_from(&self.allow_origin);
        config.unbuffered = self.unbuffered;
        config.digest = self.digest;
        config.compression = (!self.no_compression).then_some(self.compression_level);
        config.engine.workers = self.workers;
        config.engine.max_connections = self.max_connections;
        config.engine.head_timeout = self.head_timeout;
        config.engine.body_timeout = self.body_timeout;
        config.engine.idle_timeout = self.idle_timeout;
        config.engine.stall_timeout = self.stall_timeout;
        config.engine.min_rate = self.min_rate;
        config.engine.pause_timeout = self.pause_timeout;
        config.engine.half_close_timeout = self.half_close_timeout;
        config.engine.http2 = !self.no_http2;
        config.engine.max_streams = self.max_streams;
        config.engine.shutdown_delay = self.shutdown_delay;
        config.engine.shutdown_timeout = self.shutdown_timeout;
        config.engine.handover_timeout = self.handover_timeout;
        self.log.configure(&mut config);
        config
    }
}

/// An origin as browsers send it: a scheme, a host and perhaps a port (RFC 6454, section 7), or `*`.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let is_origin = |uri: Uri| uri.scheme().is_some() && uri.path_and_query().is_none_or(|rest| rest == "/");
    let is_allowed = text == "*" || !text.ends_with('/') && text.parse().is_ok_and(is_origin);
    let origin = text.parse().ok().filter(|_| is_allowed);
    origin.ok_or_else(|| "allowed is * or an origin such as https://example.com".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let time = text.parse().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    time.filter(|time| *time <= chunkwire_engine::Config::LONGEST).ok_or_else(|| allowed("a number from"))
}

fn limit(text: &str) -> Result<Duration, String> {
    seconds(text).ok().filter(|time| !time.is_zero()).ok_or_else(|| allowed("a number above"))
}

fn allowed(number: &str) -> String {
    format!("allowed is {number} 0 to {} (30 years)", chunkwire_engine::Config::LONGEST.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let options = Options::parse_from(["chunkwire"]);
        assert_eq!(format!("{:?}", options.config()), format!("{:?}", Config::default()));
    }
}

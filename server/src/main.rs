//! The command line of the server.

mod allocator;

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::panic;
use std::process::{self, ExitCode};
use std::time::Duration;

use chunkwire::CHUNK_SIZE;
use chunkwire_engine::raise_open_files;
use chunkwire_server::{Config, Listen, Server};
use clap::Parser;
use clap::error::ErrorKind;
use http::{HeaderValue, Uri};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, warn};
use tracing_subscriber::EnvFilter;

const AFTER_HELP: &str = "\
RUST_LOG sets what is logged to stderr, such as `debug`; the default is `info` without the access log.

SIGTERM and SIGINT stop the server: /readyz answers 503, after the delay no connection is accepted any more, and \
responses finish within the timeout. A second signal ends it at once.

Exit status: 0 when all responses finished, 3 when some were cut, 1 when the server could not start, 2 for options that \
it does not understand, 128 and the signal's number after a second signal.";

/// The exit status when responses had to be cut.
const CUT: u8 = 3;

/// Streams users as JSON arrays of any length; each connection holds one 16 KiB chunk.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
struct Options {
    /// Address to listen on, as 127.0.0.1:3000, [::1]:3000, localhost:3000 (all that it resolves to) or :3000 (every
    /// address, IPv4 and IPv6); port 0 lets the system choose. More of them after commas
    #[arg(long, env = "CHUNKWIRE_LISTEN", value_name = "HOST:PORT", value_delimiter = ',', default_value = ":3000")]
    listen: Vec<Listen>,

    /// Address for /metrics alone, which is then not on the others
    #[arg(long, env = "CHUNKWIRE_METRICS_LISTEN", value_name = "HOST:PORT")]
    metrics_listen: Option<Listen>,

    /// Users per response where the request does not say
    #[arg(long, env = "CHUNKWIRE_USERS", value_name = "NUMBER", default_value_t = Config::default().users)]
    users: u64,

    /// Largest number of users that a request may ask for
    #[arg(long, env = "CHUNKWIRE_MAX_USERS", value_name = "NUMBER", default_value_t = Config::default().max_users)]
    max_users: u64,

    /// Origin whose pages may read responses, or * for all; more of them after commas. Every OPTIONS is then a preflight
    #[arg(long, env = "CHUNKWIRE_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    allow_origin: Vec<HeaderValue>,

    /// Threads that serve connections [default: the number of cores]
    #[arg(long, env = "CHUNKWIRE_WORKERS", value_name = "NUMBER")]
    workers: Option<NonZeroUsize>,

    /// Connections that may be open at once; others wait [default: 90 % of the limit of open files, which is raised]
    #[arg(long, env = "CHUNKWIRE_MAX_CONNECTIONS", value_name = "NUMBER")]
    max_connections: Option<NonZeroUsize>,

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

    /// Log a line for each response
    #[arg(long, env = "CHUNKWIRE_ACCESS_LOG")]
    access_log: bool,
}

impl Options {
    fn config(&self) -> Config {
        let mut config = Config::default();
        config.listen.clone_from(&self.listen);
        config.metrics_listen.clone_from(&self.metrics_listen);
        config.users = self.users;
        config.max_users = self.max_users;
        config.allow_origins.clone_from(&self.allow_origin);
        config.engine.workers = self.workers;
        config.engine.max_connections = self.max_connections;
        config.engine.head_timeout = self.head_timeout;
        config.engine.body_timeout = self.body_timeout;
        config.engine.idle_timeout = self.idle_timeout;
        config.engine.stall_timeout = self.stall_timeout;
        config.engine.min_rate = self.min_rate;
        config.engine.pause_timeout = self.pause_timeout;
        config.engine.half_close_timeout = self.half_close_timeout;
        config.engine.shutdown_delay = self.shutdown_delay;
        config.engine.shutdown_timeout = self.shutdown_timeout;
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

fn main() -> ExitCode {
    allocator::tune();
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => error.exit(),
        Err(error) => {
            let message = error.to_string();
            let first_line = message.lines().next().unwrap_or_default();
            eprintln!("chunkwire: {}", first_line.trim_start_matches("error: "));
            return ExitCode::from(2);
        }
    };
    log(&options);

    match run(&options) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(CUT),
        Err(error) => {
            eprintln!("chunkwire: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Sends events and panics to stderr, one line each.
fn log(options: &Options) {
    let default = if options.access_log { "info" } else { "info,chunkwire::access=off" };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default)))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // Whoever closes stderr does not want to hear that it is closed.
        .log_internal_errors(false)
        .init();
    panic::set_hook(Box::new(|panic| error!("{panic}")));
}

/// Serves until a signal, and returns how many responses were cut.
fn run(options: &Options) -> Result<usize, Box<dyn Error>> {
    if let Err(error) = raise_open_files() {
        warn!(%error, "can't raise the limit of open files");
    }
    // This thread accepts connections and waits for signals; the workers of the server do the rest.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut signalled = async move || {
            tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
            }
        };
        let server = Server::bind(&options.config())?;
        // A banner that nobody reads, such as one into a closed pipe, is no reason not to serve.
        let _ = banner(&server.local_addrs()?, server.workers());
        let shutdown = async {
            signalled().await;
            tokio::spawn(async move {
                let second = signalled().await.as_raw_value();
                process::exit(128 + second);
            });
        };
        Ok(server.serve(shutdown).await)
    })
}

fn banner(addresses: &[SocketAddr], workers: usize) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let pid = std::process::id();
    let port = addresses[0].port();
    let mut out = io::stdout().lock();
    writeln!(out, " ┌──────────────────────────────────────────────────┐")?;
    writeln!(out, " │ {:^48} │", format!("chunkwire {version}"))?;
    for address in addresses {
        writeln!(out, " │ {:^48} │", format!("http://{address}"))?;
    }
    writeln!(out, " │ {:48} │", "")?;
    writeln!(out, " │ Workers {workers:.>15}   PID {pid:.>18} │")?;
    writeln!(out, " │ Chunk {:.>17}                          │", format!("{CHUNK_SIZE} B"))?;
    writeln!(out, " └──────────────────────────────────────────────────┘")?;
    writeln!(out, " curl -N 'http://localhost:{port}/api/v1/users?limit=3'")?;
    out.flush()
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

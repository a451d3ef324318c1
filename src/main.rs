//! The command line of the demonstration server.

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread;

use chunkwire::CHUNK_SIZE;
use chunkwire::server::{Config, Server};
use clap::Parser;
use clap::error::ErrorKind;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Streams users as JSON arrays of any length; each connection holds one 16 KiB chunk.
#[derive(Parser)]
#[command(version, after_help = "RUST_LOG sets what is logged to stderr, such as `info` (default) or `debug`.")]
struct Options {
    /// Address to listen on; port 0 lets the system choose
    #[arg(long, env = "CHUNKWIRE_LISTEN", value_name = "ADDRESS:PORT", default_value = "0.0.0.0:3000")]
    listen: SocketAddr,

    /// Users per response where the request does not say
    #[arg(long, env = "CHUNKWIRE_USERS", value_name = "NUMBER", default_value_t = Config::default().users)]
    users: u64,

    /// Largest number of users that a request may ask for
    #[arg(long, env = "CHUNKWIRE_MAX_USERS", value_name = "NUMBER", default_value_t = Config::default().max_users)]
    max_users: u64,

    /// Threads that serve connections [default: the number of cores]
    #[arg(long, env = "CHUNKWIRE_WORKERS", value_name = "NUMBER")]
    workers: Option<NonZeroUsize>,
}

fn main() -> ExitCode {
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
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();

    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chunkwire: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let workers = options.workers.map_or_else(thread::available_parallelism, Ok)?.get();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    runtime.block_on(async {
        let mut config = Config::default();
        config.listen = options.listen;
        config.users = options.users;
        config.max_users = options.max_users;

        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let server = Server::bind(&config).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => error.to_string(),
            _ => format!("can't listen on {}: {error}", options.listen),
        })?;
        // A banner that nobody reads, such as one into a closed pipe, is no reason not to serve.
        let _ = banner(server.local_addr()?, workers);
        server
            .serve(async {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            })
            .await;
        Ok(())
    })
}

fn banner(address: SocketAddr, workers: usize) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let pid = std::process::id();
    let port = address.port();
    let mut out = io::stdout().lock();
    writeln!(out, " ┌──────────────────────────────────────────────────┐")?;
    writeln!(out, " │ {:^48} │", format!("chunkwire {version}"))?;
    writeln!(out, " │ {:^48} │", format!("http://{address}"))?;
    writeln!(out, " │ {:48} │", "")?;
    writeln!(out, " │ Workers {workers:.>15}   PID {pid:.>18} │")?;
    writeln!(out, " │ Chunk {:.>17}                          │", format!("{CHUNK_SIZE} B"))?;
    writeln!(out, " └──────────────────────────────────────────────────┘")?;
    writeln!(out, " curl -N 'http://localhost:{port}/api/v1/users?limit=3'")?;
    out.flush()
}

//! The program `chunkwire`: the server, its options and its log.

mod allocator;
mod demo;
mod program;

use std::error::Error;
use std::io::{self, IsTerminal};
use std::process::{self, ExitCode};

use chunkwire_engine::raise_open_files;
use chunkwire_server::Server;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{Level, info, warn};

use program::demo_options::Instead;
use program::log::{Log, LogFormat};
use program::output::say;
use program::settings::read::Settings;
use program::{banner, check, inherited, reload, service_manager, successor};

/// The exit status when responses had to be cut.
const CUT: u8 = 3;

fn main() -> ExitCode {
    allocator::tune();
    let settings = match Settings::read() {
        Ok(settings) => settings,
        Err(mistake) => return mistake.tell(),
    };
    let options = &settings.options;
    if let Some(instead) = &options.instead {
        return demonstrate(instead);
    }
    if options.check {
        return check::check(&settings);
    }
    if options.healthcheck {
        return healthcheck(&settings);
    }
    let format = options.log.log_format;
    let log = Log::start(format, options.log.filter());
    let cut = run(&settings, &log);
    log.end();
    match cut {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(CUT),
        Err(error) => {
            say(io::stderr(), format.line(Level::ERROR, &format!("chunkwire: {error}")));
            ExitCode::FAILURE
        }
    }
}

/// Serves clients of its own, or is those.
fn demonstrate(instead: &Instead) -> ExitCode {
    let ended = match instead {
        Instead::Demo(options) => demo::run::run(options),
        Instead::DemoReaders(options) => demo::readers::run(options),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(io::stderr(), format!("chunkwire: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Says nothing if a server with these settings is ready, and why it is not otherwise.
fn healthcheck(settings: &Settings) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.and_then(|runtime| runtime.block_on(chunkwire_server::healthcheck(&settings.config))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(io::stderr(), format!("chunkwire: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Waits for an error, if there is something that may fail.
async fn mistake_in(describing: Option<impl Future<Output = io::Result<()>>>) -> Option<io::Error> {
    describing?.await.err()
}

/// Serves until a signal, and returns how many responses were cut.
fn run(settings: &Settings, log: &Log) -> Result<usize, Box<dyn Error>> {
    if let Err(error) = raise_open_files() {
        warn!(%error, "can't raise the limit of open files");
    }
    // This thread accepts connections and waits for signals; the workers of the server do the rest.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // A terminal that closes is no reason to end, at any time.
        let hangup = signal(SignalKind::hangup())?;
        // Other signals end the program until it listens: the name of a host may take long to look up.
        let (config, inherited) = (&settings.config, inherited::sockets()?);
        let server = Server::with_sockets(inherited.listeners, inherited.admin, config)?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut signalled = async move || {
            tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
            }
        };
        tokio::spawn(reload::settings(settings.all.clone(), server.reload(), log.filter(), hangup));
        #[cfg(feature = "tls")]
        if let Some(tls) = server.tls() {
            tokio::spawn(reload::tls(tls.clone()));
        }
        let handing_over = successor::at(signal(SignalKind::user_defined2())?, server.handover()?);
        server.count_lost_lines(log.lost());
        let addresses = server.local_addrs()?;
        let admin = server.admin_addrs()?;
        for address in &admin {
            info!(%address, "the page, /live and /metrics are served here alone");
        }
        let scheme = settings.options.scheme();
        match (io::stdout().is_terminal(), settings.options.log.log_format) {
            (true, _) => say(io::stdout(), banner::drawn(&addresses, admin.first(), scheme, server.workers())),
            (false, LogFormat::Text) => say(io::stdout(), banner::line(&addresses, scheme)),
            // Both streams often end in one file.
            (false, LogFormat::Json) => {
                addresses.iter().for_each(|address| info!(address = banner::shown(address, scheme), "listening"));
            }
        }
        #[cfg(feature = "postgres")]
        let describing = server.describe();
        #[cfg(not(feature = "postgres"))]
        let describing = std::future::ready(Ok::<_, io::Error>(()));
        let describing = match inherited.predecessor {
            // It serves until this process can answer as well.
            Some(predecessor) => {
                tokio::select! {
                    described = describing => described?,
                    _ = signalled() => return Ok(0),
                }
                predecessor.relieve();
                None
            }
            None => {
                service_manager::is_ready();
                Some(describing)
            }
        };
        let mut mistake = None;
        let shutdown = async {
            tokio::select! {
                _ = signalled() => {}
                Some(error) = mistake_in(describing) => mistake = Some(error),
                never = handing_over => match never {},
            }
            service_manager::is_stopping();
            tokio::spawn(async move {
                let second = signalled().await.as_raw_value();
                process::exit(128 + second);
            });
        };
        let cut = server.serve(shutdown).await;
        mistake.map_or(Ok(cut), |error| Err(error.into()))
    })
}

//! The first process: the server, and what its page shows.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use chunkwire_engine::raise_open_files;
use chunkwire_server::{Config, Server};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, interval_at};

use super::summary::{line, table};
use crate::program::demo_options::{Demo, Load};
use crate::program::output::say;

/// Serves for as long as the readers read, or until a signal.
pub(crate) fn run(options: &Demo) -> Result<(), Box<dyn Error>> {
    raise_open_files()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut config = Config::default();
        config.listen = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)).into()];
        // Readers don't wait for what they get.
        config.engine.shutdown_timeout = Duration::from_secs(1);
        let server = Server::bind(&config)?;
        let (address, live) = (server.local_addr()?, server.live());
        say(io::stdout(), announcement(address, options.load));

        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
        let mut readers = start_readers(address, options.load)?;
        // It ends when this is closed.
        let _alive = readers.stdin.take();
        let pause = Duration::from_secs((options.load.seconds / 12).clamp(1, 5).into());
        let mut lines = interval_at(Instant::now() + pause, pause);
        let ended = loop {
            tokio::select! {
                biased;
                _ = interrupt.recv() => break None,
                _ = terminate.recv() => break None,
                ended = readers.wait() => break Some(ended?),
                _ = lines.tick() => {
                    if let Some(sample) = live.samples().last() {
                        say(io::stdout(), line(sample));
                    }
                }
            }
        };
        let samples = live.samples();
        readers.kill().await?;
        drop(stop);
        serving.await?;
        say(io::stdout(), table(&samples, options.load));
        match ended {
            // A terminal sends its signal to both.
            Some(status) if !status.success() && status.signal().is_none() => {
                Err(format!("the readers ended by {status}").into())
            }
            _ => Ok(()),
        }
    })
}

fn announcement(address: SocketAddr, load: Load) -> String {
    let (fast, slow, seconds) = (load.fast(), load.slow(), load.seconds);
    format!(
        "http://{address} shows what follows: for {seconds} s, {fast} clients read as fast as they can, and {slow} take \
         1 kB each second.\n"
    )
}

fn start_readers(address: SocketAddr, load: Load) -> io::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("demo-readers").args(["--port", &address.port().to_string()]);
    command.args(["--readers", &load.readers.to_string(), "--seconds", &load.seconds.to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true).spawn()
}

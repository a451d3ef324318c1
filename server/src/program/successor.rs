//! Another process of this program, which goes on in the place of this one: a restart that no client notices.

use std::convert::Infallible;
use std::env;
use std::future::pending;
use std::io;
use std::os::unix::net::UnixDatagram as StdUnixDatagram;
use std::pin::pin;
use std::process;
use std::time::Duration;

use chunkwire_server::Handover;
use command_fds::{CommandFdExt, FdMapping};
use tokio::net::UnixDatagram;
use tokio::process::{Child, Command};
use tokio::signal::unix::Signal;
use tokio::time::sleep;
use tracing::{error, info, warn};

use super::inherited::{ADMIN, NAMES, PREDECESSOR, READY};
use super::service_manager;

/// How long it may take until it can go on: to read its files, and to ask a database about its routes.
const START: Duration = Duration::from_secs(60);

/// The number of the first socket that is handed over (sd_listen_fds(3)).
const FIRST: i32 = 3;

/// A process that is not ready yet, and ends if nobody waits for it any more.
struct Candidate(Option<Child>);

impl Drop for Candidate {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended by itself.
            let _ = child.start_kill();
        }
    }
}

/// Hands over to another process whenever that is wanted, until it has.
pub(crate) async fn at(mut signal: Signal, handover: Handover) -> Infallible {
    let pid = loop {
        if signal.recv().await.is_none() {
            return pending().await;
        }
        // A container ends with the first of its processes.
        if process::id() == 1 {
            warn!("SIGUSR2: refused, since nothing could follow process 1; start another container");
            continue;
        }
        let mut starting = pin!(start(&handover));
        let started = loop {
            tokio::select! {
                started = &mut starting => break started,
                Some(()) = signal.recv() => warn!("SIGUSR2: refused, since another process starts already"),
            }
        };
        match started {
            Ok(pid) => break pid,
            Err(error) => error!(%error, "SIGUSR2: no other process could take over; this one goes on"),
        }
    };
    service_manager::is_followed_by(pid);
    info!(pid, "SIGUSR2: another process has taken over");
    handover.complete();
    while signal.recv().await.is_some() {
        warn!(pid, "SIGUSR2: refused, since another process has taken over");
    }
    pending().await
}

/// Starts the process, and returns its number once it is ready.
async fn start(handover: &Handover) -> io::Result<u32> {
    let (ours, theirs) = StdUnixDatagram::pair()?;
    ours.set_nonblocking(true)?;
    let ours = UnixDatagram::from_std(ours)?;
    let mut candidate = Candidate(Some(spawn(handover, theirs)?));
    let child = candidate.0.as_mut().expect("it was put there");
    let pid = child.id().ok_or_else(|| io::Error::other("it has no number"))?;
    info!(pid, "SIGUSR2: another process starts");
    let mut said = [0; READY.len() + 1];
    let failure = tokio::select! {
        biased;
        length = ours.recv(&mut said) => match &said[..length?] {
            READY => None,
            other => Some(format!("process {pid} said {:?}", other.escape_ascii().to_string())),
        },
        status = child.wait() => Some(format!("process {pid} ended by {}", status?)),
        () = sleep(START) => Some(format!("process {pid} was not ready in {START:?}")),
    };
    match failure {
        None => {
            candidate.0.take();
            Ok(pid)
        }
        Some(failure) => Err(io::Error::other(failure)),
    }
}

/// Starts the program as this process was started, but with its sockets: what has taken the place of its file is what
/// runs then.
fn spawn(handover: &Handover, ready: StdUnixDatagram) -> io::Result<Child> {
    let mut arguments = env::args_os();
    let program = arguments.next().ok_or_else(|| io::Error::other("the program does not know its name"))?;
    let named = |name, sockets: &[_]| vec![name; sockets.len()];
    let names = [named("", handover.sockets()), named(ADMIN, handover.admin_sockets()), vec![PREDECESSOR]].concat();
    let mut sockets = Vec::new();
    for socket in handover.sockets().iter().chain(handover.admin_sockets()) {
        sockets.push(socket.try_clone()?);
    }
    sockets.push(ready.into());
    let mappings = (FIRST..).zip(sockets).map(|(child_fd, parent_fd)| FdMapping { parent_fd, child_fd });

    let mut command = process::Command::new(&program);
    command.args(arguments).env("LISTEN_FDS", names.len().to_string()).env(NAMES, names.join(":"));
    // Its number is not known yet, and without it any process may take the sockets.
    command.env_remove("LISTEN_PID").env_remove("LISTEN_FDS_FIRST_FD");
    command.fd_mappings(mappings.collect()).map_err(io::Error::other)?;
    let started = Command::from(command).spawn();
    started.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", program.display())))
}

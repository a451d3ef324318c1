//! Sockets that a service manager hands over (sd_listen_fds(3)), or the process before this one.

use std::env;
use std::io;
use std::os::unix::net::UnixDatagram;

use chunkwire_engine::Listener;
use listenfd::ListenFd;
use tracing::warn;

/// The variable with the name of each socket, and colons between.
pub(crate) const NAMES: &str = "LISTEN_FDNAMES";

/// The name of a socket of the address that is for an operator alone. Those with other names are for all.
pub(crate) const ADMIN: &str = "admin";

/// The name of the socket by which a process tells the one before it that it can go on.
pub(crate) const PREDECESSOR: &str = "chunkwire-predecessor";

/// What it says there, as one says it to a service manager (sd_notify(3)).
pub(crate) const READY: &[u8] = b"READY=1";

/// What was handed over.
#[derive(Debug, Default)]
pub(crate) struct Inherited {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) admin: Vec<Listener>,
    pub(crate) predecessor: Option<Predecessor>,
}

/// The process that serves until this one can go on.
#[derive(Debug)]
pub(crate) struct Predecessor(UnixDatagram);

impl Predecessor {
    /// Tells it that it may end.
    pub(crate) fn relieve(&self) {
        if let Err(error) = self.0.send(READY) {
            warn!(%error, "the process that has started this one is gone");
        }
    }
}

/// Returns the sockets that this process was handed over by `LISTEN_FDS`, `LISTEN_PID` and `LISTEN_FDNAMES`, of TCP or
/// of Unix.
pub(crate) fn sockets() -> io::Result<Inherited> {
    let mut handed_over = ListenFd::from_env();
    let mut inherited = Inherited::default();
    for (index, name) in names(handed_over.len())?.iter().enumerate() {
        match &**name {
            PREDECESSOR => inherited.predecessor = handed_over.take_unix_datagram(index)?.map(Predecessor),
            ADMIN => inherited.admin.push(listener(&mut handed_over, index)?),
            _ => inherited.listeners.push(listener(&mut handed_over, index)?),
        }
    }
    Ok(inherited)
}

/// The name of each socket. They need not have one.
fn names(sockets: usize) -> io::Result<Vec<String>> {
    let Some(names) = env::var_os(NAMES).filter(|_| sockets > 0) else { return Ok(vec![String::new(); sockets]) };
    let names: Vec<_> = names.to_string_lossy().split(':').map(str::to_owned).collect();
    if names.len() == sockets {
        return Ok(names);
    }
    let message = format!("{NAMES} has {} names, LISTEN_FDS {sockets} sockets; allowed is one for each", names.len());
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

fn listener(handed_over: &mut ListenFd, index: usize) -> io::Result<Listener> {
    if let Ok(Some(socket)) = handed_over.take_tcp_listener(index) {
        return Ok(socket.into());
    }
    match handed_over.take_unix_listener(index) {
        Ok(Some(socket)) => Ok(socket.into()),
        _ => {
            let message = format!("LISTEN_FDS: socket {index} is none that listens; allowed is one of TCP or of Unix");
            Err(io::Error::new(io::ErrorKind::InvalidInput, message))
        }
    }
}

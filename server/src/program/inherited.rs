//! Sockets that a service manager hands over (sd_listen_fds(3)).

use std::io;

use chunkwire_engine::Listener;
use listenfd::ListenFd;

/// Returns the sockets that this process was handed over by `LISTEN_FDS` and `LISTEN_PID`, of TCP or of Unix.
pub(crate) fn listeners() -> io::Result<Vec<Listener>> {
    let mut handed_over = ListenFd::from_env();
    (0..handed_over.len()).map(|index| listener(&mut handed_over, index)).collect()
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

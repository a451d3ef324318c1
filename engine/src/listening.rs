//! Sockets that listen, of TCP and of Unix, as the system has them and as a runtime watches them.

use std::io;
use std::net::{TcpListener as StdTcpListener, TcpStream as StdTcpStream};
#[cfg(unix)]
use std::os::fd::{AsFd, OwnedFd};
#[cfg(unix)]
use std::os::unix::net::{SocketAddr as StdSocketAddr, UnixListener as StdUnixListener};
use std::task::{Context, Poll};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use crate::address::Address;

/// A connection that was accepted, and its peer.
///
/// That of a Unix socket goes by the type of TCP's as well: what is done with one by sending, receiving and closing is
/// the same to the system, and all else is set with care.
pub(crate) type Connected = (StdTcpStream, Address);

/// A socket that listens and that no runtime knows.
#[derive(Debug)]
pub(crate) enum Listening {
    Tcp(StdTcpListener),
    #[cfg(unix)]
    Unix(StdUnixListener),
}

impl Listening {
    pub(crate) fn address(&self) -> io::Result<Address> {
        match self {
            Self::Tcp(socket) => socket.local_addr().map(Address::Tcp),
            #[cfg(unix)]
            Self::Unix(socket) => socket.local_addr().map(Into::into),
        }
    }

    /// Accepts a connection that waits, which does not block after it was registered.
    pub(crate) fn accept(&self) -> io::Result<Connected> {
        let connected = match self {
            Self::Tcp(socket) => socket.accept().map(|(stream, peer)| (stream, peer.into())),
            #[cfg(unix)]
            Self::Unix(socket) => socket.accept().map(|(stream, peer)| (OwnedFd::from(stream).into(), peer.into())),
        };
        let (stream, peer): Connected = connected?;
        stream.set_nonblocking(true)?;
        Ok((stream, peer))
    }

    /// Lets the runtime watch it.
    pub(crate) fn register(self) -> io::Result<Registered> {
        match self {
            Self::Tcp(socket) => {
                socket.set_nonblocking(true)?;
                TcpListener::from_std(socket).map(Registered::Tcp)
            }
            #[cfg(unix)]
            Self::Unix(socket) => {
                socket.set_nonblocking(true)?;
                UnixListener::from_std(socket).map(Registered::Unix)
            }
        }
    }
}

/// A socket that listens and that a runtime watches.
#[derive(Debug)]
pub(crate) enum Registered {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Registered {
    pub(crate) fn address(&self) -> io::Result<Address> {
        match self {
            Self::Tcp(socket) => socket.local_addr().map(Address::Tcp),
            #[cfg(unix)]
            Self::Unix(socket) => socket.local_addr().map(|address| StdSocketAddr::from(address).into()),
        }
    }

    pub(crate) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Connected>> {
        match self {
            Self::Tcp(socket) => socket.poll_accept(cx).map(|accepted| {
                let (stream, peer) = accepted?;
                Ok((stream.into_std()?, peer.into()))
            }),
            #[cfg(unix)]
            Self::Unix(socket) => socket.poll_accept(cx).map(|accepted| {
                let (stream, peer) = accepted?;
                Ok((OwnedFd::from(stream.into_std()?).into(), StdSocketAddr::from(peer).into()))
            }),
        }
    }

    /// Returns a copy that is the same socket to the system.
    #[cfg(unix)]
    pub(crate) fn copy(&self) -> io::Result<OwnedFd> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix(socket) => socket.as_fd(),
        }
        .try_clone_to_owned()
    }

    /// Takes it from the runtime.
    pub(crate) fn deregister(self) -> io::Result<Listening> {
        match self {
            Self::Tcp(socket) => socket.into_std().map(Listening::Tcp),
            #[cfg(unix)]
            Self::Unix(socket) => socket.into_std().map(Listening::Unix),
        }
    }
}

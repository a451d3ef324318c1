//! A socket that listens.

use std::io;
use std::net::{SocketAddr, TcpListener};
#[cfg(unix)]
use std::os::unix::net::UnixListener;

use socket2::{Domain, Protocol, Socket, Type};

use crate::address::Address;
use crate::listening::Listening;
use crate::proxies::Proxies;
#[cfg(feature = "tls")]
use crate::tls::loaded::Tls;
use crate::wire::Wire;

/// How many connections may wait to be accepted; the system may hold it lower (`net.core.somaxconn`).
pub(crate) const BACKLOG: u16 = 4096;

/// A socket that listens, for an [`Engine`](crate::Engine).
#[derive(Debug)]
pub struct Listener {
    pub(crate) socket: Listening,
    pub(crate) wire: Wire,
}

impl Listener {
    /// Listens on an address of TCP. Port 0 lets the system choose. `[::]` is every address of the system, of IPv6 and
    /// of IPv4.
    ///
    /// # Errors
    ///
    /// What the system says, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire_engine::Listener;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let listener = Listener::bind("127.0.0.1:0".parse().unwrap())?;
    /// assert_ne!(listener.address()?.tcp().unwrap().port(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // On Windows, it would let others take the same address.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        if address.is_ipv6() && address.ip().is_unspecified() {
            socket.set_only_v6(false)?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG.into())?;
        Ok(TcpListener::from(socket).into())
    }

    /// Lets its connections speak TLS, and nothing else: a request without is answered by 400.
    ///
    /// See [`TlsFiles`](crate::TlsFiles).
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.wire.tls = Some(tls);
        self
    }

    /// Lets connections of proxies begin with a header of the PROXY protocol, version 2 (haproxy's proxy-protocol.txt),
    /// before TLS and HTTP. The [`Peer`](crate::Peer) is then the client that the header names.
    ///
    /// `is_proxy` says which peers are proxies. A proxy that sends no such header within
    /// [`handshake_timeout`](crate::Config::handshake_timeout) is not served, and nobody else's header is read.
    ///
    /// If the header is of a connection of the proxy's own (`LOCAL`), or has no address of TCP, the peer is the proxy.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use chunkwire_engine::Listener;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let balancer = Ipv4Addr::new(10, 0, 0, 7);
    /// let listener = Listener::bind("127.0.0.1:0".parse().unwrap())?
    ///     .proxy_protocol(move |peer| peer.tcp().is_some_and(|peer| peer.ip() == balancer));
    /// assert!(listener.address()?.tcp().is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn proxy_protocol(mut self, is_proxy: impl Fn(&Address) -> bool + Send + Sync + 'static) -> Self {
        self.wire.proxies = Proxies::new(is_proxy);
        self
    }

    /// Returns the address that it listens on, with its real port.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn address(&self) -> io::Result<Address> {
        self.socket.address()
    }
}

impl From<TcpListener> for Listener {
    fn from(socket: TcpListener) -> Self {
        Self { socket: Listening::Tcp(socket), wire: Wire::default() }
    }
}

#[cfg(unix)]
impl From<UnixListener> for Listener {
    fn from(socket: UnixListener) -> Self {
        Self { socket: Listening::Unix(socket), wire: Wire::default() }
    }
}

/// What [`serve`](crate::serve) listens on: the listeners of tokio and of the standard library, for TCP and for Unix
/// sockets, and a [`Listener`].
pub trait IntoListener: Send + 'static {
    /// Makes it a listener of an engine.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn into_listener(self) -> io::Result<Listener>;
}

impl IntoListener for Listener {
    fn into_listener(self) -> io::Result<Listener> {
        Ok(self)
    }
}

impl IntoListener for TcpListener {
    fn into_listener(self) -> io::Result<Listener> {
        Ok(self.into())
    }
}

impl IntoListener for tokio::net::TcpListener {
    fn into_listener(self) -> io::Result<Listener> {
        self.into_std().map(Into::into)
    }
}

#[cfg(unix)]
impl IntoListener for UnixListener {
    fn into_listener(self) -> io::Result<Listener> {
        Ok(self.into())
    }
}

#[cfg(unix)]
impl IntoListener for tokio::net::UnixListener {
    fn into_listener(self) -> io::Result<Listener> {
        self.into_std().map(Into::into)
    }
}

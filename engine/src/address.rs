//! Addresses of TCP and of Unix sockets.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The address of a socket.
///
/// # Examples
///
/// ```
/// use chunkwire_engine::Address;
///
/// let address = Address::Tcp("127.0.0.1:3000".parse().unwrap());
/// assert_eq!(address.to_string(), "127.0.0.1:3000");
/// assert_eq!(Address::Unix(Some("/run/app.sock".into())).to_string(), "unix:/run/app.sock");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Address {
    /// An address of IPv4 or IPv6, and a port. A client of IPv4 has an address of IPv4, whatever took its connection.
    Tcp(SocketAddr),
    /// A Unix socket and its path, if it has one; clients rarely have.
    Unix(Option<PathBuf>),
}

impl Address {
    /// Returns the address of TCP, or `None` for a Unix socket.
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        match address.ip().to_canonical() {
            IpAddr::V4(ip) => Self::Tcp((ip, address.port()).into()),
            IpAddr::V6(_) => Self::Tcp(address),
        }
    }
}

#[cfg(unix)]
impl From<std::os::unix::net::SocketAddr> for Address {
    fn from(address: std::os::unix::net::SocketAddr) -> Self {
        Self::Unix(address.as_pathname().map(Into::into))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(Some(path)) => write!(f, "unix:{}", path.display()),
            Self::Unix(None) => f.write_str("unix"),
        }
    }
}

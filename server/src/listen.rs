//! Where to listen, as people write it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;

use chunkwire_engine::Listener;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use crate::unix_socket;

/// Where to listen: an address, every address that a host name has, every address of the system, or a Unix socket.
///
/// # Examples
///
/// ```
/// use std::net::SocketAddr;
///
/// use chunkwire_server::Listen;
///
/// for text in ["127.0.0.1:3000", "[::1]:3000", "localhost:3000", ":3000", "unix:/run/chunkwire.sock"] {
///     assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
/// }
/// assert_eq!(Listen::from(SocketAddr::from(([0, 0, 0, 0], 80))).to_string(), "0.0.0.0:80");
/// assert!("localhost".parse::<Listen>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(ListenOn);

#[derive(Clone, Debug, PartialEq, Eq)]
enum ListenOn {
    /// Every address, of IPv4 and IPv6.
    Everywhere(u16),
    Socket(SocketAddr),
    Name(String, u16),
    Unix(PathBuf),
}

impl Listen {
    /// Returns every address of the system, of IPv4 and IPv6, where it has both.
    pub const fn everywhere(port: u16) -> Self {
        Self(ListenOn::Everywhere(port))
    }

    /// Whether it is a Unix socket.
    pub(crate) fn is_unix(&self) -> bool {
        matches!(self.0, ListenOn::Unix(_))
    }

    /// Connects to a server on this system that listens here, and returns by which address of TCP, if by one.
    pub(crate) async fn connect(&self) -> io::Result<(Box<dyn Duplex>, Option<IpAddr>)> {
        let loopback = |port| [(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()];
        let connected = match &self.0 {
            ListenOn::Everywhere(0) | ListenOn::Name(_, 0) => Err(port_0()),
            ListenOn::Socket(address) if address.port() == 0 => Err(port_0()),
            ListenOn::Everywhere(port) => TcpStream::connect(&loopback(*port)[..]).await,
            ListenOn::Socket(address) if address.ip().is_unspecified() => {
                TcpStream::connect(&loopback(address.port())[..]).await
            }
            ListenOn::Socket(address) => TcpStream::connect(address).await,
            ListenOn::Name(name, port) => TcpStream::connect((&**name, *port)).await,
            ListenOn::Unix(path) => {
                let connected = UnixStream::connect(path).await.map_err(|error| self.not_connected(&error))?;
                return Ok((Box::new(connected), None));
            }
        };
        let connected = connected.map_err(|error| self.not_connected(&error))?;
        let address = connected.local_addr()?.ip();
        Ok((Box::new(connected), Some(address)))
    }

    fn not_connected(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("can't connect to {self}: {error}"))
    }

    /// Listens. A name is looked up, which may take some time, and listened to at those of its addresses that this
    /// system has, all with the same port. A Unix socket takes the place of one that nobody listens on any more.
    pub(crate) fn bind(&self) -> io::Result<Vec<Listener>> {
        let bound = match &self.0 {
            ListenOn::Everywhere(port) => everywhere(*port).map(|listener| vec![listener]),
            ListenOn::Socket(address) => Listener::bind(*address).map(|listener| vec![listener]),
            ListenOn::Unix(path) => unix_socket::bind(path).map(|listener| vec![listener.into()]),
            ListenOn::Name(name, port) => (&**name, *port).to_socket_addrs().and_then(all_of_this_system),
        };
        bound.map_err(|error| io::Error::new(error.kind(), format!("can't listen on {self}: {error}")))
    }
}

/// What bytes go through both ways.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

fn port_0() -> io::Error {
    let message = "the system chooses port 0, so that it is known to the server alone; allowed is another port";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// Whether another address may do instead: the system has this one not, or not its family.
fn is_not_here(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn everywhere(port: u16) -> io::Result<Listener> {
    let ipv4 = || Listener::bind((Ipv4Addr::UNSPECIFIED, port).into());
    Listener::bind((Ipv6Addr::UNSPECIFIED, port).into())
        .or_else(|error| if is_not_here(&error) { ipv4() } else { Err(error) })
}

fn all_of_this_system(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<Vec<Listener>> {
    let mut bound: Vec<(Listener, SocketAddr)> = Vec::new();
    let mut last = io::Error::new(io::ErrorKind::AddrNotAvailable, "it has no address");
    for mut address in addresses {
        if let Some((_, first)) = bound.first() {
            address.set_port(first.port());
        }
        // A resolver may give one twice.
        if bound.iter().any(|(_, other)| *other == address) {
            continue;
        }
        match Listener::bind(address) {
            Ok(listener) => {
                let address = listener.address()?.tcp().unwrap_or(address);
                bound.push((listener, address));
            }
            Err(error) if is_not_here(&error) => last = error,
            Err(error) => return Err(error),
        }
    }
    if bound.is_empty() { Err(last) } else { Ok(bound.into_iter().map(|(listener, _)| listener).collect()) }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self(ListenOn::Socket(address))
    }
}

/// What a text is not that says where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseListenError;

impl fmt::Display for ParseListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "allowed is an address or a host and a port, such as 127.0.0.1:3000, [::1]:3000, localhost:3000, or :3000, or \
             a path such as unix:/run/chunkwire.sock",
        )
    }
}

impl std::error::Error for ParseListenError {}

impl FromStr for Listen {
    type Err = ParseListenError;

    fn from_str(text: &str) -> Result<Self, ParseListenError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(address.into());
        }
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Self(ListenOn::Unix(path.into())));
        }
        let (host, port) = text.rsplit_once(':').ok_or(ParseListenError)?;
        let port = port.parse().map_err(|_| ParseListenError)?;
        let is_name = host.chars().all(|character| character.is_ascii_alphanumeric() || "-._".contains(character));
        match host {
            "" => Ok(Self::everywhere(port)),
            _ if is_name => Ok(Self(ListenOn::Name(host.to_owned(), port))),
            _ => Err(ParseListenError),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ListenOn::Everywhere(port) => write!(f, ":{port}"),
            ListenOn::Socket(address) => address.fmt(f),
            ListenOn::Name(name, port) => write!(f, "{name}:{port}"),
            ListenOn::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(listener: &Listener) -> SocketAddr {
        listener.address().unwrap().tcp().unwrap()
    }

    #[test]
    fn texts_that_say_no_place_are_refused() {
        for text in [
            "",
            "3000",
            "nowhere",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:99999",
            "a:b",
            "::1:80",
            "[::1]",
            "a b:1",
            "http://a:1",
            "unix:",
        ] {
            assert_eq!(text.parse::<Listen>(), Err(ParseListenError), "{text}");
        }
    }

    #[test]
    fn a_name_is_listened_to_at_all_of_its_addresses_with_one_port() {
        let resolved: Vec<SocketAddr> = ("localhost", 0).to_socket_addrs().unwrap().collect();
        let bound = "localhost:0".parse::<Listen>().unwrap().bind().unwrap();
        let bound: Vec<SocketAddr> = bound.iter().map(address).collect();
        assert!(!bound.is_empty() && bound.iter().all(|address| address.port() == bound[0].port()), "{bound:?}");
        assert!(bound.iter().all(|address| resolved.iter().any(|other| other.ip() == address.ip())), "{bound:?}");
    }

    /// 192.0.2.1 is in documents alone (RFC 5737).
    #[test]
    fn addresses_that_are_not_here_are_passed_over_unless_there_is_no_other() {
        let elsewhere = SocketAddr::from(([192, 0, 2, 1], 0));
        let here = SocketAddr::from(([127, 0, 0, 1], 0));
        assert_eq!(all_of_this_system([elsewhere, here].into_iter()).unwrap().len(), 1);
        assert_eq!(all_of_this_system([here, here].into_iter()).unwrap().len(), 1, "it was given twice");
        let error = all_of_this_system([elsewhere].into_iter()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
        let error = Listen::from(elsewhere).bind().unwrap_err();
        assert!(error.to_string().starts_with("can't listen on 192.0.2.1:0: "), "{error}");
    }

    #[tokio::test]
    async fn everywhere_is_both_families_also_when_ipv4_alone_is_taken() {
        let bound = Listen::everywhere(0).bind().unwrap();
        let port = address(&bound[0]).port();
        for host in ["127.0.0.1", "::1"] {
            let is_here = std::net::UdpSocket::bind((host, 0)).is_ok();
            assert_eq!(std::net::TcpStream::connect((host, port)).is_ok(), is_here, "{host}");
        }
        assert_eq!(Listen::everywhere(port).bind().unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}

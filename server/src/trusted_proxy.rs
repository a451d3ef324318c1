//! Proxies that are believed when they name their clients.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use chunkwire_engine::Address;
use ipnet::IpNet;

/// Proxies that are believed when they name their clients: an address, a network, or everybody at a Unix socket.
///
/// # Examples
///
/// ```
/// use chunkwire_engine::Address;
/// use chunkwire_server::TrustedProxy;
///
/// for (text, peer) in [("10.0.0.0/8", "10.1.2.3:4711"), ("127.0.0.1", "127.0.0.1:4711"), ("::1", "[::1]:4711")] {
///     let proxy: TrustedProxy = text.parse().unwrap();
///     assert!(proxy.is(&Address::Tcp(peer.parse().unwrap())));
///     assert!(!proxy.is(&Address::Tcp("192.0.2.1:4711".parse().unwrap())));
/// }
/// assert!("unix".parse::<TrustedProxy>().unwrap().is(&Address::Unix(None)));
/// assert!("localhost".parse::<TrustedProxy>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedProxy(Peers);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Peers {
    Network(IpNet),
    Unix,
}

impl TrustedProxy {
    /// Returns whether a peer is such a proxy.
    pub fn is(&self, peer: &Address) -> bool {
        match peer {
            Address::Tcp(address) => self.has(address.ip()),
            _ => self.0 == Peers::Unix,
        }
    }

    /// Whether an address is one of its.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        matches!(self.0, Peers::Network(network) if network.contains(&address))
    }
}

/// What a text is not that names proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseTrustedProxyError;

impl fmt::Display for ParseTrustedProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("allowed is an address such as 10.0.0.7 or 2001:db8::7, a network such as 10.0.0.0/8, or unix")
    }
}

impl std::error::Error for ParseTrustedProxyError {}

impl FromStr for TrustedProxy {
    type Err = ParseTrustedProxyError;

    fn from_str(text: &str) -> Result<Self, ParseTrustedProxyError> {
        if text == "unix" {
            return Ok(Self(Peers::Unix));
        }
        let address = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
        text.parse()
            .or_else(|_| address())
            .map(|network| Self(Peers::Network(network)))
            .map_err(|_| ParseTrustedProxyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_nobody_is_refused() {
        for text in ["", "localhost", "10.0.0.0/33", "10.0.0", "10.0.0.7:80", "10.0.0.7/", "::/129", "unix:/run/a", "*"]
        {
            assert_eq!(text.parse::<TrustedProxy>(), Err(ParseTrustedProxyError), "{text}");
        }
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        let is = |proxy: &str, address: &str| {
            proxy.parse::<TrustedProxy>().unwrap().has(address.parse::<IpAddr>().unwrap().to_canonical())
        };
        assert!(is("10.1.0.0/16", "10.1.255.255") && !is("10.1.0.0/16", "10.2.0.0"));
        assert!(is("10.1.2.3/16", "10.1.9.9"), "its host is not looked at");
        assert!(is("2001:db8::/32", "2001:db8::7") && !is("2001:db8::/32", "2001:db9::"));
        assert!(is("0.0.0.0/0", "::ffff:192.0.2.1"), "one of IPv4, however it is written");
        assert!(is("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!is("::/0", "192.0.2.1") && !is("unix", "127.0.0.1"));
    }
}

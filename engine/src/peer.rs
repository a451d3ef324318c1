//! Who is on the other side of a connection.

use std::fmt;
use std::net::SocketAddr;

use http::Extensions;

use crate::address::Address;

/// Who is on the other side of a connection, for [`Serve::connect_info`](crate::Serve::connect_info).
///
/// It is shown as its address.
#[derive(Clone, Debug)]
pub struct Peer {
    address: Address,
}

impl Peer {
    pub(crate) fn new(address: Address) -> Self {
        Self { address }
    }

    /// Returns its address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns its address of TCP, or `None` for a Unix socket.
    pub fn tcp(&self) -> Option<SocketAddr> {
        self.address.tcp()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// What is told of a connection to each request on it.
pub(crate) struct ConnectInfo(Box<Tell>);

type Tell = dyn Fn(&Peer, &mut Extensions) + Send + Sync;

impl ConnectInfo {
    pub(crate) fn new<T>(info: impl Fn(&Peer) -> Option<T> + Send + Sync + 'static) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        Self(Box::new(move |peer, extensions| {
            if let Some(info) = info(peer) {
                extensions.insert(info);
            }
        }))
    }

    pub(crate) fn tell(&self, peer: &Peer, extensions: &mut Extensions) {
        (self.0)(peer, extensions);
    }
}

impl fmt::Debug for ConnectInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectInfo")
    }
}

//! The peer of a connection: its other side.

use std::fmt;
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::OnceLock;

use http::Extensions;

use crate::address::Address;

/// The other side of a connection, for [`Serve::connect_info`](crate::Serve::connect_info).
///
/// It is shown as its address.
#[derive(Clone, Debug)]
pub struct Peer {
    address: Address,
    #[cfg(feature = "tls")]
    certificates: OnceLock<Vec<Vec<u8>>>,
}

impl Peer {
    pub(crate) fn new(address: Address) -> Self {
        Self {
            address,
            #[cfg(feature = "tls")]
            certificates: OnceLock::new(),
        }
    }

    /// Returns its address.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns its address of TCP, or `None` for a Unix socket.
    pub fn tcp(&self) -> Option<SocketAddr> {
        self.address.tcp()
    }

    /// Returns its chain of certificates in DER, its own first, or none if it was asked for none.
    ///
    /// See [`TlsFiles::client_ca`](crate::TlsFiles::client_ca). It was checked that the chain leads to one of the
    /// authorities there, and not whom it names.
    ///
    /// # Examples
    ///
    /// What handlers may ask for as `Extension<Certificate>`:
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use axum::Router;
    /// use chunkwire_engine::{Listener, Tls, serve};
    ///
    /// #[derive(Clone)]
    /// struct Certificate(Arc<[u8]>);
    ///
    /// async fn run(listener: Listener, tls: Tls, router: Router) -> std::io::Result<usize> {
    ///     serve(listener.tls(tls), router)
    ///         .connect_info(|peer| peer.certificates().first().map(|first| Certificate(first.as_slice().into())))
    ///         .await
    /// }
    /// ```
    #[cfg(feature = "tls")]
    pub fn certificates(&self) -> &[Vec<u8>] {
        self.certificates.get().map_or(&[], Vec::as_slice)
    }

    /// Sets them, once it has shown them.
    #[cfg(feature = "tls")]
    pub(crate) fn showed(&self, certificates: Vec<Vec<u8>>) {
        let _ = self.certificates.set(certificates);
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

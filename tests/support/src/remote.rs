//! Where a server is, and how clients speak to it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(feature = "tls")]
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, pki_types::ServerName},
};

/// Where a server is, and how clients speak to it.
#[derive(Clone, Debug)]
pub struct Remote {
    pub address: SocketAddr,
    /// How they speak TLS, if they do.
    #[cfg(feature = "tls")]
    pub tls: Option<Arc<ClientConfig>>,
}

impl From<SocketAddr> for Remote {
    fn from(address: SocketAddr) -> Self {
        Self {
            address,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

impl From<&Self> for Remote {
    fn from(remote: &Self) -> Self {
        remote.clone()
    }
}

impl Remote {
    /// The same for clients of HTTP/2, on which they and a server that speaks TLS have to agree.
    pub fn http2(&self) -> Self {
        #[cfg_attr(not(feature = "tls"), allow(unused_mut, reason = "only TLS agrees on anything"))]
        let mut remote = self.clone();
        #[cfg(feature = "tls")]
        if let Some(config) = &mut remote.tls {
            Arc::make_mut(config).alpn_protocols = vec![b"h2".to_vec()];
        }
        remote
    }
}

/// A connection to a server.
#[derive(Debug)]
pub enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Begins to speak over a connection.
    pub async fn over(stream: TcpStream, remote: &Remote) -> io::Result<Self> {
        #[cfg(feature = "tls")]
        if let Some(config) = &remote.tls {
            let name = ServerName::IpAddress(remote.address.ip().into());
            let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await?;
            return Ok(Self::Tls(Box::new(stream)));
        }
        let _ = remote;
        Ok(Self::Plain(stream))
    }

    /// Returns the socket.
    pub fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0,
        }
    }

    /// Returns the socket, and forgets what TLS knows of it.
    pub fn into_tcp(self) -> TcpStream {
        match self {
            Self::Plain(stream) => stream,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.into_inner().0,
        }
    }
}

/// Does the same for each kind of stream.
macro_rules! on {
    ($stream:expr, $method:ident($($argument:expr),*)) => {
        match $stream.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).$method($($argument),*),
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        on!(self, poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        on!(self, poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on!(self, poll_shutdown(cx))
    }
}

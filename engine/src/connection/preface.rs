//! A transport that gives the preface of HTTP/2 in one piece, once more if the client speaks HTTP/2, and knows whether
//! it has to.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use tracing::debug;

use crate::observe::ConnectionEnd;
use crate::state::connection::Connection;

/// What a client of HTTP/2 begins with (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Most of what is read before it is known how a client begins: the head of most requests.
const FIRST_READ: usize = 2048;

/// A transport that holds back how a client begins as long as that may become the preface of HTTP/2.
///
/// hyper recognises a preface that comes in one piece, and refuses its first line if that comes alone.
#[derive(Debug)]
pub(super) struct Preface<T> {
    transport: T,
    beginning: Beginning,
    /// The connection, if its client has agreed to speak HTTP/2.
    agreed: Option<Arc<Connection>>,
}

/// What is known of how the client begins.
#[derive(Debug)]
enum Beginning {
    /// It may become the preface, of which so many bytes are held back.
    Held(usize),
    /// It was read, and is read once more.
    Again(Bytes),
    /// It was read.
    Read,
}

impl<T> Preface<T> {
    pub(super) fn new(transport: T) -> Self {
        Self { transport, beginning: Beginning::Held(0), agreed: None }
    }

    /// The transport of a client that has agreed to speak HTTP/2 (RFC 9113, section 3.2). It is broken if anything else
    /// comes: no response of HTTP/1.1 would be one.
    #[cfg(feature = "tls")]
    pub(super) fn agreed(transport: T, connection: &Arc<Connection>) -> Self {
        Self { agreed: Some(Arc::clone(connection)), ..Self::new(transport) }
    }

    /// Gives what was read once more. Nothing is held back then.
    pub(super) fn rewound(self, read: Bytes) -> Self {
        Self { beginning: Beginning::Again(read), ..self }
    }
}

impl<T: Read + Unpin> Read for Preface<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        loop {
            let this = &mut *self;
            match &mut this.beginning {
                Beginning::Read => return Pin::new(&mut this.transport).poll_read(cx, buf),
                Beginning::Again(read) if read.is_empty() => this.beginning = Beginning::Read,
                Beginning::Again(read) => {
                    let length = read.len().min(buf.remaining());
                    buf.put_slice(&read[..length]);
                    read.advance(length);
                    return Poll::Ready(Ok(()));
                }
                Beginning::Held(held) => {
                    let mut bytes = [0; FIRST_READ];
                    let room = buf.remaining().saturating_sub(PREFACE.len()).min(FIRST_READ);
                    let mut part = ReadBuf::new(&mut bytes[..room]);
                    ready!(Pin::new(&mut this.transport).poll_read(cx, part.unfilled()))?;
                    let (came, missing) = (part.filled(), &PREFACE[*held..]);
                    if !came.is_empty() && came.len() < missing.len() && missing.starts_with(came) {
                        *held += came.len();
                        continue;
                    }
                    if let Some(connection) = &this.agreed
                        && !came.is_empty()
                        && !came.starts_with(missing)
                    {
                        // hyper takes an error before the first byte for an end.
                        connection.end(ConnectionEnd::Broken);
                        let error = "the client has agreed to HTTP/2 and speaks something else";
                        debug!(peer = %connection.peer(), error, "the connection broke");
                        return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
                    }
                    buf.put_slice(&PREFACE[..*held]);
                    buf.put_slice(came);
                    this.beginning = Beginning::Read;
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl<T: Write + Unpin> Write for Preface<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write_vectored(cx, slices)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}

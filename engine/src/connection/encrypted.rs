//! TLS over a transport: what HTTP writes is encrypted here, and the transport keeps the time of what then travels.
//!
//! A write is encrypted when nothing that was encrypted before waits for the transport. So there is about a chunk of it
//! at most, beside the chunk that waits to be, and records are as long as they can be.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use chunkwire::CHUNK_SIZE;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::rustls::ServerConnection;
use tokio_rustls::server::TlsStream;

use super::transport::Transport;
use crate::observe::Observe;

/// How many bytes are encrypted at once: a chunk, its place in the transfer coding, and a head before it. What is
/// longer than 16,384 bytes makes two records of TLS (RFC 8446, section 5.1), which are sent by one call.
const AT_ONCE: usize = CHUNK_SIZE + 1024;

/// A connection that is encrypted.
#[derive(Debug)]
pub(super) struct Encrypted<O>(TlsStream<TokioIo<Transport<O>>>);

/// Bounds what a connection holds encrypted. The limit counts bytes that are given to it, as nothing waits then.
pub(super) fn bound(connection: &mut ServerConnection) {
    connection.set_buffer_limit(Some(AT_ONCE));
}

impl<O: Observe> Encrypted<O> {
    pub(super) fn new(stream: TlsStream<TokioIo<Transport<O>>>) -> Self {
        Self(stream)
    }

    /// Whether both have agreed on HTTP/2 (RFC 7301).
    pub(super) fn is_http2(&self) -> bool {
        self.0.get_ref().1.alpn_protocol() == Some(&b"h2"[..])
    }

    /// Ready when there is something to be read.
    pub(super) async fn readable(&mut self) {
        // An error is met again.
        let _ = poll_fn(|cx| Pin::new(&mut self.0).poll_fill_buf(cx).map_ok(drop)).await;
    }

    /// Ready when the transport has taken all that was encrypted.
    fn poll_sent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (transport, session) = self.0.get_mut();
        while session.wants_write() {
            match session.write_tls(&mut Blocking { transport, cx }) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<O: Observe> AsyncRead for Encrypted<O> {
    /// Reads one record. To read on would be to wait for the client while there is something to be done.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut stream = Pin::new(&mut self.0);
        let read = ready!(stream.as_mut().poll_fill_buf(cx))?;
        let taken = read.len().min(buf.remaining());
        buf.put_slice(&read[..taken]);
        stream.consume(taken);
        Poll::Ready(Ok(()))
    }
}

impl<O: Observe> AsyncWrite for Encrypted<O> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_sent(cx))?;
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    /// It is vectored, since TLS encrypts from several slices as well as from one: otherwise hyper would copy them into
    /// one.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_sent(cx))?;
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    /// Says that nothing follows (RFC 8446, section 6.1), and ends the transport. A cut connection is dropped without.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// A transport as rustls writes to it.
struct Blocking<'a, 'b, T> {
    transport: &'a mut T,
    cx: &'a mut Context<'b>,
}

impl<T: AsyncWrite + Unpin> io::Write for Blocking<'_, '_, T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match Pin::new(&mut *self.transport).poll_write_vectored(self.cx, slices) {
            Poll::Ready(written) => written,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

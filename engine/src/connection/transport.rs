//! The socket under hyper, with the time limits that only it can keep.
//!
//! hyper does not poll a body while its socket is full, so that no timer above this could see a client that does not
//! read. Whatever is written goes to the socket as it is, vectored.

#[cfg(feature = "tls")]
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use chunkwire::LeastRate;
use hyper::rt::{Read, ReadBufCursor, Write};
use socket2::SockRef;

use super::deadline::Deadline;
use super::linger::poll_linger;
use super::socket::Socket;
use crate::observe::{ConnectionEnd, Observe};
use crate::state::connection::Connection;

/// A socket that ends when its client is too slow, and says why.
#[derive(Debug)]
pub(super) struct Transport<O> {
    socket: Socket,
    connection: Arc<Connection>,
    observer: Arc<O>,
    alarm: Deadline,
    /// How fast the client takes what is written.
    rate: LeastRate,
}

impl<O: Observe> Transport<O> {
    pub(super) fn new(socket: Socket, rate: LeastRate, connection: Arc<Connection>, observer: Arc<O>) -> Self {
        let alarm = Deadline::at(connection.silent().unwrap_or_else(Instant::now));
        Self { socket, connection, observer, alarm, rate }
    }

    /// Returns the first byte that the client has sent, which stays to be read, or nothing if it has ended its side.
    #[cfg(feature = "tls")]
    pub(super) async fn first_byte(&mut self) -> io::Result<Option<u8>> {
        poll_fn(|cx| match self.socket.poll_peek(cx) {
            Poll::Pending => self.poll_silence(cx).map_ok(|()| None),
            peeked => peeked,
        })
        .await
    }

    /// The client is silent. That ends the connection when it lasts too long.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(due) = self.connection.silent() else { return Poll::Pending };
        self.alarm.poll(due, cx).map(|()| match self.connection.silent_too_long() {
            // To hyper, an idle connection ends as if the client had closed it.
            ConnectionEnd::IdleTimeout => Ok(()),
            _ => Err(io::ErrorKind::TimedOut.into()),
        })
    }

    /// Looks at a write: the client takes bytes, or it has to be waited for, which ends the connection if it is too
    /// slow.
    fn poll_stall(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            if let Ok(bytes @ 1..) = written {
                self.rate.moved(bytes);
                if let Some(elapsed) = self.connection.sent(bytes) {
                    self.observer.first_byte(elapsed);
                }
            }
            return Poll::Ready(written);
        }
        self.connection.blocked();
        self.alarm.poll(self.rate.due(), cx).map(|()| {
            self.connection.end(ConnectionEnd::Stalled);
            Err(io::ErrorKind::TimedOut.into())
        })
    }
}

impl<O> Drop for Transport<O> {
    fn drop(&mut self) {
        if self.connection.must_be_reset() {
            // If this fails, the socket is gone already.
            let _ = SockRef::from(self.socket.inner()).set_linger(Some(Duration::ZERO));
        }
    }
}

impl<O: Observe> Read for Transport<O> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.socket).poll_read(cx, buf);
        if read.is_pending() {
            return self.poll_silence(cx);
        }
        self.connection.heard(self.socket.last_read());
        read
    }
}

impl<O: Observe> Write for Transport<O> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.poll_stall(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.poll_stall(written, cx)
    }

    /// Called when hyper has written all that it was given.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(due) = self.connection.flushed() {
            // hyper may not read again before something happens. What rings is looked at by the read that follows.
            let _ = self.alarm.poll(due, cx);
        }
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    /// Called when hyper has written its last, or closes a connection on which nothing is under way.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.connection.is_lingering() {
            ready!(Pin::new(&mut this.socket).poll_shutdown(cx))?;
        }
        match this.connection.shutdown() {
            Some(until) => poll_linger(until, &mut this.socket, &mut this.alarm, cx).map(Ok),
            None => Poll::Ready(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use chunkwire::{CHUNK_SIZE, Format, JsonBody, OneChunk, tune};
    use chunkwire_test_support::allocations::{CountChunks, Tally};
    use chunkwire_test_support::client::Client;
    use chunkwire_test_support::connection::{GET, connection};
    use chunkwire_test_support::records::texts;
    use chunkwire_test_support::time::soon;
    use chunkwire_test_support::transport::Watched;
    use chunkwire_test_support::zero_copy::{Counts, Noted, check, counted};
    use tokio::net::TcpListener;

    use super::*;
    use crate::address::Address;
    use crate::config::Config;
    use crate::connection::preface::Preface;
    use crate::peer::Peer;
    use crate::state::overview::Overview;
    use crate::state::silence::Silence;

    #[global_allocator]
    static ALLOCATOR: CountChunks = CountChunks;

    const RECORDS: usize = 1000;

    /// Records that span two chunks: with 98 bytes each and a byte before it, one at the end of each full chunk.
    const SPANNING: usize = 99 * RECORDS / CHUNK_SIZE;

    /// Each wrapper of a socket has to pass on that it is vectored, or hyper copies everything.
    #[tokio::test]
    async fn it_is_given_the_memory_that_was_encoded_into_and_so_is_its_socket() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = Client::connect(listener.local_addr().unwrap()).await;
        client.send(GET).await;
        let (socket, _) = soon(listener.accept()).await.unwrap();
        tune::socket(&socket).unwrap();
        let config = Config::default();
        let entry = Arc::<Overview>::default().enter();
        let state = Arc::new(Connection::new(Peer::new(Address::Unix(None)), Silence::of(&config), entry));
        let (reading, _writing) = socket.into_split();
        let transport = Transport::new(Socket::new(reading, true), config.least_rate(), state, Arc::new(()));
        assert!(transport.socket.is_write_vectored());

        Tally::restart();
        let body = OneChunk::new(JsonBody::new(Format::Array, texts(98, RECORDS).map(Noted)));
        let served = tokio::task::LocalSet::new();
        let all = Preface::new(transport);
        served.spawn_local(async { connection(Watched::new(all, check), body).await.unwrap() });
        let response = served.run_until(client.response()).await;
        assert_eq!(response.json()[RECORDS - 1], format!("{:096}", RECORDS - 1));
        assert_eq!(counted(), Counts { in_place: RECORDS - SPANNING, elsewhere: 0 });
    }
}

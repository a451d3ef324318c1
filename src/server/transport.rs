//! The socket under hyper, with the time limits that only it can keep.
//!
//! hyper does not poll a body while its socket is full, so that no timer above this could see a client that does not
//! read. Whatever is written goes to the socket as it is, vectored.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::config::Config;
use super::deadline::Deadline;
use super::linger::Linger;
use super::signals::{Ending, Signals};
use super::socket::Socket;
use super::stall::Stall;
use super::status::Status;

/// A socket that ends when its client is too slow, and says why.
#[derive(Debug)]
pub(super) struct Transport {
    socket: Socket,
    signals: Arc<Signals>,
    status: Arc<Status>,
    limits: Limits,
    alarm: Deadline,
    awaited: Awaited,
    /// When what is awaited has to be there, once that is known.
    due: Option<Instant>,
    /// Set while the client takes nothing, as far as writes tell.
    blocked: Option<Stall>,
    reset: bool,
    /// Set once the server has said its last.
    linger: Option<Linger>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    head: Duration,
    idle: Duration,
    stall: Duration,
}

/// What a connection waits for that waits for its client to speak.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Awaited {
    /// The end of a request's head.
    Head,
    /// The start of another request.
    Request,
}

impl Limits {
    pub(super) fn of(config: &Config) -> Self {
        Self { head: config.head_timeout, idle: config.idle_timeout, stall: config.stall_timeout }
    }
}

impl Transport {
    pub(super) fn new(socket: TcpStream, limits: Limits, signals: Arc<Signals>, status: Arc<Status>) -> Self {
        let due = Instant::now() + limits.head;
        Self {
            socket: Socket::new(socket),
            signals,
            status,
            limits,
            alarm: Deadline::at(due),
            awaited: Awaited::Head,
            due: Some(due),
            blocked: None,
            reset: false,
            linger: None,
        }
    }

    /// The client is silent. That ends the connection when it lasts too long.
    fn silent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.signals.take_requested() {
            self.awaited = Awaited::Request;
            self.due = None;
        }
        let (limit, ending) = match self.awaited {
            Awaited::Head => (self.limits.head, Ending::HeadTimeout),
            Awaited::Request => (self.limits.idle, Ending::IdleTimeout),
        };
        let due = *self.due.get_or_insert_with(|| Instant::now() + limit);
        self.alarm.poll(due, cx).map(|()| {
            self.signals.end(ending);
            self.signals.leave();
            // To hyper, an idle connection ends as if the client had closed it.
            if ending == Ending::IdleTimeout { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) }
        })
    }

    /// Looks at a write: the client takes bytes, or it does not, which ends the connection when it lasts too long.
    fn watch(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.blocked = None;
            if let Some(time) = self.signals.sent() {
                self.status.metrics.first_byte(time);
            }
            return written;
        }
        let stall = self.blocked.get_or_insert_with(Stall::begin);
        stall.poll(self.limits.stall, self.socket.inner(), &mut self.alarm, cx).map(|()| {
            self.signals.end(Ending::Stalled);
            self.signals.fate.set(crate::Outcome::Stalled);
            self.reset = true;
            Err(io::ErrorKind::TimedOut.into())
        })
    }
}

impl Drop for Transport {
    /// Resets the connection where an orderly end would keep memory for a client that does not read, or deceive one.
    fn drop(&mut self) {
        if self.reset || self.signals.end_would_deceive() {
            // Where this fails, the socket is gone already.
            let _ = SockRef::from(self.socket.inner()).set_linger(Some(Duration::ZERO));
        }
    }
}

impl Read for Transport {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.socket).poll_read(cx, buf);
        if read.is_pending() {
            return self.silent(cx);
        }
        if self.signals.take_requested() || self.awaited == Awaited::Request {
            self.awaited = Awaited::Head;
            self.due = None;
        }
        read
    }
}

impl Write for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.watch(written, cx)
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
        self.watch(written, cx)
    }

    /// Called when hyper has written all that it was given.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.signals.flushed();
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    /// Called when hyper has written its last, or closes a connection on which nothing is under way.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.linger.is_none() {
            ready!(Pin::new(&mut this.socket).poll_shutdown(cx))?;
            if this.signals.has_left() {
                return Poll::Ready(Ok(()));
            }
        }
        let linger = this.linger.get_or_insert_with(Linger::begin);
        linger.poll(&mut this.socket, &mut this.alarm, cx).map(Ok)
    }
}

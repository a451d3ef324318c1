//! Transports under hyper: one in memory with as much room as a test gives it, and one that observes another.

use std::cell::{Ref, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use hyper::rt::{Read, ReadBufCursor, Write};

/// A vectored transport in memory, which takes no more than there is room for. Clones are the same transport.
#[derive(Clone, Debug)]
pub struct Pipe(Rc<RefCell<Ends>>);

#[derive(Debug)]
struct Ends {
    request: Vec<u8>,
    wire: Vec<u8>,
    room: usize,
    writer: Option<Waker>,
}

impl Pipe {
    /// Returns a transport that has a request to read, after which the client is silent, and no room.
    ///
    /// It can take `capacity` bytes in all without an allocation.
    pub fn new(request: &str, capacity: usize) -> Self {
        let wire = Vec::with_capacity(capacity);
        Self(Rc::new(RefCell::new(Ends { request: request.into(), wire, room: 0, writer: None })))
    }

    /// Makes room for `bytes` more.
    pub fn make_room(&self, bytes: usize) {
        let mut ends = self.0.borrow_mut();
        ends.room = ends.room.saturating_add(bytes);
        if let Some(writer) = ends.writer.take() {
            writer.wake();
        }
    }

    /// Returns the bytes that it took.
    pub fn wire(&self) -> Ref<'_, [u8]> {
        Ref::map(self.0.borrow(), |ends| &*ends.wire)
    }
}

impl Read for Pipe {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let mut ends = self.0.borrow_mut();
        if ends.request.is_empty() {
            return Poll::Pending;
        }
        let size = ends.request.len().min(buf.remaining());
        buf.put_slice(&ends.request[..size]);
        ends.request.drain(..size);
        Poll::Ready(Ok(()))
    }
}

impl Write for Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut ends = self.0.borrow_mut();
        if ends.room == 0 {
            ends.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let mut written = 0;
        for slice in slices {
            let part = &slice[..slice.len().min(ends.room)];
            ends.wire.extend_from_slice(part);
            ends.room -= part.len();
            written += part.len();
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// One write: what the transport was given, and what it returned.
#[derive(Debug)]
pub struct Attempt<'a> {
    pub slices: &'a [IoSlice<'a>],
    /// How many bytes were taken, or `None` if there was no room.
    pub taken: Option<usize>,
}

/// A transport that shows each write to a watcher.
#[derive(Debug)]
pub struct Watched<T, W> {
    transport: T,
    watcher: W,
    vectored: bool,
}

impl<T: Write, W: FnMut(Attempt<'_>)> Watched<T, W> {
    /// Returns one that is vectored if `transport` is.
    pub fn new(transport: T, watcher: W) -> Self {
        let vectored = transport.is_write_vectored();
        Self { transport, watcher, vectored }
    }

    /// Returns one that takes a single slice at a time, whether or not `transport` is vectored.
    pub fn not_vectored(transport: T, watcher: W) -> Self {
        Self { transport, watcher, vectored: false }
    }

    fn show(&mut self, slices: &[IoSlice<'_>], result: io::Result<Option<usize>>) -> Poll<io::Result<usize>> {
        let taken = result?;
        (self.watcher)(Attempt { slices, taken });
        taken.map_or(Poll::Pending, |taken| Poll::Ready(Ok(taken)))
    }
}

fn taken(written: Poll<io::Result<usize>>) -> io::Result<Option<usize>> {
    match written {
        Poll::Ready(result) => result.map(Some),
        Poll::Pending => Ok(None),
    }
}

impl<T: Read + Unpin, W: Unpin> Read for Watched<T, W> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_read(cx, buf)
    }
}

impl<T: Write + Unpin, W: FnMut(Attempt<'_>) + Unpin> Write for Watched<T, W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = taken(Pin::new(&mut self.transport).poll_write(cx, bytes));
        self.show(&[IoSlice::new(bytes)], result)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = taken(Pin::new(&mut self.transport).poll_write_vectored(cx, slices));
        self.show(slices, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.transport).poll_shutdown(cx))?;
        Poll::Ready(Ok(()))
    }
}

//! The socket: if another chunk follows at once, the kernel is told to wait for it and to send full segments.
//!
//! Nothing waits there for long: what is held back goes out with the end of a response, as soon as the source pauses
//! for longer than a turn of the runtime, and before this waits for the client.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::io::{AsyncRead, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;

use chunkwire::CHUNK_SIZE;

/// Tells the kernel that more bytes follow (send(2), `MSG_MORE`); it does not know the flag elsewhere.
const MORE_FOLLOWS: i32 = if cfg!(any(target_os = "android", target_os = "linux")) { 0x8000 } else { 0 };

/// What ends a chunked message (RFC 9112, section 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A socket that holds the end of a full chunk back while another is expected.
#[derive(Debug)]
pub(super) struct Socket {
    /// It is read through this half, and written to through what is behind it: another watches the other half.
    socket: TokioIo<Counted>,
    /// Whether the kernel may be told to hold bytes back, which it can only be if it can be told to send them.
    may_hold: bool,
    /// Whether the kernel may hold bytes back.
    held: bool,
    last: Step,
}

/// What hyper has done last.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It wrote.
    Write,
    /// It flushed, as it does after every write.
    Flush,
    /// It flushed once more, since it has nothing, and will do so again.
    Pause,
}

impl Socket {
    pub(super) fn new(half: OwnedReadHalf, may_hold: bool) -> Self {
        Self { socket: TokioIo::new(Counted { half, last: 0 }), may_hold, held: false, last: Step::Write }
    }

    pub(super) fn inner(&self) -> &TcpStream {
        self.socket.inner().half.as_ref()
    }

    /// How many bytes the last read that was not pending has read.
    pub(super) fn last_read(&self) -> usize {
        self.socket.inner().last
    }

    /// Returns the first byte of what is to be read, or nothing if the client has ended its side.
    #[cfg(feature = "tls")]
    pub(super) fn poll_peek(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<u8>>> {
        let mut byte = [0];
        let peeked = self.socket.inner_mut().half.poll_peek(cx, &mut ReadBuf::new(&mut byte));
        peeked.map_ok(|length| (length > 0).then_some(byte[0]))
    }

    /// Sends what the kernel holds back: setting the option does that (tcp(7), `TCP_NODELAY`), which is always set.
    fn push(&mut self) -> io::Result<()> {
        if self.held {
            self.held = false;
            self.inner().set_nodelay(true)?;
        }
        Ok(())
    }
}

impl Read for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl Write for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let size: usize = slices.iter().map(|slice| slice.len()).sum();
        let ends = slices.last().is_some_and(|last| last.ends_with(LAST_CHUNK));
        let more = self.may_hold && size >= CHUNK_SIZE && !ends;
        self.last = Step::Write;
        loop {
            ready!(self.inner().poll_write_ready(cx))?;
            let socket = self.inner();
            let send = || SockRef::from(socket).send_vectored_with_flags(slices, if more { MORE_FOLLOWS } else { 0 });
            match socket.try_io(Interest::WRITABLE, send) {
                // A server that waits for the client must not hold back what the client waits for.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.push()?,
                sent => {
                    self.held = more;
                    return Poll::Ready(sent);
                }
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.last = match self.last {
            Step::Write => Step::Flush,
            Step::Flush => {
                // A task of this runtime that has what the source waits for, such as a database's rows, has its turn
                // first. Else each chunk of such a source would be a segment of its own.
                if self.held {
                    cx.waker().wake_by_ref();
                }
                Step::Pause
            }
            Step::Pause => {
                self.push()?;
                Step::Pause
            }
        };
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match SockRef::from(self.inner()).shutdown(Shutdown::Write) {
            // Both sides have ended already.
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            ended => Poll::Ready(ended),
        }
    }
}

/// The half of a socket that is read, and how much the last read has read.
#[derive(Debug)]
struct Counted {
    half: OwnedReadHalf,
    last: usize,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.half).poll_read(cx, buf));
        self.last = buf.filled().len() - before;
        Poll::Ready(read)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::task::{Wake, Waker};

    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::time::{Duration, timeout};

    use super::*;

    async fn connected() -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (socket, _) = listener.accept().await.unwrap();
        chunkwire::tune::socket(&socket).unwrap();
        let (reading, writing) = socket.into_split();
        writing.forget();
        (Socket::new(reading, true), client)
    }

    async fn write(socket: &mut Socket, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let mut socket = Pin::new(&mut *socket);
            let written = poll_fn(|cx| socket.as_mut().poll_write_vectored(cx, &[IoSlice::new(bytes)])).await.unwrap();
            bytes = &bytes[written..];
        }
        flush(socket).await;
    }

    async fn flush(socket: &mut Socket) {
        poll_fn(|cx| Pin::new(&mut *socket).poll_flush(cx)).await.unwrap();
    }

    /// Whether a chunk arrives sooner than the kernel would send it by itself, which is after 200 ms.
    async fn arrives(client: &mut TcpStream) -> bool {
        timeout(Duration::from_millis(100), client.read_exact(&mut [0; CHUNK_SIZE])).await.is_ok()
    }

    #[tokio::test]
    async fn a_full_chunk_waits_for_the_next_until_the_source_pauses() {
        let (mut socket, mut client) = connected().await;
        write(&mut socket, &[b'x'; CHUNK_SIZE]).await;
        flush(&mut socket).await;
        assert!(!arrives(&mut client).await, "it was not held back for others to have their turn");
        flush(&mut socket).await;
        assert!(arrives(&mut client).await, "a pause did not send it");
    }

    #[tokio::test]
    async fn a_pause_asks_for_another_turn_once_and_only_if_a_chunk_is_held_back() {
        struct Wakes(AtomicUsize);

        impl Wake for Wakes {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Relaxed);
            }
        }

        let (mut socket, _client) = connected().await;
        for (bytes, woken) in [(&[b'x'; CHUNK_SIZE][..], 1), (b"x", 0)] {
            write(&mut socket, bytes).await;
            let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
            let waker = Waker::from(Arc::clone(&wakes));
            for _ in 0..3 {
                assert!(Pin::new(&mut socket).poll_flush(&mut Context::from_waker(&waker)).is_ready());
                assert_eq!(wakes.0.load(Relaxed), woken, "{} bytes", bytes.len());
            }
        }
    }

    #[tokio::test]
    async fn a_full_chunk_goes_out_with_the_end() {
        let (mut socket, mut client) = connected().await;
        write(&mut socket, &[b'x'; CHUNK_SIZE]).await;
        write(&mut socket, LAST_CHUNK).await;
        assert!(arrives(&mut client).await);
    }

    #[tokio::test]
    async fn a_last_chunk_is_not_held_back() {
        let (mut socket, mut client) = connected().await;
        let mut last = [b'x'; CHUNK_SIZE];
        last[CHUNK_SIZE - LAST_CHUNK.len()..].copy_from_slice(LAST_CHUNK);
        write(&mut socket, &last).await;
        assert!(arrives(&mut client).await);
    }

    #[tokio::test]
    async fn a_chunk_goes_out_before_a_full_socket_is_waited_for() {
        let (mut socket, mut client) = connected().await;
        let reader = tokio::spawn(async move {
            for chunk in 0..100 {
                assert!(arrives(&mut client).await, "chunk {chunk} was held back");
            }
        });
        for _ in 0..99 {
            write(&mut socket, &[b'x'; CHUNK_SIZE]).await;
        }
        write(&mut socket, &[b'x'; CHUNK_SIZE]).await;
        flush(&mut socket).await;
        reader.await.unwrap();
    }
}

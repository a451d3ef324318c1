//! The last seconds of a connection that the server ends: it listens on, so that its last answer is not lost.
//!
//! Closing a socket that has unread bytes, or to which more of them come, makes the kernel send a reset, and a client
//! that is still sending may then lose an answer that has reached it already. So the server ends its own side first
//! and throws away what still comes, until the client closes as well (RFC 9112, section 9.6).

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBuf};
use tokio::time::Instant;

use super::deadline::Deadline;
use super::socket::Socket;

/// How long a client may go on sending once the server has ended its side of the connection.
pub(super) const LIMIT: Duration = Duration::from_secs(2);

/// How many bytes are thrown away at a time.
const PIECE: usize = 8192;

/// When the server stops to listen.
#[derive(Debug)]
pub(super) struct Linger(Instant);

impl Linger {
    /// Begins when the server has said its last.
    pub(super) fn begin() -> Self {
        Self(Instant::now() + LIMIT)
    }

    /// Ready when the client has closed or is gone, or had its time.
    pub(super) fn poll(&self, socket: &mut Socket, alarm: &mut Deadline, cx: &mut Context<'_>) -> Poll<()> {
        let mut piece = [0; PIECE];
        loop {
            let mut thrown_away = ReadBuf::new(&mut piece);
            match Pin::new(&mut *socket).poll_read(cx, thrown_away.unfilled()) {
                Poll::Ready(Ok(())) if !thrown_away.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => {
                    ready!(alarm.poll(self.0, cx));
                    return Poll::Ready(());
                }
            }
        }
    }
}

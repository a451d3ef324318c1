//! The last seconds of a connection that the engine ends: it listens on, so that its last response is not lost.
//!
//! Closing a socket that has unread bytes, or to which more of them come, makes the kernel send a reset, and a client
//! that is still sending may then lose a response that has reached it already. So the engine ends its own side first
//! and throws away what still comes, until the client closes as well (RFC 9112, section 9.6).

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use hyper::rt::{Read, ReadBuf};

use super::deadline::Deadline;
use super::socket::Socket;

/// How many bytes are thrown away at a time.
const PIECE: usize = 8192;

/// Ready when the client has closed or is gone, or had its time.
pub(super) fn poll_linger(until: Instant, socket: &mut Socket, alarm: &mut Deadline, cx: &mut Context<'_>) -> Poll<()> {
    let mut piece = [0; PIECE];
    loop {
        let mut thrown_away = ReadBuf::new(&mut piece);
        match Pin::new(&mut *socket).poll_read(cx, thrown_away.unfilled()) {
            Poll::Ready(Ok(())) if !thrown_away.filled().is_empty() => {}
            Poll::Ready(_) => return Poll::Ready(()),
            Poll::Pending => {
                ready!(alarm.poll(until, cx));
                return Poll::Ready(());
            }
        }
    }
}

//! What a transport reads from and writes to.

use hyper::rt::{Read, Write};
use tokio::net::TcpStream;

/// What a transport reads from and writes to: a socket, or what encrypts for one.
pub(super) trait Io: Read + Write + Unpin + Send + 'static {
    /// How many bytes the last read that was not pending has read.
    fn last_read(&self) -> usize;

    /// The socket under it.
    fn socket(&self) -> &TcpStream;
}

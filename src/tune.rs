//! Settings that let hyper and the kernel hold one chunk of a response, each with its reason.
//!
//! Nothing else is set: timeouts, keep-alive and request limits are up to the service.
//!
//! The builder of `hyper_util::server::conn::auto` does not expose hyper's builders, but has the same setters:
//! `builder.http1().max_buf_size(CHUNK_SIZE)` and `builder.http2().max_send_buf_size(CHUNK_SIZE)`.

use std::io;
#[cfg(unix)]
use std::os::fd::AsFd as AsSocket;
#[cfg(windows)]
use std::os::windows::io::AsSocket;

use hyper::server::conn::http1;
#[cfg(feature = "http2")]
use hyper::server::conn::http2;
use socket2::SockRef;

use crate::body::chunk::CHUNK_SIZE;

/// Lets an HTTP/1.1 connection write each chunk before it asks for the next.
///
/// - `max_buf_size` is [`CHUNK_SIZE`]. hyper polls a body while its write buffer holds less than that, by default about
///   400 KB; so it writes when it has a chunk. The setting also bounds what is read ahead, and so the head of a
///   request, to 16 KiB less what came before it in the same read.
/// - `max_header_size` is [`CHUNK_SIZE`] too, so that the head of a request is limited to 16 KiB wherever it begins.
/// - `pipeline_flush` is off, as it is by default. With it, hyper does not write before all requests that it has read
///   are answered, and so keeps the whole response to each but the last, whatever the other settings are.
///
/// hyper polls again when the transport has taken a part of a chunk; [`OneChunk`](crate::OneChunk) makes it wait.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
/// use std::time::Duration;
///
/// use chunkwire::{Format, JsonBody, OneChunk, tune};
/// use hyper::server::conn::http1;
/// use hyper::service::service_fn;
/// use hyper_util::rt::TokioIo;
/// use tokio::net::TcpListener;
/// use tokio::time::sleep;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// async fn serve(listener: TcpListener) {
///     let mut http = http1::Builder::new();
///     tune::http1(&mut http);
///     loop {
///         let Ok((socket, _)) = listener.accept().await else {
///             sleep(Duration::from_millis(100)).await; // Too many open files, mostly.
///             continue;
///         };
///         if tune::socket(&socket).is_err() {
///             continue; // The client is gone already.
///         }
///         let squares = service_fn(async |_| {
///             let squares = (0_u64..1000).map(|n| n * n);
///             Ok::<_, Infallible>(JsonBody::new(Format::Array, squares).into_response().map(OneChunk::new))
///         });
///         tokio::spawn(http.serve_connection(TokioIo::new(socket), squares));
///     }
/// }
/// # let listener = TcpListener::bind("127.0.0.1:0").await?;
/// # tokio::select! { () = serve(listener) => Ok(()), () = std::future::ready(()) => Ok(()) }
/// # }
/// ```
pub fn http1(builder: &mut http1::Builder) -> &mut http1::Builder {
    builder.max_buf_size(CHUNK_SIZE).max_header_size(CHUNK_SIZE).pipeline_flush(false)
}

/// Lets each stream of an HTTP/2 connection hold about a chunk.
///
/// `max_send_buf_size` is [`CHUNK_SIZE`]: hyper adds to a stream while less than that, by default 400 KB, waits there
/// for the client's window. It holds one more frame ready, so that up to three chunks of a stream are alive without
/// [`OneChunk`](crate::OneChunk), and one with it.
///
/// The promise is per stream, and a connection may have many: `max_concurrent_streams`, 200 by default, bounds them.
/// What fits into the client's windows is sent, and the client then holds it. The client chooses the largest frame that
/// is sent to it, at least 16,384 bytes (RFC 9113, section 6.5.2), so that a chunk is one frame; `max_frame_size` is
/// about frames that are received.
///
/// # Examples
///
/// ```
/// use chunkwire::tune;
/// use hyper::server::conn::http2;
/// use hyper_util::rt::TokioExecutor;
///
/// let mut http = http2::Builder::new(TokioExecutor::new());
/// tune::http2(&mut http).max_concurrent_streams(20);
/// ```
#[cfg(feature = "http2")]
pub fn http2<E>(builder: &mut http2::Builder<E>) -> &mut http2::Builder<E> {
    builder.max_send_buf_size(CHUNK_SIZE)
}

/// Lets an accepted socket send a chunk at once and keep little of it.
///
/// It takes a reference to any socket: of std, tokio or another. With `axum::serve`, call it from
/// `ListenerExt::tap_io`.
///
/// - `TCP_NODELAY`: Nagle's algorithm (RFC 1122, section 4.2.3.4) would hold back the short end of each chunk until an
///   acknowledgement.
/// - `TCP_NOTSENT_LOWAT`, on Linux and Android, is [`CHUNK_SIZE`]: the kernel reports the socket as writable only while
///   less than this is unsent (tcp(7)), so that it holds about a chunk for a client that does not read, instead of
///   megabytes.
/// - `SO_SNDBUF` of a Unix socket, which has none of the options of TCP, is [`CHUNK_SIZE`], which Linux doubles
///   (socket(7)).
///
/// # Examples
///
/// ```
/// use chunkwire::tune;
/// use tokio::net::{TcpListener, TcpStream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// # let _client = TcpStream::connect(listener.local_addr()?).await?;
/// let (socket, _) = listener.accept().await?;
/// tune::socket(&socket)?;
/// assert!(socket.nodelay()?);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns an error if the system refuses a setting, mostly because the connection is gone already.
pub fn socket(socket: &impl AsSocket) -> io::Result<()> {
    let socket = SockRef::from(socket);
    if let Err(error) = socket.set_tcp_nodelay(true) {
        return if is_unix(&socket) { socket.set_send_buffer_size(CHUNK_SIZE) } else { Err(error) };
    }
    #[cfg(any(target_os = "android", target_os = "linux"))]
    socket.set_tcp_notsent_lowat(CHUNK_SIZE as u32)?;
    Ok(())
}

fn is_unix(socket: &SockRef<'_>) -> bool {
    socket.local_addr().is_ok_and(|address| address.is_unix())
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_socket_sends_at_once_and_keeps_little() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        socket(&stream).unwrap();
        let options = SockRef::from(&stream);
        assert!(options.tcp_nodelay().unwrap());
        #[cfg(any(target_os = "android", target_os = "linux"))]
        assert_eq!(options.tcp_notsent_lowat().unwrap(), CHUNK_SIZE as u32);
    }

    #[cfg(any(target_os = "android", target_os = "linux"))]
    #[test]
    fn a_unix_socket_keeps_little() {
        use std::io::Write;
        use std::os::unix::net::UnixStream;

        let (_client, mut server) = UnixStream::pair().unwrap();
        server.set_nonblocking(true).unwrap();
        socket(&server).unwrap();
        let mut kept = 0;
        while let Ok(written) = server.write(&[b'x'; CHUNK_SIZE]) {
            kept += written;
        }
        assert!((CHUNK_SIZE..=2 * CHUNK_SIZE).contains(&kept), "{kept}");
    }
}

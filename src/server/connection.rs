//! One connection: its socket options and its HTTP/1.1.

use std::convert::Infallible;
use std::io;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use socket2::SockRef;
use tokio::net::TcpStream;

use super::routes::Routes;
use crate::CHUNK_SIZE;

/// Sets what makes a socket send a chunk at once and keep little of it.
pub(super) fn prepare(socket: &TcpStream) -> io::Result<()> {
    // Nagle's algorithm (RFC 1122, section 4.2.3.4) would hold the short end of each chunk back for an ACK.
    socket.set_nodelay(true)?;
    // The kernel reports the socket as writable only while less than this is unsent (tcp(7)), so that it holds about a
    // chunk for a reader that does not read, and not megabytes.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    SockRef::from(socket).set_tcp_notsent_lowat(CHUNK_SIZE as u32)?;
    Ok(())
}

/// Answers requests until the connection ends or a shutdown finds it idle.
pub(super) async fn serve(socket: TcpStream, routes: Routes, shutdown: Watcher) -> hyper::Result<()> {
    let connection = http1::Builder::new()
        // A full chunk is written before the body is asked for another.
        .max_buf_size(CHUNK_SIZE)
        // That bounds a request's head too, but only by the room that is left of what came before it.
        .max_header_size(CHUNK_SIZE)
        // A client that has said all it has to say (`shutdown(SHUT_WR)`, as `nc -N` does) still gets its answer.
        .half_close(true)
        .timer(TokioTimer::new())
        .serve_connection(
            TokioIo::new(socket),
            service_fn(move |request| {
                let response = routes.answer(&request);
                async { Ok::<_, Infallible>(response) }
            }),
        );
    shutdown.watch(connection).await
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_prepared_socket_sends_at_once_and_keeps_little() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        prepare(&socket).unwrap();
        let options = SockRef::from(&socket);
        assert!(options.tcp_nodelay().unwrap());
        #[cfg(any(target_os = "android", target_os = "linux"))]
        assert_eq!(options.tcp_notsent_lowat().unwrap(), CHUNK_SIZE as u32);
    }
}

//! One connection, from the socket to what becomes of it.

use std::sync::Arc;

use chunkwire::tune;
use hyper::rt::{Read, Write};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::warn;

use super::context::{Context, LATE};
#[cfg(feature = "tls")]
use super::handshake;
use super::http_service::HttpService;
use super::preface::Preface;
use super::presence::Watched;
use super::proxy_header;
use super::socket::Socket;
use super::transport::Transport;
use super::{http1, http2};
use crate::listeners::AcceptedConnection;
use crate::observe::Observe;
use crate::peer::Peer;
use crate::phase::Phase;
use crate::state::connection::Connection;

/// Tells how a connection ended, however that comes.
struct TellEnd<'a, O: Observe> {
    observer: &'a O,
    connection: &'a Connection,
}

impl<O: Observe> Drop for TellEnd<'_, O> {
    fn drop(&mut self) {
        self.observer.connection_end(self.connection.how_it_ended());
    }
}

/// Responds to requests until the connection ends.
pub(crate) async fn serve<S, O>(
    accepted: AcceptedConnection,
    service: S,
    context: Arc<Context<O>>,
    phase: watch::Receiver<Phase>,
) where
    S: HttpService,
    O: Observe,
{
    let AcceptedConnection { socket, mut peer, wire, permit: _permit } = accepted;
    let mut socket = match TcpStream::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            warn!(%peer, %error, "a connection could not be served");
            context.observer.accept_error();
            return;
        }
    };
    let tuned = tune::socket(&socket);
    if let Err(error) = &tuned {
        context.untuned.call_once(|| warn!(%peer, %error, "a socket could not be tuned; the kernel holds more for it"));
    }
    // A Unix socket sends by itself.
    let may_hold = tuned.is_ok() && peer.tcp().is_some();
    if wire.proxies.contain(peer.address()) {
        // In a place of its own, which other connections have no need of.
        match Box::pin(proxy_header::read(&mut socket, &peer, &context, phase.clone())).await {
            Ok(Some(client)) => peer = Peer::new(client.into()),
            Ok(None) => {}
            Err(end) => return context.observer.connection_end(end),
        }
    }
    if *phase.borrow() == Phase::Drain {
        let _ = timeout(LATE, socket.readable()).await;
    }
    let (reading, watched) = socket.into_split();
    let watched = Watched::new(watched);
    let connection = Arc::new(Connection::new(peer, context.silence.clone(), context.enter()));
    #[cfg(feature = "tls")]
    if wire.tls.is_some() {
        connection.handshake();
    }
    let _tell_end = TellEnd { observer: &*context.observer, connection: &connection };
    let (socket, observer) = (Socket::new(reading, may_hold), Arc::clone(&context.observer));
    let transport = Transport::new(socket, context.rate.clone(), Arc::clone(&connection), observer);
    #[cfg(feature = "tls")]
    if let Some(tls) = wire.tls {
        let (context, connection) = (&context, &connection);
        // As above.
        return Box::pin(async move {
            if let Some(encrypted) = handshake::greet(transport, &tls, connection, context, phase.clone()).await {
                let begun = if encrypted.inner().is_http2() {
                    Preface::agreed(encrypted, connection)
                } else {
                    Preface::new(encrypted)
                };
                speak(begun, watched, service, context, connection, phase).await;
            }
        })
        .await;
    }
    speak(Preface::new(transport), watched, service, &context, &connection, phase).await;
}

/// Speaks HTTP/1.1, and HTTP/2 if the client does.
async fn speak<T, S, O>(
    transport: Preface<T>,
    watched: Watched,
    service: S,
    context: &Arc<Context<O>>,
    connection: &Arc<Connection>,
    mut phase: watch::Receiver<Phase>,
) where
    T: Read + Write + Unpin,
    S: HttpService,
    O: Observe,
{
    let http2 = http1::serve(transport, watched, service.clone(), Arc::clone(context), connection, &mut phase).await;
    if let Some(transport) = http2 {
        // Most connections have no need of its place.
        Box::pin(http2::serve(transport, service, Arc::clone(context), connection, &mut phase)).await;
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::convert::Infallible;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use bytes::Bytes;
    use chunkwire::{CHUNK_SIZE, Format, JsonBody};
    use chunkwire_test_support::records::texts;
    use http::Response;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Semaphore;
    use tower::service_fn;

    use super::*;
    use crate::address::Address;
    use crate::config::Config;
    use crate::handle::Handle;
    use crate::wire::Wire;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    /// How many bytes the future of a connection may have, of which each connection has one. Hyper's connection and the
    /// watch over its client are about half of it.
    const LARGEST: usize = 2400;

    /// Serves a client that has a Unix socket.
    async fn served(phases: watch::Receiver<Phase>) -> (UnixStream, impl Future<Output = ()> + Send) {
        let (client, server) = UnixStream::pair().unwrap();
        client.set_nonblocking(true).unwrap();
        server.set_nonblocking(true).unwrap();
        let socket = std::net::TcpStream::from(OwnedFd::from(server));
        let peer = Peer::new(Address::Unix(None));
        let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let handle = Handle::new(Vec::new(), Config::default());
        let context = Arc::new(Context::new(&Config::default(), (), handle, Response::new(Bytes::new()), None));
        let service = service_fn(|_| async {
            Ok::<_, Infallible>(Response::new(JsonBody::new(Format::Lines, texts(99, 100 * CHUNK_SIZE / 100))))
        });
        (client, serve(AcceptedConnection { socket, peer, wire: Wire::default(), permit }, service, context, phases))
    }

    #[tokio::test]
    async fn the_task_of_a_connection_is_small() {
        let (_phase, phases) = watch::channel(Phase::Serve);
        let (_client, task) = served(phases).await;
        assert!(size_of_val(&task) <= LARGEST, "{} bytes", size_of_val(&task));
    }

    /// A Unix socket has none of the options of TCP.
    #[tokio::test]
    async fn a_socket_that_has_none_of_the_options_is_served() {
        let (_phase, phases) = watch::channel(Phase::Serve);
        let (client, task) = served(phases).await;
        tokio::spawn(task);

        let mut client = tokio::net::UnixStream::from_std(client).unwrap();
        client.write_all(GET).await.unwrap();
        let mut response = Vec::new();
        client.read_to_end(&mut response).await.unwrap();
        assert!(response.ends_with(b"\r\n0\r\n\r\n") && response.len() > 100 * CHUNK_SIZE);
    }
}

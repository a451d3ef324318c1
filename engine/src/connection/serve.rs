//! One connection: its HTTP/1.1, and what becomes of it.

use std::error::Error as StdError;
use std::pin::pin;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use chunkwire::{LeastRate, tune};
use http::{Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tower_service::Service;
use tracing::{debug, warn};

use super::presence::{Patience, Watched};
use super::socket::Socket;
use super::transport::Transport;
use crate::config::Config;
use crate::exchange::report::Report;
use crate::exchange::respond::Respond;
use crate::handle::Handle;
use crate::listeners::Accepted;
use crate::observe::{ConnectionEnd, Observe};
use crate::peer::ConnectInfo;
use crate::phase::Phase;
use crate::state::connection::{Connection, Silence};

/// What all connections of an engine share.
#[derive(Debug)]
pub(crate) struct Context<O> {
    pub(crate) observer: Arc<O>,
    handle: Handle,
    failure: Arc<Response<Bytes>>,
    connect_info: Option<ConnectInfo>,
    silence: Silence,
    patience: Patience,
    rate: LeastRate,
    /// That sockets can't be tuned is said once.
    untuned: Once,
}

impl<O> Context<O> {
    pub(crate) fn new(
        config: &Config,
        observer: O,
        handle: Handle,
        failure: Response<Bytes>,
        connect_info: Option<ConnectInfo>,
    ) -> Self {
        Self {
            observer: Arc::new(observer),
            handle,
            failure: Arc::new(failure),
            connect_info,
            silence: Silence::of(config),
            patience: Patience::of(config),
            rate: config.least_rate(),
            untuned: Once::new(),
        }
    }
}

/// How long a connection that was accepted late has to begin its request. hyper closes one on which it has read nothing
/// when it is to drain.
const LATE: Duration = Duration::from_millis(100);

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

/// The status by which hyper responds to a head that it can't read, before a service sees it. A client that begins with
/// the preface of HTTP/2 gets no response.
fn refusal(error: &hyper::Error) -> Option<StatusCode> {
    if error.is_parse_too_large() {
        Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
    } else if error.is_parse() && !error.is_parse_version_h2() {
        Some(StatusCode::BAD_REQUEST)
    } else {
        None
    }
}

/// Responds to requests until the connection ends.
pub(crate) async fn serve<S, B, O>(
    accepted: Accepted,
    service: S,
    context: Arc<Context<O>>,
    mut phase: watch::Receiver<Phase>,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
    O: Observe,
{
    let Accepted { socket, peer, permit: _permit } = accepted;
    let socket = match TcpStream::from_std(socket) {
        Ok(socket) => socket,
        Err(error) => {
            warn!(%peer, %error, "a connection could not be served");
            context.observer.accept_error();
            return;
        }
    };
    if *phase.borrow() == Phase::Drain {
        let _ = timeout(LATE, socket.readable()).await;
    }
    let tuned = tune::socket(&socket);
    if let Err(error) = &tuned {
        context.untuned.call_once(|| warn!(%peer, %error, "a socket could not be tuned; the kernel holds more for it"));
    }
    // A Unix socket sends by itself.
    let may_hold = tuned.is_ok() && peer.tcp().is_some();
    let (reading, watched) = socket.into_split();
    let watched = Watched::new(watched);
    let connection = Arc::new(Connection::new(peer, context.silence.clone()));
    let _tell_end = TellEnd { observer: &*context.observer, connection: &connection };
    let (socket, observer) = (Socket::new(reading, may_hold), Arc::clone(&context.observer));
    let transport = Transport::new(socket, context.rate.clone(), Arc::clone(&connection), observer);
    let respond = {
        // It owns what it needs, so that a service need not be Sync.
        let (context, connection) = (Arc::clone(&context), Arc::clone(&connection));
        move |mut request: Request<Incoming>| {
            // Who finds it would agree to an upgrade that does not come.
            request.extensions_mut().remove::<OnUpgrade>();
            if let Some(info) = &context.connect_info {
                info.tell(connection.peer(), request.extensions_mut());
            }
            let report = Report::begin(&request, &context.observer, &connection);
            let (chunks, failure) = (Arc::clone(context.handle.chunks()), Arc::clone(&context.failure));
            // hyper keeps a place for it until the connection ends: one for a pointer, and not for all of it.
            Box::pin(Respond::new(service.clone(), request, report, chunks, failure))
        }
    };
    let mut http = pin!(
        tune::http1(&mut http1::Builder::new())
            // A client that has said all it has to say (`shutdown(SHUT_WR)`, as `nc -N` does) still gets its response.
            .half_close(true)
            // The transport keeps the time.
            .header_read_timeout(None)
            .serve_connection(transport, service_fn(respond))
    );
    let mut gone = pin!(watched.gone(&connection, context.patience));
    loop {
        tokio::select! {
            // What has come is read before the connection drains.
            biased;
            ended = http.as_mut() => {
                if let Err(error) = ended {
                    if let Some(status) = refusal(&error) {
                        context.observer.head_refused(status);
                    }
                    connection.end(ConnectionEnd::Broken);
                    debug!(peer = %connection.peer(), %error, end = ?connection.how_it_ended(), "the connection broke");
                }
                return;
            }
            end = gone.as_mut() => {
                connection.end(end);
                debug!(peer = %connection.peer(), ?end, "the connection was given up while the service was waited for");
                return;
            }
            Ok(()) = phase.changed() => match *phase.borrow_and_update() {
                Phase::Serve => {}
                Phase::Drain => {
                    connection.leave();
                    http.as_mut().graceful_shutdown();
                }
                Phase::Cut => {
                    connection.end(ConnectionEnd::ShutDown);
                    if connection.is_busy() {
                        context.handle.count_cut();
                    }
                    return;
                }
            },
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::convert::Infallible;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use chunkwire::{CHUNK_SIZE, Format, JsonBody};
    use chunkwire_test_support::records::texts;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Semaphore;
    use tower::service_fn;

    use super::*;
    use crate::address::Address;
    use crate::peer::Peer;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    /// A Unix socket has none of the options of TCP.
    #[tokio::test]
    async fn a_socket_that_has_none_of_the_options_is_served() {
        let (client, server) = UnixStream::pair().unwrap();
        client.set_nonblocking(true).unwrap();
        server.set_nonblocking(true).unwrap();
        let socket = std::net::TcpStream::from(OwnedFd::from(server));
        let peer = Peer::new(Address::Unix(None));
        let permit = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
        let handle = Handle::new(Vec::new());
        let context = Arc::new(Context::new(&Config::default(), (), handle, Response::new(Bytes::new()), None));
        let (_phase, phases) = watch::channel(Phase::Serve);
        let service = service_fn(|_| async {
            Ok::<_, Infallible>(Response::new(JsonBody::new(Format::Lines, texts(99, 100 * CHUNK_SIZE / 100))))
        });
        tokio::spawn(serve(Accepted { socket, peer, permit }, service, context, phases));

        let mut client = tokio::net::UnixStream::from_std(client).unwrap();
        client.write_all(GET).await.unwrap();
        let mut response = Vec::new();
        client.read_to_end(&mut response).await.unwrap();
        assert!(response.ends_with(b"\r\n0\r\n\r\n") && response.len() > 100 * CHUNK_SIZE);
    }
}

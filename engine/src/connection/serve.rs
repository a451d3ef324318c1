//! One connection: its HTTP/1.1, and what becomes of it.

use std::error::Error as StdError;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chunkwire::tune;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower_service::Service;
use tracing::debug;

use super::transport::Transport;
use crate::config::{Config, capped};
use crate::exchange::report::Report;
use crate::exchange::respond::Respond;
use crate::handle::Handle;
use crate::listener::Accepted;
use crate::observe::{ConnectionEnd, Observe};
use crate::phase::Phase;
use crate::state::connection::{Connection, Silence};

/// What all connections of an engine share.
#[derive(Debug)]
pub(crate) struct Context<O> {
    pub(crate) observer: Arc<O>,
    handle: Handle,
    failure: Arc<Response<Bytes>>,
    silence: Silence,
    stall_timeout: Duration,
}

impl<O> Context<O> {
    pub(crate) fn new(config: &Config, observer: O, handle: Handle, failure: Response<Bytes>) -> Self {
        let (silence, stall_timeout) = (Silence::of(config), capped(config.stall_timeout));
        Self { observer: Arc::new(observer), handle, failure: Arc::new(failure), silence, stall_timeout }
    }
}

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

/// Hands a socket to the runtime of this thread, and tunes it.
fn settle(socket: std::net::TcpStream) -> io::Result<TcpStream> {
    let socket = TcpStream::from_std(socket)?;
    tune::socket(&socket)?;
    Ok(socket)
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
    let socket = match settle(socket) {
        Ok(socket) => socket,
        Err(error) => {
            debug!(%peer, %error, "the connection was gone before it was served");
            return;
        }
    };
    let connection = Arc::new(Connection::new(context.silence));
    let _tell_end = TellEnd { observer: &*context.observer, connection: &connection };
    let observer = Arc::clone(&context.observer);
    let transport = Transport::new(socket, context.stall_timeout, Arc::clone(&connection), observer);
    let respond = {
        // It owns what it needs, so that a service need not be Sync.
        let (context, connection) = (Arc::clone(&context), Arc::clone(&connection));
        move |request: Request<Incoming>| {
            let report = Report::begin(&request, peer, &context.observer, &connection);
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
    loop {
        tokio::select! {
            ended = http.as_mut() => {
                if let Err(error) = ended {
                    connection.end(ConnectionEnd::Broken);
                    debug!(%peer, %error, end = ?connection.how_it_ended(), "the connection broke");
                }
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

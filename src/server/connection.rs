//! One connection: its HTTP/1.1, and what becomes of it.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use futures_core::Stream;
use http::{Request, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tracing::{debug, error};

use super::acceptor::Place;
use super::answer::{self, Exchange};
use super::guard;
use super::routes::Body;
use super::signals::{Ending, Signals};
use super::status::Status;
use super::transport::{Limits, Transport};
use crate::{Error, Record, tune};

/// What a server tells its connections to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Phase {
    /// Go on.
    Serve,
    /// End when nothing is under way.
    Drain,
    /// End.
    Cut,
}

/// Takes a socket from the runtime that accepted it to this one, and tunes it.
fn settle(socket: TcpStream) -> io::Result<TcpStream> {
    let socket = TcpStream::from_std(socket.into_std()?)?;
    tune::socket(&socket)?;
    Ok(socket)
}

/// Answers requests until the connection ends.
pub(super) async fn serve<F, A, S, E>(
    socket: TcpStream,
    peer: SocketAddr,
    _place: Place,
    service: F,
    limits: Limits,
    status: Arc<Status>,
    mut phase: watch::Receiver<Phase>,
) where
    F: Fn(Request<Incoming>) -> A,
    A: Future<Output = Result<http::Response<Body<S>>, E>> + 'static,
    S: Stream<Item: Record> + 'static,
    E: Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    let socket = match settle(socket) {
        Ok(socket) => socket,
        Err(error) => {
            debug!(%peer, %error, "the connection was gone before it was served");
            return;
        }
    };
    let signals = Arc::new(Signals::new());
    let _open = status.metrics.connection(Arc::clone(&signals));
    let transport = Transport::new(socket, limits, Arc::clone(&signals), Arc::clone(&status));
    let answer = |request: Request<Incoming>| {
        signals.request(request.version() == Version::HTTP_10);
        let exchange = Exchange::begin(&request, &signals, &status);
        let called = guard::call(|| service(request));
        // hyper keeps a place for it until the connection ends: one for a pointer, and not for all of it.
        Box::pin(async move { Ok::<_, Infallible>(answer::answer(called, peer, exchange).await) })
    };
    let mut connection = pin!(
        tune::http1(&mut http1::Builder::new())
            // A client that has said all it has to say (`shutdown(SHUT_WR)`, as `nc -N` does) still gets its answer.
            .half_close(true)
            // The transport keeps the time.
            .header_read_timeout(None)
            .serve_connection(transport, service_fn(answer))
    );
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    broken(peer, &error, &signals);
                }
                return;
            }
            Ok(()) = phase.changed() => match *phase.borrow_and_update() {
                Phase::Serve => {}
                Phase::Drain => {
                    signals.leave();
                    connection.as_mut().graceful_shutdown();
                }
                Phase::Cut => {
                    signals.end(Ending::ShutDown);
                    signals.fate.set(crate::Outcome::ShutDown);
                    if signals.is_responding() {
                        status.cut();
                    }
                    return;
                }
            },
        }
    }
}

/// Says why a connection broke.
fn broken(peer: SocketAddr, error: &hyper::Error, signals: &Signals) {
    let cause = error.source();
    match cause.and_then(|cause| cause.downcast_ref::<Error>()) {
        Some(failure) => {
            signals.end(Ending::Failed);
            // The panic hook has reported a panic.
            if !failure.is_panic() {
                let cause = failure.source().map(ToString::to_string).unwrap_or_default();
                error!(%peer, cause, "a response was cut: {failure}");
            }
        }
        None => {
            signals.end(Ending::Broken);
            let ending = signals.ending();
            debug!(%peer, %error, ?ending, "the connection broke");
        }
    }
}

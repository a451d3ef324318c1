//! An engine that serves, and what its observer is told.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::error::Error;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use bytes::Bytes;
use chunkwire::Outcome;
use chunkwire_engine::{Config, ConnectionEnd, Engine, Observe, Peer, ResponseEnd};
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use tokio::task::JoinHandle;
use tower_service::Service;

/// Tells a test what it is told.
struct Told {
    responses: Sender<(String, u16, u64, Outcome)>,
    connections: Sender<ConnectionEnd>,
}

impl Observe for Told {
    type Kept = String;

    fn request<B>(&self, request: &Request<B>, _: &Peer) -> String {
        request.uri().path().to_owned()
    }

    fn response_end(&self, path: String, end: &ResponseEnd) {
        // A test that has ended listens no more.
        let _ = self.responses.send((path, end.status.as_u16(), end.bytes, end.outcome));
    }

    fn connection_end(&self, end: ConnectionEnd) {
        let _ = self.connections.send(end);
    }
}

/// An engine, and the events that its observer is told.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) responses: Receiver<(String, u16, u64, Outcome)>,
    pub(crate) connections: Receiver<ConnectionEnd>,
}

/// An engine that listens.
pub(crate) fn engine(config: &Config) -> Engine {
    Engine::bind((Ipv4Addr::LOCALHOST, 0).into(), config).unwrap()
}

/// Serves until the test ends.
pub(crate) fn serve<S, B>(engine: Engine, service: S) -> Served
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    serve_until(engine, service, pending()).0
}

/// Serves until it is told to stop, and returns how many responses were cut.
pub(crate) fn serve_until<S, B>(
    engine: Engine,
    service: S,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> (Served, JoinHandle<usize>)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let address = engine.local_addr().unwrap();
    let ((response, responses), (connection, connections)) = (channel(), channel());
    let serving = engine.serve(service, Told { responses: response, connections: connection }, stopped);
    (Served { address, responses, connections }, tokio::spawn(serving))
}

/// The next event, which another thread tells of.
pub(crate) fn next<T>(told: &Receiver<T>) -> T {
    told.recv_timeout(Duration::from_secs(60)).expect("it is told")
}

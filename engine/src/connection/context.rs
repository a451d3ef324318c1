//! What the connections of an engine share.

use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use chunkwire::LeastRate;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use tower_service::Service;

use super::presence::Patience;
use crate::config::Config;
use crate::exchange::report::Report;
use crate::exchange::respond::Respond;
use crate::handle::Handle;
use crate::observe::{ConnectionEnd, Observe};
use crate::peer::ConnectInfo;
use crate::state::connection::Connection;
use crate::state::overview::Entry;
use crate::state::silence::Silence;
use crate::state::stream::StreamLimits;

/// How long a connection that was accepted late has to begin its request. hyper closes one on which it has read nothing
/// when it is to drain.
pub(super) const LATE: Duration = Duration::from_millis(100);

/// What connections of an engine share. Those that come after its settings have changed have another.
#[derive(Debug)]
pub(crate) struct Context<O> {
    pub(crate) observer: Arc<O>,
    handle: Handle,
    failure: Arc<Response<Bytes>>,
    connect_info: Option<Arc<ConnectInfo>>,
    pub(super) silence: Silence,
    pub(super) patience: Patience,
    pub(super) rate: LeastRate,
    /// How long the header of a proxy may take.
    pub(super) proxy_header: Duration,
    /// Whether clients may speak HTTP/2.
    pub(super) has_http2: bool,
    pub(super) streams: StreamLimits,
    /// That sockets can't be tuned is said once.
    pub(super) untuned: Arc<Once>,
    /// So is that a client spoke TLS where that is not spoken.
    pub(super) astray: Arc<Once>,
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
            failure: Arc::new(failure),
            connect_info: connect_info.map(Arc::new),
            silence: Silence::of(config),
            patience: Patience::of(config),
            rate: config.least_rate(),
            proxy_header: config.handshake_timeout,
            has_http2: config.http2,
            streams: StreamLimits::of(config, handle.open_streams(), handle.overview()),
            handle,
            untuned: Arc::new(Once::new()),
            astray: Arc::new(Once::new()),
        }
    }

    /// The same with the limits of another configuration, for connections to come.
    pub(crate) fn with(&self, config: &Config) -> Self {
        Self {
            observer: Arc::clone(&self.observer),
            handle: self.handle.clone(),
            failure: Arc::clone(&self.failure),
            connect_info: self.connect_info.clone(),
            silence: Silence::of(config),
            patience: Patience::of(config),
            rate: config.least_rate(),
            proxy_header: config.handshake_timeout,
            has_http2: config.http2,
            streams: StreamLimits::of(config, self.handle.open_streams(), self.handle.overview()),
            untuned: Arc::clone(&self.untuned),
            astray: Arc::clone(&self.astray),
        }
    }
}

impl<O: Observe> Context<O> {
    /// Adds a connection to those that are seen.
    pub(super) fn enter(&self) -> Entry {
        self.handle.overview().enter()
    }

    /// Prepares a request for a service.
    pub(super) fn prepare(&self, request: &mut Request<Incoming>, connection: &Connection) {
        // A service that finds it would agree to an upgrade that does not come.
        request.extensions_mut().remove::<OnUpgrade>();
        if let Some(info) = &self.connect_info {
            info.tell(connection.peer(), request.extensions_mut());
        }
    }

    /// Responds to a request by a service.
    pub(super) fn respond<S>(
        &self,
        service: S,
        request: Request<Incoming>,
        report: Report<O>,
    ) -> Respond<S, Incoming, O>
    where
        S: Service<Request<Incoming>>,
    {
        Respond::new(service, request, report, self.handle.clone(), Arc::clone(&self.failure))
    }

    /// Counts the responses of a connection that the end of a shutdown has cut.
    pub(super) fn count_cut(&self, connection: &Connection) {
        if connection.how_it_ended() == ConnectionEnd::ShutDown {
            self.handle.count_cut(connection.responses());
        }
    }
}

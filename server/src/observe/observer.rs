//! What the engine tells, for the metrics and the access log.

use std::sync::Arc;
use std::time::Duration;

use chunkwire_engine::{ConnectionEnd, Observe, Peer, ResponseEnd};
use http::{Request, StatusCode};

use super::access_log::{AccessLog, Line, head_refused};
use super::metrics::Metrics;

/// Passes on what the engine tells.
#[derive(Debug)]
pub(crate) struct Observer {
    metrics: Arc<Metrics>,
    access_log: AccessLog,
}

impl Observer {
    pub(crate) fn new(metrics: Arc<Metrics>, access_log: AccessLog) -> Self {
        Self { metrics, access_log }
    }
}

impl Observe for Observer {
    type Kept = Option<Line>;

    fn request<B>(&self, request: &Request<B>, peer: &Peer) -> Option<Line> {
        self.access_log.begin(request, peer)
    }

    fn first_byte(&self, elapsed: Duration) {
        self.metrics.first_byte(elapsed);
    }

    fn response_end(&self, line: Option<Line>, end: &ResponseEnd) {
        self.metrics.response(end);
        if let Some(line) = line {
            line.end(end);
        }
    }

    fn head_refused(&self, status: StatusCode, peer: &Peer) {
        self.metrics.status(status);
        head_refused(status, peer);
    }

    fn connection_end(&self, end: ConnectionEnd) {
        self.metrics.connection(end);
    }

    fn accept_error(&self) {
        self.metrics.accept_error();
    }
}

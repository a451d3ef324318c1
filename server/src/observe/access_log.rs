//! The access log: one line for each response, written when it has ended. A head that could not be read has no method,
//! no target and no version.
//!
//! Lines are events of the target [`TARGET`] at the level `info`. They cost nothing while no one wants them.

use std::net::IpAddr;

use chunkwire::{Format, Outcome};
use chunkwire_engine::{Address, Peer, ResponseEnd};
use http::{Method, Request, StatusCode, Uri, Version};
use tracing::{Level, enabled, info};

use super::forwarded::forwarded_for;
use super::record_count::RecordCount;
use crate::config::Config;
use crate::trusted_proxy::TrustedProxy;

/// The target of the events.
const TARGET: &str = "chunkwire::access";

/// Which proxies are believed, and what has no line.
#[derive(Debug)]
pub(crate) struct AccessLog {
    trusted: Vec<TrustedProxy>,
    skipped: Vec<String>,
}

/// The part of a line that is known from the start.
#[derive(Debug)]
pub(crate) struct Line {
    client: Address,
    forwarded_for: Option<IpAddr>,
    method: Method,
    uri: Uri,
    version: Version,
    /// Whether it is left out if the response succeeds.
    is_skipped: bool,
}

impl AccessLog {
    pub(crate) fn new(config: &Config) -> Self {
        Self { trusted: config.trusted_proxies.clone(), skipped: config.access_log_skip.clone() }
    }

    /// The start of a line, or `None` while no one wants it.
    pub(super) fn begin<B>(&self, request: &Request<B>, peer: &Peer) -> Option<Line> {
        enabled!(target: TARGET, Level::INFO).then(|| {
            let version = request.version();
            let uri = match (version, request.uri().path_and_query()) {
                // Where HTTP/1.1 has the path alone, HTTP/2 has scheme and authority beside it.
                (Version::HTTP_2, Some(path)) => path.clone().into(),
                _ => request.uri().clone(),
            };
            Line {
                client: peer.address().clone(),
                forwarded_for: forwarded_for(request.headers(), peer.address(), &self.trusted),
                method: request.method().clone(),
                is_skipped: self.skipped.iter().any(|path| path == request.uri().path()),
                uri,
                version,
            }
        })
    }
}

impl Line {
    pub(super) fn end(self, end: &ResponseEnd) {
        let Self { client, forwarded_for, method, uri, version, is_skipped } = self;
        let ResponseEnd { status, request_id, bytes, elapsed, outcome, cause, .. } = end;
        if is_skipped && status.is_success() && *outcome == Outcome::Complete {
            return;
        }
        let records = end.extensions.get::<RecordCount>();
        let format = format_name(records.map(|records| records.format));
        info!(
            target: TARGET,
            %client,
            forwarded_for = forwarded_for.map(display),
            request_id = request_id.as_ref().and_then(|id| id.to_str().ok()),
            %method,
            %uri,
            ?version,
            status = status.as_u16(),
            format,
            records = records.map_or(0, RecordCount::count),
            bytes,
            elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
            outcome = outcome_name(*outcome),
            cause,
        );
    }
}

/// The line of a response to a head that could not be read.
pub(super) fn head_refused(status: StatusCode, peer: &Peer) {
    info!(target: TARGET, client = %peer, status = status.as_u16(), outcome = "head_refused");
}

/// The name of a format in logs and metrics.
pub(crate) const fn format_name(format: Option<Format>) -> &'static str {
    match format {
        Some(Format::Array) => "array",
        Some(Format::Lines) => "lines",
        _ => "other",
    }
}

/// The name of an outcome in logs and metrics.
pub(crate) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::SourceFailed => "source_failed",
        Outcome::Stalled => "stalled",
        Outcome::ShutDown => "shut_down",
        _ => "client_gone",
    }
}

//! The access log: one line for each response, written when it has ended. A head that could not be read has no method,
//! no target and no version.
//!
//! Lines are events of the target [`TARGET`] at the level `info`. They cost nothing while no one wants them.

use chunkwire::{Format, Outcome};
use chunkwire_engine::ResponseEnd;
use http::{Method, Request, StatusCode, Uri, Version};
use tracing::{Level, enabled, info};

use super::records::Records;

/// The target of the events.
const TARGET: &str = "chunkwire::access";

/// The part of a line that is known from the start.
#[derive(Debug)]
pub(crate) struct Line {
    method: Method,
    target: Uri,
    version: Version,
}

impl Line {
    /// The start of a line, or `None` while no one wants it.
    pub(crate) fn begin<B>(request: &Request<B>) -> Option<Self> {
        enabled!(target: TARGET, Level::INFO).then(|| {
            let version = request.version();
            let target = match (version, request.uri().path_and_query()) {
                // Where HTTP/1.1 has the path alone, HTTP/2 has scheme and authority beside it.
                (Version::HTTP_2, Some(path)) => path.clone().into(),
                _ => request.uri().clone(),
            };
            Self { method: request.method().clone(), target, version }
        })
    }

    pub(crate) fn end(self, end: &ResponseEnd) {
        let Self { method, target, version } = self;
        let ResponseEnd { status, bytes, elapsed, outcome, .. } = end;
        let records = end.extensions.get::<Records>();
        let format = format_name(records.map(|records| records.format));
        let (records, outcome) = (records.map_or(0, Records::count), outcome_name(*outcome));
        let status = status.as_u16();
        info!(target: TARGET, %method, %target, ?version, status, format, records, bytes, ?elapsed, outcome);
    }
}

/// The line of a response to a head that could not be read.
pub(super) fn head_refused(status: StatusCode) {
    info!(target: TARGET, status = status.as_u16(), outcome = "head_refused");
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

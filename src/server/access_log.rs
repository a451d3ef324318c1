//! The access log: one line for each response, written when it has ended.
//!
//! Lines are events of the target [`TARGET`] at the level `info`. They cost nothing while nobody wants them.

use std::time::Duration;

use http::{Method, Request, StatusCode, Uri};
use tracing::{Level, enabled, info};

use crate::{Format, Outcome};

/// The target of the events.
pub(super) const TARGET: &str = "chunkwire::access";

/// The part of a line that is known from the start.
#[derive(Debug)]
pub(super) struct Line {
    method: Method,
    target: Uri,
}

/// The part of a line that is known in the end.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) status: StatusCode,
    pub(super) format: Option<Format>,
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) elapsed: Duration,
    pub(super) outcome: Outcome,
}

impl Line {
    /// The start of a line, or `None` while nobody wants it.
    pub(super) fn begin<B>(request: &Request<B>) -> Option<Self> {
        enabled!(target: TARGET, Level::INFO)
            .then(|| Self { method: request.method().clone(), target: request.uri().clone() })
    }

    pub(super) fn end(self, sent: &Sent) {
        let Self { method, target } = self;
        let Sent { status, format, records, bytes, elapsed, outcome } = sent;
        let (format, outcome) = (format_name(*format), outcome_name(*outcome));
        info!(target: TARGET, %method, %target, status = status.as_u16(), format, records, bytes, ?elapsed, outcome);
    }
}

/// The name of a format in logs and metrics.
pub(super) const fn format_name(format: Option<Format>) -> &'static str {
    match format {
        Some(Format::Array) => "array",
        Some(Format::Lines) => "lines",
        None => "other",
    }
}

/// The name of an outcome in logs and metrics.
pub(super) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::SourceFailed => "source_failed",
        Outcome::ClientGone => "client_gone",
        Outcome::Stalled => "stalled",
        Outcome::ShutDown => "shut_down",
    }
}

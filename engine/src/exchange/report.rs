//! What is told of an exchange when it has ended.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use chunkwire::Outcome;
use http::header::CONTENT_LENGTH;
use http::{Extensions, HeaderName, HeaderValue, Method, Request, StatusCode, Version, response};
use hyper::ext::ReasonPhrase;
use tracing::{debug, error};

use crate::observe::{ConnectionEnd, Observe, ResponseEnd};
use crate::peer::Peer;
use crate::state::connection::Connection;
use crate::state::stream::Stream;

/// The target of the events that tell how responses end.
const TARGET: &str = "chunkwire_engine::response";

/// By which a service may name a request, in its response.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Tells a connection, an observer and the log how an exchange ends. If there was no response, nothing is told.
#[derive(Debug)]
pub(crate) struct Report<O: Observe> {
    observer: Arc<O>,
    kept: O::Kept,
    connection: Arc<Connection>,
    /// Of HTTP/2, the stream.
    stream: Option<Arc<Stream>>,
    start: Instant,
    version: Version,
    is_head: bool,
    is_head_only: bool,
    status: StatusCode,
    request_id: Option<HeaderValue>,
    extensions: Extensions,
}

impl<O: Observe> Report<O> {
    /// Begins with the head of a request.
    pub(crate) fn begin<B>(
        request: &Request<B>,
        observer: &Arc<O>,
        connection: &Arc<Connection>,
        stream: Option<Arc<Stream>>,
    ) -> Self {
        let (start, version) = (Instant::now(), request.version());
        if stream.is_none() {
            connection.request(start, version == Version::HTTP_10);
        }
        Self {
            observer: Arc::clone(observer),
            kept: observer.request(request, connection.peer()),
            connection: Arc::clone(connection),
            stream,
            start,
            version,
            is_head: request.method() == Method::HEAD,
            is_head_only: request.method() == Method::HEAD,
            status: StatusCode::OK,
            request_id: None,
            extensions: Extensions::new(),
        }
    }

    /// The client of the exchange.
    pub(crate) fn peer(&self) -> &Peer {
        self.connection.peer()
    }

    /// Notes the head of the response, whose extensions are for the report alone.
    pub(crate) fn head(&mut self, head: &mut response::Parts) {
        self.status = head.status;
        self.request_id = head.headers.get(REQUEST_ID).cloned();
        if is_without_body(head.status) {
            self.is_head_only = true;
            // What is never sent has no length (RFC 9110, section 8.6). axum says 0, and hyper leaves that in responses to
            // HEAD and in HTTP/2.
            head.headers.remove(CONTENT_LENGTH);
        }
        self.extensions = std::mem::take(&mut head.extensions);
        if let Some(reason) = self.extensions.get::<ReasonPhrase>() {
            head.extensions.insert(reason.clone());
        }
        if let Some(stream) = &self.stream {
            stream.responded();
            self.observer.first_byte(self.start.elapsed());
        }
    }

    /// The stream, if the client speaks HTTP/2.
    pub(crate) fn stream(&self) -> Option<&Stream> {
        self.stream.as_deref()
    }

    /// Whether the engine cuts the response.
    pub(crate) fn is_cut(&self) -> bool {
        self.stream().map_or_else(|| self.connection.is_cut(), Stream::is_cut)
    }

    /// Whether the client speaks HTTP/1.0.
    pub(crate) fn is_http_10(&self) -> bool {
        self.version == Version::HTTP_10
    }

    /// Whether it is a request for a head.
    pub(crate) fn is_head(&self) -> bool {
        self.is_head
    }

    /// Whether nothing is sent but the head, whatever the body.
    pub(crate) fn is_head_only(&self) -> bool {
        self.is_head_only
    }

    /// The body was handed over to its end.
    pub(crate) fn complete(self, bytes: u64) {
        self.stream().map_or_else(|| self.connection.handed_over(), Stream::handed_over);
        self.end(Outcome::Complete, bytes, None);
    }

    /// The body failed.
    pub(crate) fn failed(self, bytes: u64, error: &(dyn StdError + 'static)) {
        if self.stream.is_none() {
            self.connection.end(ConnectionEnd::Failed);
        }
        self.end(Outcome::SourceFailed, bytes, Some(error));
    }

    /// The body was dropped or cut before its end.
    pub(crate) fn dropped(self, bytes: u64) {
        let stream = self.stream();
        let outcome = stream.map_or_else(|| self.connection.outcome_of_dropped(), Stream::outcome_of_dropped);
        self.end(outcome, bytes, (outcome == Outcome::SourceFailed).then_some(&Paused));
    }

    fn end(self, outcome: Outcome, bytes: u64, failure: Option<&(dyn StdError + 'static)>) {
        let Self { observer, kept, connection, status, request_id, extensions, start, version, .. } = self;
        let (elapsed, peer, code) = (start.elapsed(), connection.peer(), status.as_u16());
        let id = request_id.as_ref().and_then(|id| id.to_str().ok());
        match failure {
            None => debug!(
                target: TARGET, %peer, request_id = id, ?version, status = code, bytes, ?elapsed, ?outcome, "a response ended"
            ),
            Some(failure) => error!(
                target: TARGET, %peer, request_id = id, ?version, status = code, bytes, ?elapsed, ?outcome, cause = root(failure),
                "a response was cut: {failure}"
            ),
        }
        let cause = failure.map(innermost);
        observer.response_end(kept, &ResponseEnd { status, request_id, extensions, bytes, elapsed, outcome, cause });
    }
}

/// Why a body that never failed was given up all the same.
#[derive(Debug)]
struct Paused;

impl fmt::Display for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the service kept the client waiting for too long")
    }
}

impl StdError for Paused {}

/// What an error comes from in the end, or nothing if it names no cause.
pub(super) fn root(error: &(dyn StdError + 'static)) -> String {
    error.source().map(innermost).unwrap_or_default()
}

/// Whether responses of a status have no body (RFC 9110, sections 15.2, 15.3.5 and 15.4.5).
fn is_without_body(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// What an error comes from in the end: itself, if it names no cause.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |cause| (*cause).source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

//! What an engine tells of its connections and responses.

use std::time::Duration;

use chunkwire::Outcome;
use http::{Extensions, HeaderValue, Request, StatusCode};

use crate::peer::Peer;

/// Is told what happens on the connections of an engine.
///
/// Methods are called on the thread that serves the connection and should return at once. All but one have a default
/// that does nothing, and `()` is an observer to whom nothing matters.
///
/// # Examples
///
/// An access log:
///
/// ```
/// use chunkwire_engine::{Observe, Peer, ResponseEnd};
/// use http::Request;
///
/// struct AccessLog;
///
/// impl Observe for AccessLog {
///     type Kept = String;
///
///     fn request<B>(&self, request: &Request<B>, peer: &Peer) -> String {
///         format!("{peer} {} {}", request.method(), request.uri())
///     }
///
///     fn response_end(&self, request: String, end: &ResponseEnd) {
///         println!("{request}: {} and {} bytes, {:?} in {:?}", end.status, end.bytes, end.outcome, end.elapsed);
///     }
/// }
/// ```
pub trait Observe: Send + Sync + 'static {
    /// What is kept of a request until its response has ended.
    type Kept: Send + 'static;

    /// A request's head came from a peer. Returns what [`response_end`](Self::response_end) is given.
    fn request<B>(&self, request: &Request<B>, peer: &Peer) -> Self::Kept;

    /// The transport took the first byte of a response, so long after the request's head.
    /// Over HTTP/1.1, a `100 Continue` counts. Over HTTP/2, where one connection writes the frames of all streams, this
    /// is told when that connection is given the head of the response.
    fn first_byte(&self, elapsed: Duration) {
        let _ = elapsed;
    }

    /// A response ended. It is called once for each; a request whose client leaves before there is a response has none.
    fn response_end(&self, kept: Self::Kept, end: &ResponseEnd) {
        let _ = (kept, end);
    }

    /// A head could not be read as one of HTTP/1.1, or was too long, or came without TLS where that is spoken, and was
    /// refused by this status, without a body or with one line of text. It is the end of its connection, and there is
    /// neither a [`request`](Self::request) nor a [`response_end`](Self::response_end).
    fn head_refused(&self, status: StatusCode, peer: &Peer) {
        let _ = (status, peer);
    }

    /// A connection ended.
    fn connection_end(&self, end: ConnectionEnd) {
        let _ = end;
    }

    /// A connection could not be accepted.
    fn accept_error(&self) {}
}

impl Observe for () {
    type Kept = ();

    fn request<B>(&self, _: &Request<B>, _: &Peer) {}
}

/// How a response ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ResponseEnd {
    /// The status in its head.
    pub status: StatusCode,
    /// The `X-Request-Id` in its head, if it has one.
    pub request_id: Option<HeaderValue>,
    /// The extensions of the response, by which a handler can say more. hyper gets only its own `ReasonPhrase` of them.
    pub extensions: Extensions,
    /// How many bytes of its body were handed to the connection, without what a transfer coding adds.
    pub bytes: u64,
    /// The time since the request's head.
    pub elapsed: Duration,
    /// What the end was.
    pub outcome: Outcome,
    /// Why the service could not complete it, if that is the outcome: what its error comes from in the end.
    pub cause: Option<String>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionEnd {
    /// As HTTP has it.
    Closed,
    /// The client went away or broke the protocol.
    Broken,
    /// The handshake of TLS failed: the client spoke no TLS, or none that is allowed, or one of both does not trust the
    /// other.
    HandshakeFailed,
    /// The handshake of TLS, or the header of a proxy before it, took too long.
    HandshakeTimeout,
    /// A proxy began with something else than a header of the PROXY protocol: see
    /// [`Listener::proxy_protocol`](crate::Listener::proxy_protocol).
    ProxyHeaderFailed,
    /// A request's head took too long.
    HeadTimeout,
    /// A request's body came too slowly.
    BodyTimeout,
    /// No further request came.
    IdleTimeout,
    /// The client did not read, or too slowly.
    Stalled,
    /// The service kept the client waiting for too long.
    Paused,
    /// A response could not be completed.
    Failed,
    /// The engine shut down and could not wait.
    ShutDown,
}

impl ConnectionEnd {
    /// Every end that there is.
    pub const ALL: &[Self] = &[
        Self::Closed,
        Self::Broken,
        Self::HandshakeFailed,
        Self::HandshakeTimeout,
        Self::ProxyHeaderFailed,
        Self::HeadTimeout,
        Self::BodyTimeout,
        Self::IdleTimeout,
        Self::Stalled,
        Self::Paused,
        Self::Failed,
        Self::ShutDown,
    ];
}

//! All rules, in the order in which a request has to satisfy them.

use http::{HeaderMap, HeaderValue, Request, Response, header};

use super::{body, expect, host, method, target};
use crate::server::problem::Problem;

/// Checks that a request may be routed.
///
/// First what tells where a request goes and where it ends, since nothing behind a mistake in that can be trusted; then
/// what is only more than this server can do.
pub(in crate::server) fn check<B>(request: &Request<B>) -> Result<(), Problem> {
    host::check(request.version(), request.headers())?;
    target::check(request.method(), request.uri())?;
    body::check(request.method(), request.headers())?;
    method::check(request.method())?;
    expect::check(request.headers())
}

/// Ends the connection with the answer to a request that announced a body.
///
/// The body is not read. What comes behind the head is never taken for another request, even where an intermediary saw
/// the body end elsewhere (RFC 9112, sections 9.3 and 11.2).
pub(in crate::server) fn close_behind_a_body<B>(request: &HeaderMap, answer: &mut Response<B>) {
    if body::is_announced(request) {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

//! All rules, in the order in which a request has to satisfy them.

use http::Request;

use super::refusal::Refusal;
use super::{body, expect, host, method, target};

/// Checks that a request may be routed.
///
/// First what tells where a request goes and where it ends, since nothing after a mistake in that can be trusted; then
/// what is only more than this server can do.
pub(super) fn check<B>(request: &Request<B>, has_body: bool) -> Result<(), Refusal> {
    host::check(request.version(), request.uri(), request.headers())?;
    target::check(request.version(), request.method(), request.uri())?;
    body::check(request.method(), has_body)?;
    method::check(request.method())?;
    expect::check(request.headers())
}

//! The head of a response.

use http::header::{CONTENT_TYPE, VARY};
use http::{HeaderName, HeaderValue, Response};

use super::format::Format;

/// The header that asks nginx to pass on a response as it comes: `X-Accel-Buffering: no`.
///
/// A buffering proxy holds records back until a buffer is full. It reads a response faster than its client does, into
/// memory and then into a file. The header turns this off for one response; [`proxy_buffering off`][nginx] does so for
/// a whole location. Other proxies ignore the header; [`INCREMENTAL`] is for those.
///
/// It is a pair, so that a `HeaderMap` can be extended with it:
///
/// ```
/// use chunkwire::{Format, JsonBody, NO_PROXY_BUFFERING};
///
/// let mut response = JsonBody::new(Format::Lines, 1..=3).into_response();
/// response.headers_mut().extend([NO_PROXY_BUFFERING]);
/// assert_eq!(response.headers()["x-accel-buffering"], "no");
/// ```
///
/// [nginx]: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
pub const NO_PROXY_BUFFERING: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// The header that asks all proxies to pass on a response as it comes: `Incremental: ?1` (RFC 10036).
///
/// It is the standard's advice. Proxies that don't know it are asked in their own ways, nginx by [`NO_PROXY_BUFFERING`].
///
/// It is a pair, so that a `HeaderMap` can be extended with both:
///
/// ```
/// use chunkwire::{Format, INCREMENTAL, JsonBody, NO_PROXY_BUFFERING};
///
/// let mut response = JsonBody::new(Format::Lines, 1..=3).into_response();
/// response.headers_mut().extend([NO_PROXY_BUFFERING, INCREMENTAL]);
/// assert_eq!(response.headers()["incremental"], "?1");
/// ```
pub const INCREMENTAL: (HeaderName, HeaderValue) =
    (HeaderName::from_static("incremental"), HeaderValue::from_static("?1"));

/// The header of a response that depends on `Accept`: `Vary: accept` (RFC 9110, section 12.5.5).
///
/// Without it, a cache gives one client the format that another has asked for. It belongs on every response for which
/// `Accept` was looked at, a 406 included. The headers of what a request has accepted (feature `negotiation`) have it.
///
/// It is a pair, so that a `HeaderMap` can be extended with it:
///
/// ```
/// use chunkwire::{Format, JsonBody, VARY_ACCEPT};
///
/// let mut response = JsonBody::new(Format::Lines, 1..=3).into_response();
/// response.headers_mut().extend([VARY_ACCEPT]);
/// assert_eq!(response.headers()["vary"], "accept");
/// ```
pub const VARY_ACCEPT: (HeaderName, HeaderValue) = (VARY, HeaderValue::from_static("accept"));

/// Returns a response of `body` with the media type of `format`, the status 200 and no other header.
pub(crate) fn response<B>(format: Format, body: B) -> Response<B> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    response
}

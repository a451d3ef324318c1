//! The head that goes with a body.

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response};

use super::format::Format;

/// The header that asks nginx to pass a response on as it comes: `X-Accel-Buffering: no`.
///
/// A proxy that buffers holds records back until it has a buffer full, and takes a response off the server faster than
/// its client reads it, into memory and then into a file. The header turns that off for one response; what does so
/// for all of a location is [`proxy_buffering off`][nginx]. Other proxies ignore it.
///
/// It is a pair, so that headers can be extended by it:
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

/// A response of `body` with the media type of `format`, the status 200 and no other header.
pub(crate) fn response<B>(format: Format, body: B) -> Response<B> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    response
}

//! Bodies as responses: the head that goes with them.

use futures_core::Stream;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Response};

use crate::{End, Format, JsonBody, OnEnd, OneChunk, Record};

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

impl<S> JsonBody<S> {
    /// A response of this body under [`OneChunk`], with its `Content-Type`.
    ///
    /// axum takes it as it is from a handler. It has the status 200 and no other header.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{APPLICATION_JSON, Format, JsonBody};
    ///
    /// let response = JsonBody::new(Format::Array, 1..=3).into_response();
    /// assert_eq!(response.headers()["content-type"], APPLICATION_JSON);
    /// ```
    ///
    /// # Under compression
    ///
    /// Don't put this response under a layer that keeps a frame until it has the next, as tower-http's
    /// `CompressionLayer` does: one of more than a frame waits for ever there. Compress a plain [`JsonBody`] or
    /// [`OnEnd`], and put [`OneChunk`] around the compressor. The header is then set by hand, to [`APPLICATION_JSON`]
    /// or [`APPLICATION_X_NDJSON`]; the compressor leaves it as it is. `examples/axum.rs` is a program that does so.
    ///
    /// ```
    /// use axum::Router;
    /// use axum::body::Body;
    /// use axum::routing::get;
    /// use chunkwire::{APPLICATION_JSON, Format, JsonBody, OneChunk};
    /// use http::header::CONTENT_TYPE;
    /// use tower_http::compression::CompressionLayer;
    /// use tower_http::map_response_body::MapResponseBodyLayer;
    ///
    /// let squares = async || {
    ///     let body = JsonBody::new(Format::Array, (0..10_000_u64).map(|i| i * i));
    ///     ([(CONTENT_TYPE, APPLICATION_JSON)], Body::new(body))
    /// };
    /// let app: Router = Router::new()
    ///     .route("/squares", get(squares))
    ///     .layer(CompressionLayer::new())
    ///     .layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    /// ```
    ///
    /// [`APPLICATION_JSON`]: crate::APPLICATION_JSON
    /// [`APPLICATION_X_NDJSON`]: crate::APPLICATION_X_NDJSON
    pub fn into_response(self) -> Response<OneChunk<Self>> {
        response(self.produced().0, self)
    }
}

impl<S: Stream<Item: Record>, F: FnOnce(&End)> OnEnd<S, F> {
    /// A response of this body, as [`JsonBody::into_response`] makes it: not for a compressor either.
    pub fn into_response(self) -> Response<OneChunk<Self>> {
        response(self.format(), self)
    }
}

fn response<B>(format: Format, body: B) -> Response<OneChunk<B>> {
    let mut response = Response::new(OneChunk::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    response
}

//! Bodies as responses, one chunk at a time.

use futures_core::Stream;
use http::Response;

use super::end::End;
use super::on_end::OnEnd;
use super::one_chunk::OneChunk;
use crate::body::json_body::JsonBody;
use crate::body::record::Record;
use crate::body::response::response;

impl<S> JsonBody<S> {
    /// Returns a response of this body in a [`OneChunk`], with its `Content-Type`.
    ///
    /// An axum handler can return it as is. It has the status 200 and no other header.
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
    /// # Under layers that collect or compress
    ///
    /// Don't put this response under a layer that collects bodies, or keeps a frame until it has the next, as tower-http's
    /// `CompressionLayer` does: a body of more than one frame waits forever there. Put a plain [`JsonBody`] or [`OnEnd`]
    /// under it, and [`OneChunk`] around the outermost layer, with its [`timeout`](OneChunk::timeout) if the server has
    /// none. Set the header yourself then, to [`APPLICATION_JSON`] or
    /// [`APPLICATION_X_NDJSON`]; the compressor does not change it. `examples/axum.rs` does this.
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
        response(self.produced().0, OneChunk::new(self))
    }
}

impl<S: Stream<Item: Record>, F: FnOnce(&End<'_>)> OnEnd<S, F> {
    /// Returns a response of this body, as [`JsonBody::into_response`] does.
    ///
    /// Don't put it [under layers that collect or compress](JsonBody::into_response) either.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, JsonBody};
    ///
    /// let response = JsonBody::new(Format::Lines, 1..=3).on_end(|end| println!("{:?}", end.outcome)).into_response();
    /// assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    /// ```
    pub fn into_response(self) -> Response<OneChunk<Self>> {
        response(self.format(), OneChunk::new(self))
    }
}

//! Bodies as responses.

use http::Response;

use super::end::End;
use super::on_end::OnEnd;
use crate::body::json_body::JsonBody;
use crate::body::response::response;
use crate::body::source::Source;

impl<S> JsonBody<S> {
    /// Returns a response of this body, with its `Content-Type`.
    ///
    /// It has the status 200 and no other header. An axum handler can return it as is, under any layers; with the
    /// feature `axum`, it can return the body itself, to the same effect.
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
    /// # Where one chunk is kept
    ///
    /// The body has no more than a chunk, but what it has handed out is up to its caller. A layer may collect it, or
    /// keep a frame until it has the next; hyper by itself takes up to 16 frames ahead of a client, 256 KiB. One frame
    /// at a time is kept at the edge, around what leaves for the transport: `chunkwire-engine` does so for every
    /// response. Under another server, put [`OneChunk`](crate::OneChunk) around the outermost layer:
    ///
    /// ```
    /// use axum::Router;
    /// use axum::body::Body;
    /// use axum::routing::get;
    /// use chunkwire::{Format, JsonBody, OneChunk};
    /// use tower_http::compression::CompressionLayer;
    /// use tower_http::map_response_body::MapResponseBodyLayer;
    ///
    /// let squares = async || JsonBody::new(Format::Array, (0..10_000_u64).map(|i| i * i)).into_response();
    /// let app: Router = Router::new()
    ///     .route("/squares", get(squares))
    ///     .layer(CompressionLayer::new())
    ///     .layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    /// ```
    pub fn into_response(self) -> Response<Self> {
        response(self.produced().0, self)
    }
}

impl<S: Source, F: FnOnce(&End<'_>)> OnEnd<S, F> {
    /// Returns a response of this body, as [`JsonBody::into_response`] does.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, JsonBody};
    ///
    /// let response = JsonBody::new(Format::Lines, 1..=3).on_end(|end| println!("{:?}", end.outcome)).into_response();
    /// assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    /// ```
    pub fn into_response(self) -> Response<Self> {
        response(self.format(), self)
    }
}

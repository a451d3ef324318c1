//! The layers of which stacks are made.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use tower::buffer::BufferLayer;
use tower::limit::ConcurrencyLimitLayer;
use tower::load_shed::LoadShedLayer;
use tower::util::BoxCloneService;
use tower::{BoxError, Layer, Service, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::map_response_body::MapResponseBodyLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{ResponseBodyTimeoutLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;

/// A service between two layers.
pub(crate) type Boxed = BoxCloneService<Request<Body>, Response<Body>, BoxError>;

/// How long no layer has to wait in these tests.
const LONG: Duration = Duration::from_secs(3600);

/// What a layer of a stack is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Middleware {
    Compression,
    Timeout,
    BodyTimeout,
    Trace,
    Cors,
    RequestBodyLimit,
    /// Maps the body to one that says the same.
    Map,
    CatchPanic,
    SetHeader,
    /// tower's, which queues requests.
    Buffer,
    ConcurrencyLimit,
    LoadShed,
    /// Needs all of a body before it passes on any of it.
    Collect,
}

use Middleware::*;

pub(crate) const ALL: [Middleware; 13] = [
    Compression,
    Timeout,
    BodyTimeout,
    Trace,
    Cors,
    RequestBodyLimit,
    Map,
    CatchPanic,
    SetHeader,
    Buffer,
    ConcurrencyLimit,
    LoadShed,
    Collect,
];

/// Puts a layer around a service, and the types that both have back to what they were.
fn under<L, B>(layer: L, service: Boxed) -> Boxed
where
    L: Layer<Boxed>,
    L::Service:
        Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let layered = layer.layer(service);
    BoxCloneService::new(layered.map_response(|response| response.map(Body::new)).map_err(Into::into))
}

impl Middleware {
    /// Puts it around a service.
    pub(crate) fn around(self, inner: Boxed) -> Boxed {
        match self {
            Compression => under(CompressionLayer::new(), inner),
            Timeout => under(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, LONG), inner),
            BodyTimeout => under(ResponseBodyTimeoutLayer::new(LONG), inner),
            Trace => under(TraceLayer::new_for_http(), inner),
            Cors => under(CorsLayer::permissive(), inner),
            RequestBodyLimit => {
                let inner = inner.map_request(|request: Request<_>| request.map(Body::new));
                let limited = RequestBodyLimitLayer::new(1000).layer(inner);
                BoxCloneService::new(limited.map_response(|response: Response<_>| response.map(Body::new)))
            }
            Map => under(MapResponseBodyLayer::new(|body: Body| body.map_frame(|frame| frame)), inner),
            CatchPanic => {
                // It needs a service that does not fail.
                let answered = service_fn(move |request| {
                    let inner = inner.clone();
                    async move { Ok::<_, Infallible>(inner.oneshot(request).await.expect("no layer here fails")) }
                });
                let caught = CatchPanicLayer::new().layer(answered);
                let caught = caught.map_response(|response: Response<_>| response.map(Body::new));
                BoxCloneService::new(caught.map_err(|never: Infallible| match never {}))
            }
            SetHeader => {
                under(SetResponseHeaderLayer::overriding(header::SERVER, HeaderValue::from_static("stacked")), inner)
            }
            Buffer => under(BufferLayer::new(4), inner),
            ConcurrencyLimit => under(ConcurrencyLimitLayer::new(1), inner),
            LoadShed => under(LoadShedLayer::new(), inner),
            Collect => BoxCloneService::new(inner.and_then(|response: Response<Body>| async move {
                let (head, body) = response.into_parts();
                Ok(Response::from_parts(head, Body::from(body.collect().await?.to_bytes())))
            })),
        }
    }
}

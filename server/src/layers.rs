//! What stands between the engine and the routes, from the outside in: request ids, digests, compression, strict HTTP/1.1,
//! traces, CORS.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use chunkwire::ContentDigest;
use chunkwire_engine::strict::{Refusal, Strict, StrictLayer};
use http::{HeaderValue, header};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::trace::TraceLayer;
use tower_layer::{Layer, layer_fn};

use crate::compression::Compression;
use crate::config::Config;
use crate::link::{LINK_TEMPLATE, TOTAL_COUNT};
use crate::problem::Problem;
use crate::request_id::{RequestIds, X_REQUEST_ID};

type Refuse = fn(&Refusal) -> Response;

/// Routes in their layers. Those that are always there stand around the router and not on each of its routes, which
/// would cost every response some boxes more.
pub(crate) type Layered = RequestIds<Compression<Strict<Router, Refuse>>>;

/// Puts the layers around routes.
pub(crate) fn layered(config: &Config, mut router: Router) -> Layered {
    if !config.allow_origins.is_empty() {
        router = router.layer(cors(&config.allow_origins));
    }
    let mut compression = config.compression;
    if config.digest {
        // It is of what is sent, so the bytes are compressed before.
        let level = compression.take();
        router = router.layer(layer_fn(move |routes| Compression::new(routes, level))).layer(from_fn(digested));
    }
    // Traces are asked for at the start, by RUST_LOG; without it, no response pays for them.
    if tracing::enabled!(target: "tower_http::trace", tracing::Level::DEBUG) {
        router = router.layer(TraceLayer::new_for_http());
    }
    RequestIds::new(Compression::new(StrictLayer::new(refused as Refuse).layer(router), compression))
}

/// Lets pages of these origins read responses, and of their heads what clients go by.
fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let any = origins.iter().any(|origin| origin == "*");
    let allowed = if any { AllowOrigin::any() } else { AllowOrigin::list(origins.iter().cloned()) };
    let asked = [header::ACCEPT, header::IF_NONE_MATCH, X_REQUEST_ID];
    let told = [header::ETAG, header::LINK, LINK_TEMPLATE, TOTAL_COUNT, X_REQUEST_ID];
    CorsLayer::new().allow_origin(allowed).allow_headers(asked).expose_headers(told)
}

/// Lets the digest of a response follow it, around all that may change its bytes.
async fn digested(request: Request, next: Next) -> Response {
    let head = request.headers().clone();
    ContentDigest::respond(&head, next.run(request).await).map(Body::new)
}

fn refused(refusal: &Refusal) -> Response {
    Problem::refused(refusal).into_response()
}

//! What stands between the engine and the routes, from the outside in: panics, strict HTTP/1.1, traces, CORS.

use std::any::Any;

use axum::Router;
use axum::response::{IntoResponse, Response};
use chunkwire_engine::strict::{Refusal, Strict, StrictLayer};
use http::{HeaderValue, header};
use tower_http::catch_panic::{CatchPanic, CatchPanicLayer};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::trace::TraceLayer;
use tower_layer::Layer;

use crate::config::Config;
use crate::problem::Problem;

type Refuse = fn(&Refusal) -> Response;
type Panicked = fn(Box<dyn Any + Send>) -> Response;

/// Routes in their layers. Those that are always there stand around the router and not on each of its routes, which would
/// cost every response some boxes more.
pub(crate) type Layered = CatchPanic<Strict<Router, Refuse>, Panicked>;

/// Puts the layers around routes.
pub(crate) fn layered(config: &Config, mut router: Router) -> Layered {
    if !config.allow_origins.is_empty() {
        router = router.layer(cors(&config.allow_origins));
    }
    // Whoever wants traces says so at the start, by RUST_LOG; all others don't pay for them.
    if tracing::enabled!(target: "tower_http::trace", tracing::Level::DEBUG) {
        router = router.layer(TraceLayer::new_for_http());
    }
    let strict = StrictLayer::new(refused as Refuse).layer(router);
    CatchPanicLayer::custom(panicked as Panicked).layer(strict)
}

/// Lets pages of these origins read responses.
fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let any = origins.iter().any(|origin| origin == "*");
    let allowed = if any { AllowOrigin::any() } else { AllowOrigin::list(origins.iter().cloned()) };
    CorsLayer::new().allow_origin(allowed).allow_headers([header::ACCEPT])
}

fn refused(refusal: &Refusal) -> Response {
    Problem::refused(refusal).into_response()
}

/// The response of a handler that panicked, as the last of its connection. The panic hook has reported the panic.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ([(header::CONNECTION, HeaderValue::from_static("close"))], Problem::internal()).into_response()
}

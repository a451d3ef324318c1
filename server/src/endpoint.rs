//! A path and its methods.

use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::{Method, StatusCode, header};

use crate::problem::{ALLOW, Problem};

/// A path that has `GET`, `HEAD` and `OPTIONS`.
pub(crate) fn endpoint<H, T, S>(handler: H) -> MethodRouter<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let not_allowed = async |method: Method| Problem::method_not_allowed(&method);
    get(handler).options(allowed).fallback(not_allowed)
}

/// What may be asked for (RFC 9110, section 9.3.7).
pub(crate) async fn allowed() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, ALLOW)]).into_response()
}

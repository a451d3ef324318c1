//! Paths, their methods, and what is told of them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{Method, StatusCode, header};
use pin_project_lite::pin_project;

use crate::about::{About, Tell};
use crate::observe::route_path::RoutePath;
use crate::problem::{ALLOW, Problem};

/// Routes, each of which is told of.
pub(crate) struct Routes<S> {
    pub(crate) router: Router<S>,
    pub(crate) told: Vec<Tell>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), told: Vec::new() }
    }

    /// Adds the route that is told of, and what answers there.
    pub(crate) fn route<H, T>(mut self, tell: impl Fn() -> About + Send + Sync + 'static, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.router = endpoint(self.router, &tell().path, handler);
        self.told.push(Arc::new(tell));
        self
    }

    /// Adds the routes of another.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.told.extend(other.told);
        self
    }
}

/// Adds a path that has `GET`, `HEAD` and `OPTIONS`.
pub(crate) fn endpoint<H, T, S>(router: Router<S>, path: &str, handler: H) -> Router<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let route = RoutePath::new(path);
    let not_allowed = async |method: Method| Problem::method_not_allowed(&method);
    let methods = get(Routed { handler, route: route.clone() })
        .options(Routed { handler: allowed, route: route.clone() })
        .fallback(Routed { handler: not_allowed, route });
    router.route(path, methods)
}

/// What may be asked for (RFC 9110, section 9.3.7).
pub(crate) async fn allowed() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, ALLOW)]).into_response()
}

/// A handler whose responses have their route as an extension.
#[derive(Clone, Debug)]
struct Routed<H> {
    handler: H,
    route: RoutePath,
}

impl<H: Handler<T, S>, T, S> Handler<T, S> for Routed<H> {
    type Future = ResponseFuture<H::Future>;

    fn call(self, request: Request, state: S) -> Self::Future {
        ResponseFuture { response: self.handler.call(request, state), route: Some(self.route) }
    }
}

pin_project! {
    /// The response of [`Routed`].
    struct ResponseFuture<F> {
        #[pin]
        response: F,
        route: Option<RoutePath>,
    }
}

impl<F: Future<Output = Response>> Future for ResponseFuture<F> {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response> {
        let this = self.project();
        let mut response = ready!(this.response.poll(cx));
        if let Some(route) = this.route.take() {
            response.extensions_mut().insert(route);
        }
        Poll::Ready(response)
    }
}

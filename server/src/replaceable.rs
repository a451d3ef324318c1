//! The routes under the engine, which others may replace while it serves.

use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use axum::extract::Request;
use tower_service::Service;

use crate::layers::Layered;

/// Routes that may be replaced, for all clones at once. A request is answered by those of the moment when it came.
#[derive(Clone)]
pub(crate) struct Replaceable(Arc<RwLock<Layered>>);

impl Replaceable {
    pub(crate) fn new(routes: Layered) -> Self {
        Self(Arc::new(RwLock::new(routes)))
    }

    pub(crate) fn replace(&self, routes: Layered) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = routes;
    }

    /// The routes of this moment.
    fn now(&self) -> Layered {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<B> Service<Request<B>> for Replaceable
where
    Layered: Service<Request<B>>,
{
    type Response = <Layered as Service<Request<B>>>::Response;
    type Error = <Layered as Service<Request<B>>>::Error;
    type Future = <Layered as Service<Request<B>>>::Future;

    /// An axum router is always ready, and the layers around it are when it is.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.now().call(request)
    }
}

//! The rules as a tower layer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{HeaderValue, Request, Response, Version, header};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::refusal::Refusal;
use super::{body, rules};

/// Refuses requests that are not strict HTTP/1.1 before a service sees them.
///
/// A request has one valid `Host`, a valid target, no body if it is a `GET` or a `HEAD`, a method that is known and not
/// CONNECT, and expects nothing but `100-continue`. The response to one that breaks a rule about where it goes or where
/// it ends has `Connection: close`, and so has that to one with a body, which is never read: what comes after it is not
/// taken for a request (RFC 9112, sections 9.3 and 11.2).
///
/// # Examples
///
/// ```
/// use chunkwire_engine::strict::{Refusal, StrictLayer};
/// use http::Response;
///
/// fn refused(refusal: &Refusal) -> Response<String> {
///     let mut response = Response::new(refusal.detail().to_owned());
///     *response.status_mut() = refusal.status();
///     response
/// }
///
/// let layer = StrictLayer::new(refused);
/// # drop(layer);
/// ```
#[derive(Clone, Copy)]
pub struct StrictLayer<F> {
    refuse: F,
}

/// The service that [`StrictLayer`] makes.
#[derive(Clone, Copy)]
pub struct Strict<S, F> {
    service: S,
    refuse: F,
}

impl<F> StrictLayer<F> {
    /// Refuses requests by the response that `refuse` makes.
    pub fn new(refuse: F) -> Self {
        Self { refuse }
    }
}

impl<S, F: Clone> Layer<S> for StrictLayer<F> {
    type Service = Strict<S, F>;

    fn layer(&self, service: S) -> Strict<S, F> {
        Strict { service, refuse: self.refuse.clone() }
    }
}

impl<S, F, Q, B> Service<Request<Q>> for Strict<S, F>
where
    S: Service<Request<Q>, Response = Response<B>>,
    F: Fn(&Refusal) -> Response<B>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let has_body = body::is_announced(request.headers());
        // A body that nobody reads ends a connection of HTTP/1.1, and a stream of HTTP/2 without it.
        let has_connection = request.version() < Version::HTTP_2;
        let closes = has_connection && has_body;
        match rules::check(&request, has_body) {
            Ok(()) => {
                let future = Some(self.service.call(request));
                ResponseFuture { future, refused: None, closes }
            }
            Err(refusal) => {
                let mut response = (self.refuse)(&refusal);
                close(&mut response, closes || has_connection && refusal.closes());
                ResponseFuture { future: None, refused: Some(response), closes: false }
            }
        }
    }
}

pin_project! {
    /// The response of a [`Strict`] service.
    pub struct ResponseFuture<F, B> {
        // The service's, or none where the request was refused.
        #[pin]
        future: Option<F>,
        refused: Option<Response<B>>,
        // Whether the service's response is the last of its connection.
        closes: bool,
    }
}

impl<F: Future<Output = Result<Response<B>, E>>, B, E> Future for ResponseFuture<F, B> {
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(future) = this.future.as_pin_mut() else {
            return Poll::Ready(Ok(this.refused.take().expect("it is not polled after it was ready")));
        };
        let mut response = ready!(future.poll(cx))?;
        close(&mut response, *this.closes);
        Poll::Ready(Ok(response))
    }
}

/// Makes a response the last of its connection.
fn close<B>(response: &mut Response<B>, closes: bool) {
    if closes {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

impl<F> fmt::Debug for StrictLayer<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StrictLayer").finish_non_exhaustive()
    }
}

impl<S: fmt::Debug, F> fmt::Debug for Strict<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strict").field("service", &self.service).finish_non_exhaustive()
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

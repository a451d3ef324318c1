//! Responses in gzip, for clients that prefer that.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use chunkwire::{AcceptEncoding, Compressed};
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;

/// A service whose responses are compressed at a level, or sent as they are if there is none.
#[derive(Clone, Debug)]
pub(crate) struct Compression<S> {
    service: S,
    level: Option<u8>,
}

impl<S> Compression<S> {
    pub(crate) fn new(service: S, level: Option<u8>) -> Self {
        Self { service, level }
    }
}

impl<S, Q, B> Service<Request<Q>> for Compression<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: Body,
{
    type Response = Response<Compressed<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let wanted = self.level.map(|level| (AcceptEncoding::of(&request), level));
        ResponseFuture { response: self.service.call(request), wanted }
    }
}

pin_project! {
    /// The response of [`Compression`].
    pub(crate) struct ResponseFuture<F> {
        #[pin]
        response: F,
        wanted: Option<(AcceptEncoding, u8)>,
    }
}

impl<F: Future<Output = Result<Response<B>, E>>, B: Body, E> Future for ResponseFuture<F> {
    type Output = Result<Response<Compressed<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.response.poll(cx))?;
        Poll::Ready(Ok(match *this.wanted {
            Some((accepted, level)) => Compressed::response(accepted, response).map(|body| body.level(level)),
            None => response.map(Compressed::plain),
        }))
    }
}

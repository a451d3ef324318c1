//! A response: what the service says, or what is said instead if it fails.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Version, header, response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_service::Service;
use tracing::error;

use super::body::ResponseBody;
use super::late_error::LateError;
use super::report::{Report, root};
use crate::handle::Handle;
use crate::observe::Observe;

/// The last response of a connection says so (RFC 9112, section 9.6).
const CLOSE: HeaderValue = HeaderValue::from_static("close");

pin_project! {
    /// Calls a service, and puts the body of its response under one chunk and a report. It never fails.
    ///
    /// It is written by hand, since nested async blocks would copy requests and responses some times more.
    pub(crate) struct Respond<S: Service<Request<Q>>, Q, O: Observe> {
        service: S,
        request: Option<Request<Q>>,
        #[pin]
        future: Option<S::Future>,
        report: Option<Box<Report<O>>>,
        handle: Handle,
        failure: Arc<Response<Bytes>>,
    }
}

impl<S: Service<Request<Q>>, Q, O: Observe> Respond<S, Q, O> {
    pub(crate) fn new(
        service: S,
        request: Request<Q>,
        report: Report<O>,
        handle: Handle,
        failure: Arc<Response<Bytes>>,
    ) -> Self {
        Self { service, request: Some(request), future: None, report: Some(Box::new(report)), handle, failure }
    }

    /// Waits until the service is ready, calls it, and waits for what it says.
    fn poll_service(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<S::Response, S::Error>> {
        let mut this = self.project();
        if this.request.is_some() {
            ready!(this.service.poll_ready(cx))?;
        }
        if let Some(request) = this.request.take() {
            this.future.set(Some(this.service.call(request)));
        }
        this.future.as_pin_mut().expect("the service was called").poll(cx)
    }
}

impl<S, Q, B, O> Future for Respond<S, Q, O>
where
    S: Service<Request<Q>, Response = Response<B>, Error: Into<Box<dyn StdError + Send + Sync>>>,
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>,
    O: Observe,
{
    type Output = Result<Response<LateError<ResponseBody<B, O>>>, Infallible>;

    // As `ResponseBody::poll_frame`, it would only make hyper's loop longer.
    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // What panicked is not used again.
        let called = catch_unwind(AssertUnwindSafe(|| self.as_mut().poll_service(cx)));
        let called = called.map_or_else(|panic| Poll::Ready(Err(panic)), |called| called.map(Ok));
        let called = ready!(called);
        let this = self.project();
        let mut report = this.report.take().expect("it is not polled after it was ready");
        let response = match called {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let error = error.into();
                error!(peer = %report.peer(), cause = root(&*error), "a request was not responded to: {error}");
                return Poll::Ready(Ok(failed(this.failure, report)));
            }
            // The panic hook has reported it.
            Err(_panic) => return Poll::Ready(Ok(failed(this.failure, report))),
        };
        let (mut head, body) = response.into_parts();
        report.head(&mut head);
        let (is_http_10, is_head_only) = (report.is_http_10(), report.is_head_only());
        if report.stream().is_none() && this.handle.is_leaving() {
            head.headers.insert(header::CONNECTION, CLOSE);
        }
        // hyper sends what it is given there.
        if is_head_only && report.stream().is_some() {
            // Of a body that somebody has dropped already, nothing is known.
            if report.is_head()
                && let Some(length @ 1..) = body.size_hint().exact()
            {
                head.headers.entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
            }
            return Poll::Ready(Ok(Response::from_parts(head, LateError::new(ResponseBody::nothing(report)))));
        }
        let body = ResponseBody::new(body, &head.headers, report, Arc::clone(this.handle.chunks()));
        if is_http_10 {
            // It shows the end of a body whose length is not known by the end of the connection (RFC 9112, section
            // 6.3).
            if !is_head_only && !body.is_of_known_length() {
                head.headers.insert(header::CONNECTION, CLOSE);
            }
            keep_to_close(&mut head);
        }
        Poll::Ready(Ok(Response::from_parts(head, LateError::new(body))))
    }
}

/// The response of a service that could not make one, as the last of its connection.
fn failed<B, O>(failure: &Response<Bytes>, mut report: Box<Report<O>>) -> Response<LateError<ResponseBody<B, O>>>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>,
    O: Observe,
{
    let (mut head, text) = failure.clone().into_parts();
    if report.stream().is_none() {
        head.headers.insert(header::CONNECTION, CLOSE);
    }
    if report.is_http_10() {
        keep_to_close(&mut head);
    }
    report.head(&mut head);
    Response::from_parts(head, LateError::new(ResponseBody::failure(text, report)))
}

/// Lets a `Connection: close` to a client of HTTP/1.0 stand as it is.
///
/// If the client asked to keep the connection, hyper adds a `keep-alive` to a response that is not of HTTP/1.0 itself.
fn keep_to_close(head: &mut response::Parts) {
    if head.headers.get(header::CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close")) {
        head.version = Version::HTTP_10;
    }
}

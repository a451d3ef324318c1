//! A response: what the service says, or a 500 if it fails.

use std::error::Error as StdError;
use std::sync::Arc;

use bytes::Bytes;
use chunkwire::ChunkGauge;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body;
use tower_service::Service;
use tracing::error;

use super::body::ResponseBody;
use super::catch_panic;
use super::report::Report;
use crate::observe::Observe;

/// Calls a service, and puts the body of its response under one chunk and a report.
pub(crate) async fn respond<S, R, B, O>(
    mut service: S,
    request: Request<R>,
    mut report: Report<O>,
    chunks: Arc<ChunkGauge>,
) -> Response<ResponseBody<B, O>>
where
    S: Service<Request<R>, Response = Response<B>, Error: Into<Box<dyn StdError + Send + Sync>>>,
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>>,
    O: Observe,
{
    let called = catch_panic::future(async {
        std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
        service.call(request).await
    });
    let response = match called.await {
        Ok(Ok(response)) => Some(response),
        Ok(Err(error)) => {
            let error = error.into();
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            error!(peer = %report.peer(), cause, "a request was not responded to: {error}");
            None
        }
        // The panic hook has reported it.
        Err(_panic) => None,
    };
    let Some(response) = response else {
        let mut response = Response::new(ResponseBody::empty(report, StatusCode::INTERNAL_SERVER_ERROR));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    };
    let (mut head, body) = response.into_parts();
    report.head(&mut head);
    let body = ResponseBody::new(body, &head.headers, report, chunks);
    Response::from_parts(head, body)
}

//! Records as a response: an array or lines.

use axum::body::Body;
use axum::response::Response;
use chunkwire::{Format, JsonBody, Source};
use http::{HeaderMap, HeaderValue, header};

use crate::observe::record_count::RecordCount;
use crate::problem::Problem;

/// As many headers as most responses of records have.
const MOST: usize = 8;

/// Returns the format that the URL names or else `Accept` prefers, and the headers that say so.
pub(crate) fn format(named: Option<Format>, request: &HeaderMap) -> Result<(Format, HeaderMap), Problem> {
    let mut headers = HeaderMap::with_capacity(MOST);
    if let Some(format) = named {
        // The response does not depend on `Accept`, and a cache need not know of it.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
        return Ok((format, headers));
    }
    let accepted = Format::accepted(request, &[Format::Array, Format::Lines])?;
    headers.extend(accepted.headers());
    Ok((accepted.format(), headers))
}

/// Returns a response of records, which counts them.
pub(crate) fn response<S: Source + Send + 'static>(body: JsonBody<S>, format: Format, headers: HeaderMap) -> Response {
    let records = RecordCount::new(format);
    let mut response = Response::new(Body::new(body.on_end(records.hook())));
    *response.headers_mut() = headers;
    response.extensions_mut().insert(records);
    response
}

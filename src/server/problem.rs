//! Errors as problem documents (RFC 9457).

use http::{HeaderValue, Method, Response, StatusCode, header};

use super::routes::Body;
use crate::{Encode, Writer, object, to_vec};

/// Why a request can't be answered as it was meant: one problem document.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    detail: String,
    allow: Option<&'static str>,
    close: bool,
    parameter: Option<Parameter>,
}

/// What was wrong about one parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) given: String,
    pub(super) allowed: String,
}

impl Problem {
    fn new(status: StatusCode, detail: String) -> Self {
        Self { status, detail, allow: None, close: false, parameter: None }
    }

    /// The same, as the last that this connection says.
    pub(super) fn closing(self) -> Self {
        Self { close: true, ..self }
    }

    /// 400 for a request that is not HTTP as it should be. Who knows what would come behind it: the connection ends.
    pub(super) fn bad_request(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail).closing()
    }

    /// 400 for a parameter with a value that is not allowed.
    pub(super) fn parameter(parameter: Parameter) -> Self {
        let Parameter { name, given, allowed } = &parameter;
        let detail = format!("{name} was {given:?}; allowed is {allowed}");
        Self { parameter: Some(parameter), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 404 for a path that leads nowhere.
    pub(super) fn not_found(path: &str) -> Self {
        let detail =
            format!("nothing is at {path:?}; try /api/v1/users, /api/v1/users/{{id}}, /healthz, /readyz or /metrics");
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 405 for a method that a path does not have.
    pub(super) fn method_not_allowed(method: &Method, allow: &'static str) -> Self {
        let detail = format!("the method was {method}; allowed is {allow}");
        Self { allow: Some(allow), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, detail) }
    }

    /// 500 for a service that could not answer. The cause is for the log alone.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be produced".to_owned())
    }

    /// 406 for an `Accept` that none of our media types satisfies.
    pub(super) fn not_acceptable(offers: &[&str]) -> Self {
        let detail = format!("the Accept header admits none of the media types at hand: {}", offers.join(", "));
        Self::new(StatusCode::NOT_ACCEPTABLE, detail)
    }

    /// 414 for a request target of more bytes than are read.
    pub(super) fn uri_too_long(length: usize, longest: usize) -> Self {
        let detail = format!("the target has about {length} bytes; allowed are {longest}");
        Self::new(StatusCode::URI_TOO_LONG, detail)
    }

    /// 417 for an `Expect` that can't be met.
    pub(super) fn expectation_failed(expect: &HeaderValue) -> Self {
        Self::new(StatusCode::EXPECTATION_FAILED, format!("Expect was {expect:?}; allowed is 100-continue"))
    }

    /// 501 for a method that nobody knows; of a long one, the start.
    pub(super) fn not_implemented(method: &Method) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, format!("the method {:.40} is unknown", method.as_str()))
    }
}

impl Encode for Problem {
    fn encode(&self, out: &mut Writer<'_>) {
        let title = self.status.canonical_reason().unwrap_or_default();
        let status = self.status.as_u16();
        match &self.parameter {
            None => object!(out, { "type": "about:blank", "title": title, "status": status, "detail": self.detail }),
            Some(Parameter { name, given, allowed }) => object!(out, {
                "type": "about:blank",
                "title": title,
                "status": status,
                "detail": self.detail,
                "parameter": name,
                "given": given,
                "allowed": allowed,
            }),
        }
    }
}

impl<S> From<Problem> for Response<Body<S>> {
    fn from(problem: Problem) -> Self {
        let mut response = Response::new(Body::Right(to_vec(&problem).into()));
        *response.status_mut() = problem.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(allow) = problem.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if problem.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

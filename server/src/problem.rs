//! Errors as problem documents (RFC 9457).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chunkwire::{Encode, NotAcceptable, VARY_ACCEPT, Writer, object, to_vec};
use chunkwire_engine::strict::Refusal;
use http::{HeaderValue, Method, StatusCode, header};

/// The methods of every path, for the field `Allow` (RFC 9110, section 10.2.1).
pub(crate) const ALLOW: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// Why a request can't be answered as it was meant: one problem document.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    parameter: Option<Parameter>,
    /// After how many seconds it may be worth asking again (RFC 9110, section 10.2.3).
    retry_after: Option<u16>,
}

/// What was wrong about one parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) given: String,
    pub(crate) allowed: String,
}

impl Problem {
    /// The media type of all of them.
    pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

    /// Why what a database has is not known at the start.
    pub(crate) const NOT_REACHED: &str = "the database has not been reached yet";

    fn new(status: StatusCode, detail: String) -> Self {
        Self { status, detail, parameter: None, retry_after: None }
    }

    /// What the strict rules refuse.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self::new(refusal.status(), refusal.detail().to_owned())
    }

    /// 400 for a parameter with a value that is not allowed.
    pub(crate) fn parameter(parameter: Parameter) -> Self {
        let Parameter { name, given, allowed } = &parameter;
        let detail = format!("{name} was {given:?}; allowed is {allowed}");
        Self { parameter: Some(parameter), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 400 for a parameter that a path does not know.
    pub(crate) fn unknown_parameter(name: &str, given: &str, known: &[&str]) -> Self {
        let allowed = if known.is_empty() { "no parameter".to_owned() } else { known.join(", ") };
        let detail = format!("the parameter {name:?} is not known here; allowed is {allowed}");
        let parameter = Parameter { name: name.to_owned(), given: given.to_owned(), allowed };
        Self { parameter: Some(parameter), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 400 for a parameter that a path can't do without.
    #[cfg(feature = "postgres")]
    pub(crate) fn missing_parameter(name: &str, allowed: String) -> Self {
        let detail = format!("the parameter {name:?} is missing; allowed is {allowed}");
        let parameter = Parameter { name: name.to_owned(), given: String::new(), allowed };
        Self { parameter: Some(parameter), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 404 for a key that no row has.
    #[cfg(feature = "postgres")]
    pub(crate) fn no_row(key: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("no row has the key {key:?}"))
    }

    /// 503 for what may be there in a moment.
    pub(crate) fn unavailable(detail: &str) -> Self {
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail.to_owned()) }
    }

    /// 504 for a database that took too long.
    #[cfg(feature = "postgres")]
    pub(crate) fn too_slow() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "the database took too long".to_owned())
    }

    /// 404 for a path that leads nowhere, and what there is instead.
    pub(crate) fn not_found(path: &str, instead: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("nothing is at {path:?}; try {instead}"))
    }

    /// 405 for a method that a path does not have.
    pub(crate) fn method_not_allowed(method: &Method) -> Self {
        let detail = format!("the method was {method}; allowed is {}", ALLOW.to_str().unwrap_or_default());
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail)
    }

    /// 412 for a client that wants another response than there is (RFC 9110, section 13.1.1).
    pub(crate) fn other_than_wanted() -> Self {
        let detail = "no tag in If-Match is that of the response; weak tags never are".to_owned();
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    /// 500 for a handler that could not answer. The cause is for the log alone.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the response could not be produced".to_owned())
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

/// 406.
impl From<NotAcceptable> for Problem {
    fn from(error: NotAcceptable) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, error.to_string())
    }
}

impl From<Problem> for http::Response<Bytes> {
    fn from(problem: Problem) -> Self {
        const MEDIA_TYPE: HeaderValue = HeaderValue::from_static(Problem::MEDIA_TYPE);
        let mut response = Self::new(to_vec(&problem).into());
        *response.status_mut() = problem.status;
        response.headers_mut().insert(header::CONTENT_TYPE, MEDIA_TYPE);
        if let Some(seconds) = problem.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        match problem.status {
            StatusCode::METHOD_NOT_ALLOWED => response.headers_mut().extend([(header::ALLOW, ALLOW)]),
            StatusCode::NOT_ACCEPTABLE => response.headers_mut().extend([VARY_ACCEPT]),
            _ => {}
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        http::Response::from(self).map(Body::from)
    }
}

//! Why a request is refused.

use http::{HeaderValue, Method, StatusCode};

/// Why a request is refused: a status, and what was wrong in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    detail: String,
    closes: bool,
}

impl Refusal {
    /// Returns the status of the response: 400, 405, 414, 417 or 501.
    ///
    /// A 405 refuses the method CONNECT. Its response has to name the methods that are allowed (RFC 9110, section
    /// 15.5.6).
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns what was wrong, and what is allowed.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Whether the response is the last of its connection.
    pub(super) fn closes(&self) -> bool {
        self.closes
    }

    fn new(status: StatusCode, detail: String) -> Self {
        Self { status, detail, closes: false }
    }

    /// 400 for a request that is not HTTP as it should be. What comes after it can't be trusted: the connection ends.
    pub(super) fn bad_request(detail: String) -> Self {
        Self { closes: true, ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 405 for CONNECT, after which the client may have begun to speak through the tunnel: the connection ends.
    pub(super) fn method_not_allowed(method: &Method) -> Self {
        let detail = format!("the method was {method}; no tunnel begins here");
        Self { closes: true, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, detail) }
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

    /// 501 for a method that no one knows; of a long one, the start.
    pub(super) fn not_implemented(method: &Method) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, format!("the method {:.40} is unknown", method.as_str()))
    }
}

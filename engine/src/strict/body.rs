//! The body of a request, which nothing here wants.

use http::{HeaderMap, Method, header};

use super::refusal::Refusal;

/// Whether a head says that a body follows it (RFC 9112, section 6). A length of zero is none.
pub(super) fn is_announced(headers: &HeaderMap) -> bool {
    let is_length = |length: &http::HeaderValue| length.as_bytes().iter().any(|byte| *byte != b'0');
    headers.contains_key(header::TRANSFER_ENCODING) || headers.get_all(header::CONTENT_LENGTH).iter().any(is_length)
}

/// Checks that GET and HEAD come without a body, where it means nothing, is ignored by some, and so serves to smuggle
/// a request (RFC 9110, sections 9.3.1 and 9.3.2; RFC 9112, section 11.2).
pub(super) fn check(method: &Method, has_body: bool) -> Result<(), Refusal> {
    if (method == Method::GET || method == Method::HEAD) && has_body {
        let detail = format!("{method} came with a body, which means nothing (RFC 9110, section 9.3.1)");
        return Err(Refusal::bad_request(detail));
    }
    Ok(())
}

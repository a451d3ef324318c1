//! The request method: whether anyone knows it.

use http::Method;

use super::refusal::Refusal;

/// The methods of the IANA registry, sorted, but for `*` and `PRI`, which it reserves so that nobody may send them.
#[rustfmt::skip]
const KNOWN: [&str; 39] = [
    "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL",
    "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS",
    "ORDERPATCH", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PUT", "QUERY", "REBIND", "REPORT", "SEARCH", "TRACE",
    "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
];

/// Checks that a method is known (RFC 9110, section 9.1) and is not CONNECT; the routes decide about the others.
///
/// A CONNECT has no path that could be asked. Its client may have begun to speak through the tunnel by now, so nothing
/// that follows is read as a request (RFC 9931).
pub(super) fn check(method: &Method) -> Result<(), Refusal> {
    if method == Method::CONNECT {
        return Err(Refusal::method_not_allowed(method));
    }
    if KNOWN.binary_search(&method.as_str()).is_err() {
        return Err(Refusal::not_implemented(method));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_methods_are_sorted() {
        assert!(KNOWN.is_sorted());
    }
}

//! How the next response is asked for, as a template (RFC 9652): the key is not known before the last row.

use http::{HeaderName, HeaderValue};

use super::route_config::Route;

pub(super) const LINK_TEMPLATE: HeaderName = HeaderName::from_static("link-template");

/// Returns the template of what follows a response: the query of the request, with another `after`.
pub(super) fn next(route: &Route, query: &str) -> Option<HeaderValue> {
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("after="));
    // What a URI has to have encoded would begin an expression or end the text.
    let kept: Vec<_> = kept.filter(|pair| !pair.contains(['{', '}', '"', '\\'])).collect();
    let template = match kept.is_empty() {
        true => format!("{}{{?after}}", route.path),
        false => format!("{}?{}{{&after}}", route.path, kept.join("&")),
    };
    HeaderValue::try_from(format!("\"{template}\"; rel=\"next\"")).ok()
}

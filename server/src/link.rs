//! Links from a response to others of its path.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

/// How many records there are, of which a response may have some.
pub(crate) const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// A template of links (RFC 9652).
pub(crate) const LINK_TEMPLATE: HeaderName = HeaderName::from_static("link-template");

/// Returns the field `Link` (RFC 8288) of these targets, each with what it is to the response, if there are some.
pub(crate) fn links(targets: impl Iterator<Item = (&'static str, String)>) -> Option<HeaderValue> {
    let links: Vec<_> = targets.map(|(relation, target)| format!("<{target}>; rel=\"{relation}\"")).collect();
    if links.is_empty() { None } else { links.join(", ").try_into().ok() }
}

/// Returns the target of a path and the query of a request, with these parameters in place of those of their names.
pub(crate) fn target(path: &str, query: &str, parameters: &[(&str, String)]) -> String {
    let names: Vec<_> = parameters.iter().map(|(name, _)| *name).collect();
    let own = parameters.iter().map(|(name, value)| Cow::from(format!("{name}={value}")));
    let pairs: Vec<_> = others(query, &names).map(Cow::from).chain(own).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Returns the parameters of a query but for those of these names.
pub(crate) fn others<'a>(query: &'a str, names: &[&str]) -> impl Iterator<Item = &'a str> {
    let is_among = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        names.iter().any(|other| percent_decode_str(name).eq(other.bytes()))
    };
    query.split('&').filter(move |pair| !pair.is_empty() && !is_among(pair))
}

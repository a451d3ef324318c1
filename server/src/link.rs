//! Links from a response to others of its path.

use std::fmt::{Display, Write as _};

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

/// How many records there are, of which a response may have some.
pub(crate) const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// A template of links (RFC 9652).
pub(crate) const LINK_TEMPLATE: HeaderName = HeaderName::from_static("link-template");

/// Room for the links of a response, for all but the longest queries.
const ROOM: usize = 512;

/// Returns the field `Link` (RFC 8288) to others of a path, each with what it is to the response and with these parameters
/// in place of those of their names, if there are some.
pub(crate) fn links<const N: usize>(
    path: &str,
    query: &str,
    others: impl Iterator<Item = (&'static str, [(&'static str, u64); N])>,
) -> Option<HeaderValue> {
    let mut text = String::with_capacity(ROOM);
    for (relation, parameters) in others {
        text.push_str(if text.is_empty() { "<" } else { ", <" });
        push_target(&mut text, path, query, &parameters);
        for part in [">; rel=\"", relation, "\""] {
            text.push_str(part);
        }
    }
    if text.is_empty() { None } else { text.try_into().ok() }
}

/// Appends the target of a path and the query of a request, with these parameters in place of those of their names.
pub(crate) fn push_target(text: &mut String, path: &str, query: &str, parameters: &[(&str, impl Display)]) {
    text.push_str(path);
    let mut mark = '?';
    for pair in others(query, parameters.iter().map(|(name, _)| *name)) {
        text.push(mark);
        text.push_str(pair);
        mark = '&';
    }
    for (name, value) in parameters {
        let _ = write!(text, "{mark}{name}={value}");
        mark = '&';
    }
}

/// Returns the parameters of a query but for those of these names.
pub(crate) fn others<'a, 'n>(
    query: &'a str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> impl Iterator<Item = &'a str> {
    let is_among = move |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        names.clone().any(|other| percent_decode_str(name).eq(other.bytes()))
    };
    query.split('&').filter(move |pair| !pair.is_empty() && !is_among(pair))
}

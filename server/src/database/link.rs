//! How the next response is asked for: as a template in the head (RFC 9652), where the key of the last row is not known
//! yet, and by that key after the rows.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::route_config::RouteConfig;
use crate::link::{Target, others};

/// What a part of a key is encoded but for: what a URI never has encoded (RFC 3986, section 2.3).
const IN_KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the template of what follows a response: the query of the request, with another `after`.
pub(super) fn template(route: &RouteConfig, query: &str) -> Option<HeaderValue> {
    // What a URI has to have encoded would begin an expression or end the text.
    let kept: Vec<_> =
        others(query, ["after"].into_iter()).filter(|pair| !pair.contains(['{', '}', '"', '\\'])).collect();
    let template = match kept.is_empty() {
        true => format!("{}{{?after}}", route.path),
        false => format!("{}?{}{{&after}}", route.path, kept.join("&")),
    };
    HeaderValue::try_from(format!("\"{template}\"; rel=\"next\"")).ok()
}

/// Returns the target of what follows a response, whose rows go on after this key.
pub(super) fn next(path: &str, query: &str, key: &[String]) -> String {
    let parts: Vec<_> = key.iter().map(|part| utf8_percent_encode(part, IN_KEY).to_string()).collect();
    let after = (!parts.is_empty()).then(|| ("after", parts.join(",")));
    let mut target = String::new();
    Target::without(path, query, after.as_ref().map(|(name, _)| *name)).push(&mut target, after);
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_has_another_key() {
        let key = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        for (query, parts, expected) in [
            ("", &[][..], "/u"),
            ("", &["7"], "/u?after=7"),
            ("limit=2&after=5&since=a+b", &["7"], "/u?limit=2&since=a+b&after=7"),
            (
                "%61fter=5&&x=%7E",
                &["2020-01-01T00:00:00+00:00", "o,1 &\"{é"],
                "/u?x=%7E&after=2020-01-01T00%3A00%3A00%2B00%3A00,o%2C1%20%26%22%7B%C3%A9",
            ),
        ] {
            assert_eq!(next("/u", query, &key(parts)), expected);
        }
    }
}

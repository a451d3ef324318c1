//! Which media type a request accepts (RFC 9110, section 12.5.1).

use std::sync::LazyLock;

use chunkwire::Format;
use headers_accept::Accept;
use http::{HeaderMap, header};
use mediatype::MediaType;

use crate::problem::Problem;

/// The media types of users, the one that we prefer first.
const OFFERS: [(&str, Format); 4] = [
    ("application/json", Format::Array),
    ("application/x-ndjson", Format::Lines),
    ("application/ndjson", Format::Lines),
    ("application/jsonl", Format::Lines),
];

static MEDIA_TYPES: LazyLock<[MediaType<'_>; 4]> =
    LazyLock::new(|| OFFERS.map(|(text, _)| MediaType::parse(text).expect("our media types are well-formed")));

/// The media type that the `Accept` headers choose among those of users, and its format.
pub(crate) fn users(headers: &HeaderMap) -> Result<(&'static str, Format), Problem> {
    choose(headers, OFFERS.len())
}

/// Whether the `Accept` headers admit one user, which is always `application/json`.
pub(crate) fn user(headers: &HeaderMap) -> Result<&'static str, Problem> {
    choose(headers, 1).map(|(media_type, _)| media_type)
}

/// Chooses among the first `offers`. Without the header, or with one that can't be read as such, as some old clients
/// send, the first will do.
fn choose(headers: &HeaderMap, offers: usize) -> Result<(&'static str, Format), Problem> {
    let values: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let Ok(accept) = values.join(",").parse::<Accept>() else { return Ok(OFFERS[0]) };
    if accept.media_types().next().is_none() {
        return Ok(OFFERS[0]);
    }
    let chosen = accept.negotiate(&MEDIA_TYPES[..offers]);
    let index = chosen.and_then(|chosen| MEDIA_TYPES.iter().position(|offer| offer == chosen));
    index.map(|index| OFFERS[index]).ok_or_else(|| Problem::not_acceptable(&OFFERS.map(|(text, _)| text)[..offers]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &[&str]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, value.parse().unwrap());
        }
        users(&headers).ok().map(|(media_type, _)| media_type)
    }

    #[test]
    fn the_best_of_what_is_accepted() {
        for (accept, expected) in [
            (&[][..], Some("application/json")),
            (&[""], Some("application/json")),
            (&["*/*"], Some("application/json")),
            (&["application/*"], Some("application/json")),
            (&["APPLICATION/JSON"], Some("application/json")),
            (&["application/x-ndjson"], Some("application/x-ndjson")),
            (&["application/ndjson"], Some("application/ndjson")),
            (&["application/jsonl"], Some("application/jsonl")),
            (&["application/x-ndjson, */*"], Some("application/x-ndjson")),
            (&["application/json;q=0.5, application/jsonl;q=0.6"], Some("application/jsonl")),
            (&["application/json;q=0.5", "application/jsonl;q=0.6"], Some("application/jsonl")),
            (&["application/json;q=0, application/*"], Some("application/x-ndjson")),
            (&["text/html, */*;q=0.1"], Some("application/json")),
            (&["text/html, *; q=.2, */*; q=.2"], Some("application/json")),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["*/*;q=0"], None),
        ] {
            assert_eq!(chosen(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn one_user_is_never_lines() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, "application/x-ndjson".parse().unwrap());
        assert!(user(&headers).is_err());
    }
}

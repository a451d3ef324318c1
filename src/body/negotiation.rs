//! Which format a request accepts (RFC 9110, sections 12.4.2 and 12.5.1).

use std::cmp::Reverse;
use std::error::Error;
use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use mediatype::{MediaType, MediaTypeList, ReadParams, names};

use super::format::Format;
use super::response::VARY_ACCEPT;

/// A format that a request accepts, under the name by which its client knows it. [`Format::accepted`] chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    format: Format,
    content_type: &'static str,
}

/// The error of a request that accepts none of the formats that were offered. It names their media types.
///
/// The response to it is a 406, with [`VARY_ACCEPT`].
///
/// # Examples
///
/// ```
/// use chunkwire::Format;
/// use http::{HeaderMap, HeaderValue, header::ACCEPT};
///
/// let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("text/html"))]);
/// let error = Format::accepted(&headers, &[Format::Array]).unwrap_err();
/// assert_eq!(error.to_string(), "the Accept header admits none of the media types at hand: application/json");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAcceptable {
    offers: Vec<&'static str>,
}

impl Format {
    /// Returns which of the formats that a handler offers, its preferred one first, a request prefers by `Accept`.
    ///
    /// A format goes by each of [its media types](Self::media_types), and the one that was asked for is echoed. Weights
    /// count, the more specific range has precedence, and the client's order decides between equals.
    ///
    /// - A parameter that our media types don't have excludes nothing: `application/json; charset=utf-8` is JSON.
    /// - Without the header, the first offer is accepted. So it is if nothing else was, and a part of the header could
    ///   not be read, such as the `*` of some old clients: nobody is refused by what was not understood.
    ///
    /// # Errors
    ///
    /// If the header admits none of the offers.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, JsonBody};
    /// use http::header::{ACCEPT, CONTENT_TYPE, VARY};
    /// use http::{HeaderMap, HeaderValue};
    ///
    /// # fn main() -> Result<(), chunkwire::NotAcceptable> {
    /// let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/jsonl, */*;q=0.1"))]);
    /// let accepted = Format::accepted(&headers, &[Format::Array, Format::Lines])?;
    ///
    /// let mut response = JsonBody::new(accepted.format(), 1..=3).into_response();
    /// for (name, value) in accepted.headers() {
    ///     response.headers_mut().insert(name, value);
    /// }
    /// assert_eq!(response.headers()[CONTENT_TYPE], "application/jsonl");
    /// assert_eq!(response.headers()[VARY], "accept");
    /// # Ok(())
    /// # }
    /// ```
    pub fn accepted(headers: &HeaderMap, offers: &[Self]) -> Result<Accepted, NotAcceptable> {
        let (ranges, all_readable) = ranges(headers);
        let offers = offers.iter().flat_map(|&format| {
            format.media_types().iter().map(move |&content_type| Accepted { format, content_type })
        });
        let weighed = offers.clone().rev().filter_map(|offer| Some((weigh(&ranges, offer.content_type)?, offer)));
        let best = weighed.max_by_key(|(weight, _)| *weight).map(|(_, offer)| offer);
        let unrefused = || offers.clone().next().filter(|_| ranges.is_empty() || !all_readable);
        let refused = || NotAcceptable { offers: offers.clone().map(|offer| offer.content_type).collect() };
        best.or_else(unrefused).ok_or_else(refused)
    }
}

impl Accepted {
    /// Returns the format.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::Format;
    /// use http::HeaderMap;
    ///
    /// let accepted = Format::accepted(&HeaderMap::new(), &[Format::Array, Format::Lines]).unwrap();
    /// assert_eq!(accepted.format(), Format::Array);
    /// ```
    pub const fn format(self) -> Format {
        self.format
    }

    /// Returns what the head of the response says of the choice: `Content-Type`, and `Vary`, without which a cache
    /// gives one client the format of another.
    ///
    /// An axum handler puts it before a body: `(accepted.headers(), body.into_response())`.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{Format, VARY_ACCEPT};
    /// use http::HeaderMap;
    ///
    /// let accepted = Format::accepted(&HeaderMap::new(), &[Format::Lines]).unwrap();
    /// let [content_type, vary] = accepted.headers();
    /// assert_eq!(content_type.1, "application/x-ndjson");
    /// assert_eq!(vary, VARY_ACCEPT);
    /// ```
    pub const fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        [(CONTENT_TYPE, HeaderValue::from_static(self.content_type)), VARY_ACCEPT]
    }
}

impl fmt::Display for NotAcceptable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the Accept header admits none of the media types at hand: {}", self.offers.join(", "))
    }
}

impl Error for NotAcceptable {}

/// Returns the media ranges of all lines of `Accept` that can be read, and whether that is all there is.
fn ranges(headers: &HeaderMap) -> (Vec<MediaType<'_>>, bool) {
    let mut ranges = Vec::new();
    let mut all_readable = true;
    for line in headers.get_all(ACCEPT) {
        let elements = line.to_str().map(MediaTypeList::new);
        all_readable &= elements.is_ok();
        for element in elements.into_iter().flatten() {
            all_readable &= element.is_ok();
            ranges.extend(element);
        }
    }
    (ranges, all_readable)
}

/// How much a media type is wanted: by weight, then by how closely it was named, then by where in the header.
type Wanted = (u16, Closeness, Reverse<usize>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Anything,
    Type,
    /// The media type, with parameters that we don't know.
    Parameters,
    Exact,
}

/// Returns how much a media type is wanted by the range that has precedence for it, or `None` if it is not acceptable.
fn weigh(ranges: &[MediaType<'_>], media_type: &str) -> Option<Wanted> {
    let applying = ranges.iter().enumerate().filter_map(|(place, range)| {
        let (closeness, weight) = (closeness(range, media_type)?, weight(range));
        // What is not accepted with a parameter may be so without it.
        (closeness != Closeness::Parameters || weight > 0).then_some((closeness, weight, Reverse(place)))
    });
    applying.max().map(|(closeness, weight, place)| (weight, closeness, place)).filter(|wanted| wanted.0 > 0)
}

/// Returns how closely a range names a media type, or `None` if it does not apply to it.
fn closeness(range: &MediaType<'_>, media_type: &str) -> Option<Closeness> {
    let (ty, subty) = media_type.split_once('/')?;
    if range.ty == names::_STAR && range.subty == names::_STAR {
        Some(Closeness::Anything)
    } else if range.ty != ty {
        None
    } else if range.subty == names::_STAR {
        Some(Closeness::Type)
    } else if range.subty != subty || range.suffix.is_some() {
        None
    // JSON has no charset, and a client that names one means no other media type (RFC 8259, section 11).
    } else if range.params().all(|(name, _)| name == names::Q || name == names::CHARSET) {
        Some(Closeness::Exact)
    } else {
        Some(Closeness::Parameters)
    }
}

/// Returns the weight of a range in thousandths. One that can't be read is that of a range without one.
fn weight(range: &MediaType<'_>) -> u16 {
    let given = range.get_param(names::Q).and_then(|weight| weight.as_str().parse::<f32>().ok());
    let weight = given.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(1.0);
    (weight * 1000.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[Format] = &[Format::Array, Format::Lines];

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        lines.iter().map(|line| (ACCEPT, HeaderValue::from_bytes(line).unwrap())).collect()
    }

    fn chosen(accept: &str, offers: &[Format]) -> Option<&'static str> {
        let lines: Vec<&[u8]> = accept.split('\n').map(str::as_bytes).collect();
        Format::accepted(&headers(&lines), offers).ok().map(|accepted| accepted.content_type)
    }

    fn check(rows: &[(&str, Option<&str>)]) {
        for (accept, expected) in rows {
            assert_eq!(chosen(accept, BOTH), *expected, "{accept}");
        }
    }

    #[test]
    fn the_best_of_what_is_accepted() {
        const ARRAY: Option<&str> = Some("application/json");
        const LINES: Option<&str> = Some("application/x-ndjson");
        const JSONL: Option<&str> = Some("application/jsonl");
        check(&[
            // Ranges, from the widest to the closest.
            ("*/*", ARRAY),
            ("application/*", ARRAY),
            ("APPLICATION/JSON", ARRAY),
            ("application/x-ndjson", LINES),
            ("application/ndjson", Some("application/ndjson")),
            ("application/jsonl", JSONL),
            ("text/html", None),
            ("text/*", None),
            ("application/problem+json", None),
            ("application/json+zip", None),
            ("application/vnd.api+json, application/xml", None),
            // Weights.
            ("application/json;q=0.5, application/jsonl;q=0.6", JSONL),
            ("application/json;q=0.5\napplication/jsonl;q=0.6", JSONL),
            ("application/json;q=0.500 , application/jsonl; Q=0.501", JSONL),
            ("application/json;q=0.001", ARRAY),
            ("application/json;q=0", None),
            ("application/json;q=0.000", None),
            ("*/*;q=0", None),
            ("text/html, */*;q=0.1", ARRAY),
            ("application/json;q=0, */*", LINES),
            ("application/*;q=0, */*", None),
            ("application/*;q=0.2, application/x-ndjson;q=0.1, */*;q=1", ARRAY),
            ("*/*, application/json;q=0.1, application/ndjson;q=0.1", LINES),
            // Equals: what is named more closely, then what is named first.
            ("application/x-ndjson, */*", LINES),
            ("*/*, application/x-ndjson", LINES),
            ("application/jsonl, application/x-ndjson, application/json", JSONL),
            ("application/json, application/jsonl", ARRAY),
            ("application/json;q=0.1, application/json, application/jsonl;q=0.5", ARRAY),
        ]);
    }

    #[test]
    fn parameters_that_we_do_not_have_exclude_nothing() {
        check(&[
            ("application/json; charset=utf-8", Some("application/json")),
            ("application/json;charset=\"utf-8\"", Some("application/json")),
            ("application/json;profile=\"a, b;q=0\";version=2", Some("application/json")),
            ("application/x-ndjson; charset=utf-8; q=0.5, */*;q=0.1", Some("application/x-ndjson")),
            ("application/x-ndjson; q=0.5; charset=utf-8, application/json; q=0.4", Some("application/x-ndjson")),
            ("application/*; charset=utf-8", Some("application/json")),
            ("*/*; version=1", Some("application/json")),
            ("application/json; charset=utf-8; q=0, application/jsonl", Some("application/jsonl")),
            ("application/json; charset=utf-8; q=0", None),
            // The media type without them has precedence.
            (
                "application/json; version=2; q=0.1, application/json; q=0.9, application/jsonl; q=0.5",
                Some("application/json"),
            ),
            (
                "application/json; version=2, application/json; q=0.1, application/jsonl; q=0.5",
                Some("application/jsonl"),
            ),
            // Not wanted with them is not refused without them.
            ("application/json; version=2; q=0, */*; q=0.1", Some("application/json")),
            ("application/json; version=2; q=0", None),
        ]);
    }

    #[test]
    fn nobody_is_refused_by_what_can_not_be_read() {
        check(&[
            ("", Some("application/json")),
            (" ", Some("application/json")),
            (",", Some("application/json")),
            (";;", Some("application/json")),
            ("*", Some("application/json")),
            ("text/html, image/gif, *; q=.2", Some("application/json")),
            ("text/html, *; q=.2, */*; q=.2", Some("application/json")),
            ("application/json;q=.2, application/jsonl;q=.3", Some("application/jsonl")),
            ("application/jsonl;q=high, application/json;q=0.9", Some("application/jsonl")),
            ("application/jsonl;q=2, application/json;q=NaN", Some("application/jsonl")),
            ("application/jsonl;q=-1", Some("application/jsonl")),
            ("json, application/x-ndjson", Some("application/x-ndjson")),
            (",, application/x-ndjson,", Some("application/x-ndjson")),
        ]);
        let accepted = |lines: &[&[u8]]| Format::accepted(&headers(lines), BOTH).map(Accepted::format);
        assert_eq!(accepted(&[]), Ok(Format::Array));
        assert_eq!(accepted(&[b"text/html, \xff"]), Ok(Format::Array));
        assert_eq!(accepted(&[b"application/json;q=0.9, \xff", b"application/jsonl"]), Ok(Format::Lines));
    }

    #[test]
    fn only_what_is_offered() {
        assert_eq!(chosen("application/x-ndjson", &[Format::Array]), None);
        assert_eq!(chosen("application/json, */*;q=0.1", &[Format::Lines]), Some("application/x-ndjson"));
        assert_eq!(chosen("*/*", &[Format::Lines, Format::Array]), Some("application/x-ndjson"));
        assert_eq!(chosen("*/*", &[]), None);
        let error = Format::accepted(&headers(&[b"text/html"]), BOTH).unwrap_err().to_string();
        for media_type in BOTH.iter().flat_map(|format| format.media_types()) {
            assert!(error.contains(media_type), "{error}");
        }
    }
}

//! Which responses are compressed, and what their heads say.

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, VARY};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Body;

use super::accept_encoding::AcceptEncoding;
use super::compressed::Compressed;

/// A body that is known to be shorter is not compressed: its head and the trailer of gzip would be a good part of it.
const WORTH_WHILE: u64 = 1024;

/// Room for what most responses depend on.
const ROOM: usize = 64;

/// What stands between the names of two fields.
const SEPARATOR: &[u8] = b", ";

impl<B: Body> Compressed<B> {
    /// Returns a response that is compressed if its client prefers that, by `Accept-Encoding`.
    ///
    /// It has `accept-encoding` once in its only `Vary` in either case, unless that has `*`, and also if it is known to be
    /// shorter than 1 KiB and so not compressed: caches do best if all responses of a resource vary alike. A response is
    /// left as it is if it has a `Content-Encoding`, is a part ([`Content-Range`](CONTENT_RANGE)), or has no body by its
    /// status; but a 304 varies as the response would that it stands for, and has its tag (RFC 9110, section 15.4.5).
    ///
    /// The response to a request with the method HEAD has the same head, whether its service made a body or not: it is
    /// short only if it says so by `Content-Length`.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{AcceptEncoding, Compressed, Format, JsonBody};
    /// use http::Request;
    ///
    /// let request = Request::get("/squares").header("accept-encoding", "br, gzip;q=0.8").body(()).unwrap();
    /// let squares = || JsonBody::new(Format::Array, (0..10_000_u64).map(|i| i * i)).into_response();
    ///
    /// let compressed = Compressed::response(AcceptEncoding::of(&request), squares());
    /// assert_eq!(compressed.headers()["content-encoding"], "gzip");
    /// assert_eq!(compressed.headers()["vary"], "accept-encoding");
    ///
    /// let plain = Compressed::response(AcceptEncoding::of(&Request::new(())), squares());
    /// assert!(!plain.headers().contains_key("content-encoding"));
    /// assert_eq!(plain.headers()["vary"], "accept-encoding");
    /// ```
    pub fn response(accepted: AcceptEncoding, response: Response<B>) -> Response<Self> {
        let (mut head, body) = response.into_parts();
        let is_known = head.status == StatusCode::NOT_MODIFIED;
        let is_empty = head.status == StatusCode::NO_CONTENT || head.status.is_informational();
        let length = if accepted.is_head() { said_length(&head.headers) } else { body.size_hint().upper() };
        let is_short = !is_known && length.is_some_and(|length| length < WORTH_WHILE);
        let fits = [CONTENT_ENCODING, CONTENT_RANGE].iter().all(|name| !head.headers.contains_key(name));
        if is_empty || !fits {
            return Response::from_parts(head, Self::plain(body));
        }
        vary(&mut head.headers);
        if is_short || !accepted.prefers_gzip() {
            return Response::from_parts(head, Self::plain(body));
        }
        weaken(&mut head.headers);
        if is_known {
            return Response::from_parts(head, Self::plain(body));
        }
        head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        head.headers.remove(CONTENT_LENGTH);
        let body = Self::gzip(body);
        Response::from_parts(head, if accepted.is_head() { body.ended() } else { body })
    }
}

/// Says that a response depends on `Accept-Encoding` too, in one field: of several, nginx before 1.23 sees the last alone
/// when it caches, and would give one client what another has asked for.
fn vary(headers: &mut HeaderMap) {
    let mut all = Vec::with_capacity(ROOM);
    for others in headers.get_all(VARY) {
        all.extend_from_slice(others.as_bytes());
        all.extend_from_slice(SEPARATOR);
    }
    // What depends on `*` depends on everything (RFC 9110, section 12.5.5).
    let is_said = |name: &[u8]| name == b"*" || name.eq_ignore_ascii_case(ACCEPT_ENCODING.as_str().as_bytes());
    if all.split(|byte| *byte == b',').any(|name| is_said(name.trim_ascii())) {
        all.truncate(all.len() - SEPARATOR.len());
    } else {
        all.extend_from_slice(ACCEPT_ENCODING.as_str().as_bytes());
    }
    if let Ok(all) = HeaderValue::try_from(all) {
        headers.insert(VARY, all);
    }
}

/// The length that a head says its body to have.
fn said_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A tag says that a response is the same byte by byte, unless it is weak (RFC 9110, section 8.8.3).
fn weaken(headers: &mut HeaderMap) {
    let tag = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    let weak = tag.and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()).ok());
    if let Some(weak) = weak {
        headers.insert(ETAG, weak);
    }
}

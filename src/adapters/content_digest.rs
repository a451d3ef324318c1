//! A body that is followed by the digest of all its bytes.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TE, TRAILER};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use sha2::{Digest, Sha256};

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

pin_project! {
    /// A body that is followed by the digest of its bytes, for clients that ask for trailers: the field
    /// `Content-Digest`, with SHA-256 (RFC 9530, section 2).
    ///
    /// A client that has the trailer, and computes the same, knows that it has the whole response, whatever stood in
    /// between. A body that fails has no trailers. A client that has none knows nothing: many proxies drop them.
    ///
    /// The digest is that of the bytes that travel, so it belongs around whatever changes them, such as compression.
    ///
    /// # Examples
    ///
    /// ```
    /// use chunkwire::{ContentDigest, Format, JsonBody};
    /// use http::{HeaderMap, HeaderValue};
    /// use http_body_util::BodyExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let request = HeaderMap::from_iter([(http::header::TE, HeaderValue::from_static("trailers"))]);
    /// let response = ContentDigest::respond(&request, JsonBody::new(Format::Array, 1..=3).into_response());
    /// assert_eq!(response.headers()["trailer"], "content-digest");
    ///
    /// let body = response.into_body().collect().await.unwrap();
    /// let digest = &body.trailers().unwrap()["content-digest"];
    /// assert_eq!(digest, "sha-256=:phXuruId5Red4IDejDBSyNqQEThAa6ccOMAyhF99VPQ=:");
    /// assert_eq!(body.to_bytes(), "[1,2,3]");
    /// # }
    /// ```
    #[must_use = "a body does nothing before it is polled"]
    pub struct ContentDigest<B> {
        #[pin]
        body: B,
        // Of what was handed out, until its digest is.
        hasher: Option<Sha256>,
    }
}

impl<B> ContentDigest<B> {
    /// Returns a response that ends with the digest of its body, and says so by `Trailer`, if the head of its request
    /// has `TE: trailers` (RFC 9110, section 6.5.1).
    ///
    /// The same response is returned if it has a `Content-Length`: HTTP/1.1 has trailers only with the chunked coding.
    pub fn respond(request: &HeaderMap, response: Response<B>) -> Response<Self> {
        let (mut head, body) = response.into_parts();
        let is_wanted = takes_trailers(request) && !head.headers.contains_key(CONTENT_LENGTH);
        if is_wanted {
            head.headers.append(TRAILER, HeaderValue::from_name(CONTENT_DIGEST));
        }
        Response::from_parts(head, Self { body, hasher: is_wanted.then(Sha256::new) })
    }
}

/// Returns whether a client takes trailers: `TE` is a list of names, perhaps with weights.
fn takes_trailers(headers: &HeaderMap) -> bool {
    let names = headers.get_all(TE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    names.into_iter().any(|name| name.trim().eq_ignore_ascii_case("trailers"))
}

impl<B: Body<Data = Bytes>> Body for ContentDigest<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = match ready!(this.body.poll_frame(cx)).transpose() {
            Ok(frame) => frame,
            Err(error) => {
                *this.hasher = None;
                return Poll::Ready(Some(Err(error)));
            }
        };
        let Some(hasher) = this.hasher else { return Poll::Ready(frame.map(Ok)) };
        let trailers = match frame.map(Frame::into_data) {
            Some(Ok(data)) => {
                hasher.update(&data);
                return Poll::Ready(Some(Ok(Frame::data(data))));
            }
            // The body has trailers of its own.
            Some(Err(other)) => other.into_trailers().ok(),
            None => None,
        };
        let mut trailers = trailers.unwrap_or_default();
        if let Some(hasher) = this.hasher.take() {
            let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(hasher.finalize()));
            trailers.insert(CONTENT_DIGEST, HeaderValue::try_from(digest).expect("Base64 is plain ASCII"));
        }
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.hasher.is_none() && self.body.is_end_stream()
    }

    /// Returns no exact size if a digest follows, since a response of known length has no trailers.
    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        if self.hasher.is_some() {
            let lower = hint.lower();
            hint = SizeHint::new();
            hint.set_lower(lower);
        }
        hint
    }
}

impl<B: fmt::Debug> fmt::Debug for ContentDigest<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { body, hasher } = self;
        f.debug_struct("ContentDigest").field("body", body).field("follows", &hasher.is_some()).finish()
    }
}

//! Responses of the page and of its feed.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use chunkwire::{Format, INCREMENTAL, JsonBody, NO_PROXY_BUFFERING};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::feed::Feed;
use super::html::{POLICY, Page};
use super::live_samples::Live;
use crate::about::About;
use crate::endpoint::Routes;
use crate::listing;
use crate::query::NoParameters;

const HTML: &str = "text/html; charset=utf-8";

/// Figures are of the moment, and what a response is stays what it says (Fetch Standard, `X-Content-Type-Options`).
const FRESH: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Returns the routes of the page and of its feed.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(live: Live, page: Page) -> Routes<S> {
    let shown = live.clone();
    Routes::new()
        .route(about_page, async move |_: NoParameters, request: Request| html(&page, &shown, &request))
        .route(about_feed, async move |_: NoParameters| feed(live))
}

fn about_page() -> About {
    About::plain("/", "A page that shows what the server does.", HTML)
}

/// Tells of the feed.
pub(crate) fn about_feed() -> About {
    let about = "The figures of the page: those of ten minutes, then one line each second.";
    About::plain("/live", about, Format::Lines.content_type())
}

fn html(page: &Page, live: &Live, request: &Request) -> Response {
    let text = page.html(&host(request), live.newest().as_ref());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (FRESH, headers, text).into_response()
}

fn feed(live: Live) -> Response {
    let mut headers = HeaderMap::from_iter(FRESH);
    headers.extend([NO_PROXY_BUFFERING, INCREMENTAL]);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Format::Lines.content_type()));
    listing::response(JsonBody::from_stream(Format::Lines, Feed::new(live)), Format::Lines, headers)
}

/// The host that a request asks.
fn host(request: &Request) -> Authority {
    let of_head = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    let host = request.uri().authority().cloned().or_else(of_head);
    host.unwrap_or_else(|| Authority::from_static("localhost"))
}

//! Responses that last: what caches and clients are told of those that are the same whenever they are asked for.

use std::iter;

use axum::response::{IntoResponse, Response};
use headers::{ETag, HeaderMapExt as _, IfMatch, IfNoneMatch};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::problem::Problem;
use crate::users::User;

/// How long a cache may keep a response without asking: an hour. It is not for ever, since a path has other users after a
/// restart with another version of the formula, and other numbers of them after a reload.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Room for a tag.
const ROOM: usize = 96;

/// Returns the tag of what the formula of the users makes of `arguments`, such as the place of the first and their number,
/// in the format that a head has.
///
/// It is weak: bytes are other ones in gzip, and mean the same (RFC 9110, section 8.8.1).
pub(crate) fn tag(arguments: &[u64], headers: &HeaderMap) -> Option<HeaderValue> {
    let format = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut digits = itoa::Buffer::new();
    let mut tag = String::with_capacity(ROOM);
    tag.push_str("W/\"users");
    for number in iter::once(User::FORMULA.into()).chain(arguments.iter().copied()) {
        tag.extend(["-", digits.format::<u64>(number)]);
    }
    tag.extend(["-", format, "\""]);
    tag.try_into().ok()
}

/// Returns the response of a tag, or that it is the one which the client has, or not the one that it wants (RFC 9110,
/// section 13.2.2).
pub(crate) fn respond(
    tag: Option<HeaderValue>,
    request: &HeaderMap,
    mut headers: HeaderMap,
    whole: impl FnOnce(HeaderMap) -> Response,
) -> Result<Response, Problem> {
    let Some(tag) = tag else { return Ok(whole(headers)) };
    headers.insert(header::CACHE_CONTROL, KEPT);
    headers.insert(header::ETAG, tag);
    let own = || headers.typed_get::<ETag>();
    if let Some(wanted) = request.typed_get::<IfMatch>()
        && !own().is_some_and(|own| wanted.precondition_passes(&own))
    {
        return Err(Problem::other_than_wanted());
    }
    if let Some(unwanted) = request.typed_get::<IfNoneMatch>()
        && own().is_some_and(|own| !unwanted.precondition_passes(&own))
    {
        headers.remove(header::CONTENT_TYPE);
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    Ok(whole(headers))
}

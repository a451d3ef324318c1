//! The request target: its form, its characters, its length.

use http::{Method, Uri, Version};

use super::host;
use super::refusal::Refusal;

/// The longest request target, in bytes. RFC 9112, section 3, asks for request lines of 8,000 bytes at least.
const LONGEST: usize = 8000;

/// Checks that a target has one of the forms that its method may have (RFC 9112, section 3.2).
///
/// The parser of the URI has cut off a fragment by now, and made an empty path `/`.
pub(super) fn check(version: Version, method: &Method, uri: &Uri) -> Result<(), Refusal> {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let scheme = uri.scheme_str().unwrap_or_default();
    // RFC 9110, section 15.5.15.
    let length = scheme.len() + authority.len() + path.len();
    if length > LONGEST {
        return Err(Refusal::uri_too_long(length, LONGEST));
    }
    // Its parts come apart, and the scheme is that of the client's request, whatever a proxy has made of the connection
    // (RFC 9113, section 8.3.1).
    let (scheme, authority) = match (version, scheme) {
        (Version::HTTP_2, "http" | "https") if authority.is_empty() || host::port(authority).is_some() => ("", ""),
        _ => (scheme, authority),
    };
    let mistake = match (method, scheme, authority) {
        // RFC 9112, section 3.2.3; an empty port is none (RFC 9110, section 9.3.6).
        (&Method::CONNECT, "", _) if host::port(authority).is_some_and(|port| !port.is_empty()) => return Ok(()),
        (&Method::CONNECT, ..) => "CONNECT has to name a host and a port (RFC 9112, section 3.2.3)",
        // RFC 9112, section 3.2.4.
        (&Method::OPTIONS, "", "") if path == "*" => return Ok(()),
        (_, "", "") if path == "*" => "* is for OPTIONS alone (RFC 9112, section 3.2.4)",
        (_, "", "") if path.starts_with('/') => return characters(path),
        (_, "", _) => "the target has to start with / or http:// (RFC 9112, section 3.2.1)",
        // RFC 9112, section 3.2.2; user information and an empty host are refused by RFC 9110, sections 4.2.4, 4.2.1.
        (_, "http", _) if host::port(authority).is_some() => return characters(path),
        (_, "http", _) => "the target names no valid host (RFC 9110, section 4.2.1)",
        // Above all no `https`, which is not what came over this connection (RFC 9110, section 7.4).
        _ => "the scheme of the target has to be http (RFC 9110, section 7.4)",
    };
    Err(Refusal::bad_request(mistake.to_owned()))
}

/// Checks for characters that no URI has (RFC 3986, sections 2 and 3.3, as RFC 9112, section 3.2.1, demands it), but
/// for those that browsers don't escape (URL Standard, section 1.3: the path and the query percent-encode sets), and
/// that everyone reads alike.
fn characters(target: &str) -> Result<(), Refusal> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_foreign = |character: &char| !character.is_ascii_graphic() || matches!(character, '"' | '<' | '>');
    let is_foreign_in_path = |character: &char| is_foreign(character) || matches!(character, '\\' | '`' | '{' | '}');
    match path.chars().find(is_foreign_in_path).or_else(|| query.chars().find(is_foreign)) {
        None => Ok(()),
        Some(character) => {
            let detail =
                format!("the target has {character:?} in it, which has to be escaped (RFC 9112, section 3.2.1)");
            Err(Refusal::bad_request(detail))
        }
    }
}

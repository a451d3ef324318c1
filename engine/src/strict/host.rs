//! The `Host` header field, and the host and port that it and a request target may name.

use std::net::Ipv6Addr;

use http::{HeaderMap, Uri, Version, header};

use super::refusal::Refusal;

/// Checks that `Host` is there, once, and names a host (RFC 9112, section 3.2).
///
/// HTTP/1.0 did not know the field, and may leave it out. It may be empty, as it has to be where the target URI has no
/// authority; whose requests these are is then ours to say (RFC 9112, section 3.3), and we are the same to every host.
pub(super) fn check(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut values = headers.get_all(header::HOST).iter();
    match (values.next(), values.next()) {
        (None, _) if version < Version::HTTP_11 => Ok(()),
        // It is what `:authority` says there (RFC 9113, section 8.3.1), and a part of the target.
        (None, _) if version >= Version::HTTP_2 && uri.authority().is_some() => Ok(()),
        (None, _) => Err(Refusal::bad_request("Host is missing (RFC 9112, section 3.2)".to_owned())),
        (Some(_), Some(_)) => {
            Err(Refusal::bad_request("Host was given more than once (RFC 9112, section 3.2)".to_owned()))
        }
        (Some(value), None) if value.is_empty() || value.to_str().is_ok_and(|text| port(text).is_some()) => Ok(()),
        (Some(value), None) => {
            let detail = format!("Host was {value:?}; allowed is a host, and perhaps a port (RFC 9110, section 7.2)");
            Err(Refusal::bad_request(detail))
        }
    }
}

/// The port in `uri-host [ ":" port ]` (RFC 9110, section 7.2), empty where there is none; `None` for any other text.
///
/// `http::uri::Authority` takes user information, `a[::1]`, `[x]` and any text as a port, and no `%41`, so that it is
/// no judge of this.
pub(super) fn port(text: &str) -> Option<&str> {
    let port = match text.strip_prefix('[') {
        Some(literal) => {
            let (address, port) = literal.split_once(']')?;
            // Of the future address formats (RFC 3986, section 3.2.2), none has come.
            address.parse::<Ipv6Addr>().ok()?;
            port
        }
        None => {
            let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            if !is_name(name) {
                return None;
            }
            port
        }
    };
    let Some(digits) = port.strip_prefix(':') else { return port.is_empty().then_some(port) };
    // RFC 3986, section 3.2.3, allows no digits at all; TCP allows no more than 65535. `parse` would take a sign.
    let is_port =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.is_empty() || digits.parse::<u16>().is_ok());
    is_port.then_some(digits)
}

/// Whether a text is a name or an IPv4 address: `reg-name` (RFC 3986, section 3.2.2), though not empty (RFC 9110,
/// section 4.2.1), and without the comma, which is what two `Host` lines joined into one would have (RFC 9110, section
/// 5.3).
fn is_name(text: &str) -> bool {
    let (plain, escapes) = text.split_once('%').map_or((text, None), |(plain, rest)| (plain, Some(rest)));
    let is_plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=".contains(&byte));
    let is_escape = |escape: &str| {
        escape.len() >= 2 && escape.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()) && is_plain(&escape[2..])
    };
    !text.is_empty() && is_plain(plain) && escapes.is_none_or(|escapes| escapes.split('%').all(is_escape))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_their_ports() {
        for (text, expected) in [
            ("localhost", ""),
            ("example.com:80", "80"),
            ("example.com:", ""),
            ("EXAMPLE.com.:00080", "00080"),
            ("a:0", "0"),
            ("a:65535", "65535"),
            ("127.0.0.1:8080", "8080"),
            ("under_score~x-y", ""),
            ("caf%C3%a9.example", ""),
            ("%41", ""),
            ("!$&'()*+;=", ""),
            ("[::1]", ""),
            ("[::1]:3000", "3000"),
            ("[2001:db8::FF]:", ""),
            ("[::ffff:192.0.2.1]:1", "1"),
            ("[1:2:3:4:5:6:7::]", ""),
        ] {
            assert_eq!(port(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_host() {
        for text in [
            "",
            ":",
            ":80",
            "a:b",
            "a:+80",
            "a:-1",
            "a:65536",
            "a:80:80",
            "a:8 0",
            "a b",
            "a,b",
            "a/",
            "a/b",
            "a?",
            "a#",
            "@",
            "u@a",
            "u:p@a",
            "http://a",
            "http:a",
            "a\\b",
            "a\"",
            "<a>",
            "{a}",
            "a|b",
            "a^",
            "`",
            "[",
            "]",
            "[]",
            "[::1",
            "::1",
            "1::",
            "[::1]a",
            "[::1]80",
            "[::1]:x",
            "[[::1]]",
            "a[::1]",
            "[::1%25eth0]",
            "[::1%eth0]",
            "[127.0.0.1]",
            "[v1.a]",
            "[:::]",
            "[12345::]",
            "[1:2:3:4:5:6:7:8:9]",
            "a%",
            "a%4",
            "a%4g",
            "%%41",
            "a\t",
            "é",
            "a\u{7f}",
            "%é",
        ] {
            assert_eq!(port(text), None, "{text}");
        }
    }
}

//! Which users a request asks for: `limit` and `offset` in the query.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::problem::{Parameter, Problem};
use crate::users::Users;

/// The users that a query asks for, with the defaults for what it does not say.
///
/// Parameters that are not ours are passed over.
pub(crate) fn users(query: &str, default: u64, max: u64) -> Result<Users, Problem> {
    let mut limit = None;
    let mut offset = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name).ok_or_else(|| broken(name, name))?;
        let value = decoded(value).ok_or_else(|| broken(&name, value))?;
        match name.as_ref() {
            "limit" => once(&name, &mut limit, &value, max)?,
            "offset" => once(&name, &mut offset, &value, u64::MAX)?,
            _ => {}
        }
    }
    let limit = limit.unwrap_or(default);
    let offset = offset.unwrap_or(0);
    if offset.checked_add(limit).is_none() {
        let allowed = format!("0 to {}, since ids end at {} and {limit} users follow", u64::MAX - limit, u64::MAX);
        return Err(Problem::parameter(Parameter { name: "offset".to_owned(), given: offset.to_string(), allowed }));
    }
    Ok(Users::range(offset, limit))
}

/// Reads a number up to `max` that may be given once.
fn once(name: &str, slot: &mut Option<u64>, given: &str, max: u64) -> Result<(), Problem> {
    let refuse = |given: String, times: &str| {
        let allowed = format!("a whole number from 0 to {max}{times}");
        Err(Problem::parameter(Parameter { name: name.to_owned(), given, allowed }))
    };
    if let Some(first) = slot {
        return refuse(format!("{first} and {given}"), ", once");
    }
    let Some(number) = whole_number(given).filter(|number| *number <= max) else {
        return refuse(given.to_owned(), "");
    };
    *slot = Some(number);
    Ok(())
}

/// Digits alone: no sign, which [`u64::from_str`](std::str::FromStr) would take.
pub(crate) fn whole_number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// Undoes percent-encoding (RFC 3986, section 2.1), in which every `%` is followed by two hexadecimal digits.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let complete =
        |escape: &str| matches!(escape.as_bytes(), [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    if text.split('%').skip(1).all(complete) { percent_decode_str(text).decode_utf8().ok() } else { None }
}

/// The problem of a parameter whose name or value can't be decoded.
fn broken(name: &str, given: &str) -> Problem {
    let allowed = "two hexadecimal digits after each %, and together UTF-8".to_owned();
    Problem::parameter(Parameter { name: name.to_owned(), given: given.to_owned(), allowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(query: &str) -> (u64, usize) {
        let mut users = users(query, 1000, 5000).unwrap();
        let count = users.size_hint().0;
        (users.next().map_or(0, |user| user.id), count)
    }

    #[test]
    fn queries_and_their_users() {
        for (query, expected) in [
            ("", (1, 1000)),
            ("limit=0", (0, 0)),
            ("limit=5000", (1, 5000)),
            ("limit=00007", (1, 7)),
            ("offset=10", (11, 1000)),
            ("offset=10&limit=3", (11, 3)),
            ("&&limit=3&&_=%7e&plain&offset=1&", (2, 3)),
            ("lim%69t=%33", (1, 3)),
            ("limit=1&offset=18446744073709551614", (u64::MAX, 1)),
            ("limit=0&offset=18446744073709551615", (0, 0)),
        ] {
            assert_eq!(ids(query), expected, "{query}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        for (query, named) in [
            ("limit=abc", ["limit", "abc", "0 to 5000"]),
            ("limit=-1", ["limit", "-1", "0 to 5000"]),
            ("limit=%2B1", ["limit", "+1", "0 to 5000"]),
            ("limit=", ["limit", "\"\"", "0 to 5000"]),
            ("limit", ["limit", "\"\"", "0 to 5000"]),
            ("limit=5001", ["limit", "5001", "0 to 5000"]),
            ("limit=18446744073709551616", ["limit", "18446744073709551616", "0 to 5000"]),
            ("limit=1&limit=1", ["limit", "1 and 1", "once"]),
            ("offset=1.5", ["offset", "1.5", "whole number"]),
            ("offset=18446744073709551616", ["offset", "18446744073709551616", "0 to 18446744073709551615"]),
            ("offset=18446744073709551615", ["offset", "18446744073709551615", "0 to 18446744073709550615"]),
            ("limit=%", ["limit", "\"%\"", "two hexadecimal digits"]),
            ("x=%4", ["x", "%4", "two hexadecimal digits"]),
            ("%zz=1", ["%zz", "%zz", "two hexadecimal digits"]),
            ("x=%ff", ["x", "%ff", "UTF-8"]),
        ] {
            let problem = users(query, 1000, 5000).unwrap_err();
            let text = format!("{problem:?}");
            for name in named {
                assert!(text.contains(&name.replace('"', "\\\"")) || text.contains(name), "{query}: {text}");
            }
        }
    }
}

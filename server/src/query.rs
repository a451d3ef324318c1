//! Which users a query asks for, by `limit` and `offset`, and in which `format`.
//!
//! Parameters that a path does not know are refused: a client that writes `Limit=3` or `page=2` means something, and
//! would take a thousand users for it.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use chunkwire::Format;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::about::{Allowed, Argument, Otherwise};
use crate::part::Part;
use crate::problem::{Parameter, Problem};

/// The parameters of the users.
const USERS: [&str; 3] = ["limit", "offset", "format"];

/// What is told of them.
pub(crate) fn arguments(default: u64, max: u64) -> Vec<Argument> {
    let offset = Allowed::Whole { least: 0, most: u64::MAX };
    let offset = Argument::new("offset", offset, Otherwise::Value("0".to_owned()));
    vec![Argument::limit(default, max), offset, Argument::format()]
}

/// What a query asks for.
#[derive(Debug)]
pub(crate) struct AskedUsers {
    pub(crate) part: Part,
    /// For clients that can't set headers: it is what `Accept` says if this is `None`.
    pub(crate) format: Option<Format>,
}

/// The users that a query asks for, with the defaults for what it does not say.
pub(crate) fn users(query: &str, default: u64, max: u64) -> Result<AskedUsers, Problem> {
    let mut limit = None;
    let mut offset = None;
    let mut format = None;
    let up_to = |max: u64| move |text: &str| whole_number(text).filter(|number| *number <= max);
    let numbers_to = |most: u64| Allowed::Whole { least: 0, most }.to_string();
    for parameter in parameters(query) {
        let (name, value) = parameter?;
        match &*name {
            "limit" => once(&name, &mut limit, value, up_to(max), || numbers_to(max))?,
            "offset" => once(&name, &mut offset, value, up_to(u64::MAX), || numbers_to(u64::MAX))?,
            "format" => once(&name, &mut format, value, format_named, || Allowed::Format.to_string())?,
            _ => return Err(Problem::unknown_parameter(&name, &value, &USERS)),
        }
    }
    let limit = limit.map_or(default, |(limit, _)| limit);
    let offset = offset.map_or(0, |(offset, _)| offset);
    if offset.checked_add(limit).is_none() {
        let allowed = format!("0 to {}, since ids end at {} and {limit} users follow", u64::MAX - limit, u64::MAX);
        return Err(Problem::parameter(Parameter { name: "offset".to_owned(), given: offset.to_string(), allowed }));
    }
    Ok(AskedUsers { part: Part { offset, limit }, format: format.map(|(format, _)| format) })
}

/// That a request has no parameters, on a path that knows none.
#[derive(Debug)]
pub(crate) struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parameters(parts.uri.query().unwrap_or_default()).next() {
            None => Ok(Self),
            Some(parameter) => parameter.and_then(|(name, value)| Err(Problem::unknown_parameter(&name, &value, &[]))),
        }
    }
}

/// The names and values in a query.
fn parameters(query: &str) -> impl Iterator<Item = Result<(Cow<'_, str>, Cow<'_, str>), Problem>> {
    raw_parameters(query).map(|parameter| {
        let (name, value) = parameter?;
        let value = decoded_value(&name, value)?;
        Ok((name, value))
    })
}

/// The names in a query, and the values as they stand there.
pub(crate) fn raw_parameters(query: &str) -> impl Iterator<Item = Result<(Cow<'_, str>, &str), Problem>> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decoded(name).ok_or_else(|| broken(name, name))?, value))
    })
}

/// The value of the parameter of this name.
pub(crate) fn decoded_value<'a>(name: &str, value: &'a str) -> Result<Cow<'a, str>, Problem> {
    decoded(value).ok_or_else(|| broken(name, value))
}

/// Reads a value that may be given once. It is kept with its text, for the case that there is another.
pub(crate) fn once<'a, T>(
    name: &str,
    slot: &mut Option<(T, Cow<'a, str>)>,
    given: Cow<'a, str>,
    read: impl FnOnce(&str) -> Option<T>,
    allowed: impl FnOnce() -> String,
) -> Result<(), Problem> {
    let refuse =
        |given: String, allowed: String| Err(Problem::parameter(Parameter { name: name.to_owned(), given, allowed }));
    if let Some((_, first)) = slot {
        return refuse(format!("{first} and {given}"), format!("{}, once", allowed()));
    }
    let Some(value) = read(&given) else {
        return refuse(given.into_owned(), allowed());
    };
    *slot = Some((value, given));
    Ok(())
}

/// The format of a name.
pub(crate) fn format_named(name: &str) -> Option<Format> {
    match name {
        "array" => Some(Format::Array),
        "lines" => Some(Format::Lines),
        _ => None,
    }
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

    fn part(query: &str) -> (u64, u64) {
        let Part { offset, limit } = users(query, 1000, 5000).unwrap().part;
        (offset, limit)
    }

    #[test]
    fn queries_and_their_parts() {
        for (query, expected) in [
            ("", (0, 1000)),
            ("limit=0", (0, 0)),
            ("limit=5000", (0, 5000)),
            ("limit=00007", (0, 7)),
            ("offset=10", (10, 1000)),
            ("offset=10&limit=3", (10, 3)),
            ("&&limit=3&&offset=1&", (1, 3)),
            ("lim%69t=%33", (0, 3)),
            ("limit=1&offset=18446744073709551614", (u64::MAX - 1, 1)),
            ("limit=0&offset=18446744073709551615", (u64::MAX, 0)),
        ] {
            assert_eq!(part(query), expected, "{query}");
        }
    }

    #[test]
    fn a_format_can_be_named() {
        for (query, expected) in [
            ("", None),
            ("limit=3", None),
            ("format=array", Some(Format::Array)),
            ("limit=3&form%61t=line%73", Some(Format::Lines)),
        ] {
            assert_eq!(users(query, 1000, 5000).unwrap().format, expected, "{query}");
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
            ("format=", ["format", "\"\"", "array or lines"]),
            ("format=Lines", ["format", "Lines", "array or lines"]),
            ("format=lines&format=array", ["format", "lines and array", "once"]),
            ("limit=%", ["limit", "\"%\"", "two hexadecimal digits"]),
            ("x=%4", ["x", "%4", "two hexadecimal digits"]),
            ("%zz=1", ["%zz", "%zz", "two hexadecimal digits"]),
            ("x=%ff", ["x", "%ff", "UTF-8"]),
            ("Limit=3", ["Limit", "3", "limit, offset"]),
            ("page=2", ["page", "2", "limit, offset"]),
            ("limit=1&_=%7e", ["_", "~", "limit, offset"]),
            ("plain", ["plain", "", "limit, offset"]),
            ("=1", ["\"\"", "1", "limit, offset"]),
            ("filter={\"a\"|`^\\}", ["filter", "|`^", "limit, offset"]),
            ("limit=3}", ["limit", "3}", "0 to 5000"]),
        ] {
            let problem = users(query, 1000, 5000).unwrap_err();
            let text = format!("{problem:?}");
            for name in named {
                assert!(text.contains(&name.replace('"', "\\\"")) || text.contains(name), "{query}: {text}");
            }
        }
    }
}

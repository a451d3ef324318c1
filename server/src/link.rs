//! Links from a response to others of its path.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

/// How many records there are, of which a response may have some.
pub(crate) const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// A template of links (RFC 9652).
pub(crate) const LINK_TEMPLATE: HeaderName = HeaderName::from_static("link-template");

/// Room for the links of a response, for all but the longest queries.
const ROOM: usize = 512;

/// Returns the field `Link` (RFC 8288) to others of a path, each with what it is to the response and with values of
/// these parameters in place of those of the query, if there are some.
pub(crate) fn links<const N: usize>(
    path: &str,
    query: &str,
    names: [&str; N],
    others: impl Iterator<Item = (&'static str, [u64; N])>,
) -> Option<HeaderValue> {
    let target = Target::without(path, query, names);
    let mut text = String::with_capacity(ROOM);
    let mut digits = [itoa::Buffer::new(); N];
    for (relation, values) in others {
        text.push_str(if text.is_empty() { "<" } else { ", <" });
        let values = digits.iter_mut().zip(values).map(|(digits, value)| digits.format(value));
        target.push(&mut text, names.into_iter().zip(values));
        text.extend([">; rel=\"", relation, "\""]);
    }
    if text.is_empty() { None } else { text.try_into().ok() }
}

/// A path and what is kept of a query.
pub(crate) struct Target {
    kept: String,
    /// What comes before the next parameter.
    mark: char,
}

impl Target {
    /// Keeps the parameters of a query but for those of these names.
    pub(crate) fn without<'n>(
        path: &str,
        query: &str,
        names: impl IntoIterator<Item = &'n str, IntoIter: Clone>,
    ) -> Self {
        let mut target = Self { kept: path.to_owned(), mark: '?' };
        for pair in others(query, names.into_iter()) {
            target.kept.push(target.mark);
            target.kept.push_str(pair);
            target.mark = '&';
        }
        target
    }

    /// Appends it with these parameters after what is kept.
    pub(crate) fn push<'n>(&self, text: &mut String, parameters: impl IntoIterator<Item = (&'n str, impl AsRef<str>)>) {
        text.push_str(&self.kept);
        let mut mark = self.mark;
        for (name, value) in parameters {
            text.push(mark);
            text.extend([name, "=", value.as_ref()]);
            mark = '&';
        }
    }
}

/// Returns the parameters of a query but for those of these names.
pub(crate) fn others<'a, 'n>(
    query: &'a str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> impl Iterator<Item = &'a str> {
    let is_among = move |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        names.clone().any(|other| percent_decode_str(name).eq(other.bytes()))
    };
    query.split('&').filter(move |pair| !pair.is_empty() && !is_among(pair))
}

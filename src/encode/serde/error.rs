//! Why a serde value could not be written as JSON.

use std::fmt::{self, Display};

use serde::ser;

/// Why a serde value could not be written as JSON, and in which field.
///
/// The path has a name for each field, map key and variant, and `[]` for an element of an array: `orders[].price`.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
///
/// use bytes::BytesMut;
/// use chunkwire::{Writer, serialize};
///
/// let pairs = BTreeMap::from([("pairs", [BTreeMap::from([((1, 2), 3)])])]);
/// let error = serialize(&pairs, &mut Writer::new(&mut BytesMut::new())).unwrap_err();
/// assert!(error.to_string().starts_with("at pairs[]: a map key was a tuple"), "{error}");
/// ```
#[derive(Debug)]
pub struct SerializeError(Box<Reason>);

#[derive(Debug)]
struct Reason {
    message: String,
    path: String,
}

impl SerializeError {
    #[cold]
    pub(super) fn of(message: &str) -> Self {
        ser::Error::custom(message)
    }

    /// Returns the error of a value whose place is `step`, in what is at the place that is added next.
    #[cold]
    #[inline(never)]
    pub(super) fn within(mut self, step: &str) -> Self {
        let path = &mut self.0.path;
        if !step.is_empty() && !path.is_empty() && !path.starts_with('[') {
            path.insert(0, '.');
        }
        path.insert_str(0, step);
        self
    }
}

impl Display for SerializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reason { message, path } = &*self.0;
        if path.is_empty() { f.write_str(message) } else { write!(f, "at {path}: {message}") }
    }
}

impl std::error::Error for SerializeError {}

impl ser::Error for SerializeError {
    fn custom<T: Display>(message: T) -> Self {
        Self(Box::new(Reason { message: message.to_string(), path: String::new() }))
    }
}

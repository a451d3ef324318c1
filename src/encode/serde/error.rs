//! Why a serde value could not be written as JSON.

use std::fmt::{self, Display};

use serde::ser;

/// Why a serde value could not be written as JSON.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
///
/// use bytes::BytesMut;
/// use chunkwire::{Writer, serialize};
///
/// let pairs = BTreeMap::from([((1, 2), 3)]);
/// let error = serialize(&pairs, &mut Writer::new(&mut BytesMut::new())).unwrap_err();
/// assert!(error.to_string().starts_with("a map key was a"), "{error}");
/// ```
#[derive(Debug)]
pub struct SerializeError(Box<str>);

impl Display for SerializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SerializeError {}

impl ser::Error for SerializeError {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}

//! Values that are not what their type sends.

use std::fmt;

/// A value that is not in the binary format of its type, or text that is not UTF-8.
///
/// PostgreSQL sends the latter if `client_encoding`, which tokio-postgres sets to UTF8, was set to something else.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use chunkwire::Writer;
/// use chunkwire_postgres::Native;
/// use tokio_postgres::types::Type;
///
/// let mut json = BytesMut::new();
/// let text = Native::of(&Type::TEXT).unwrap();
/// let error = text.write(Some(b"caf\xe9"), &mut Writer::new(&mut json)).unwrap_err();
/// assert_eq!(error.to_string(), "the text is not UTF-8");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed(pub(super) &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

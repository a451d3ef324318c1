//! Values that are bound to the parameters of a statement.

use std::error::Error;

use bytes::{Bytes, BytesMut};
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

/// A value of any type, as text or as the bytes that PostgreSQL sent.
///
/// A text is read by PostgreSQL, which refuses what is no value of the type. The part of a key goes back as the binary
/// bytes that came.
///
/// # Examples
///
/// ```no_run
/// use chunkwire_postgres::Value;
/// use tokio_postgres::{Client, Error, types::Type};
///
/// async fn tomorrow(client: &Client, day: &str) -> Result<String, Error> {
///     let day = Value::Text(day.to_owned());
///     let row = client.query_typed("SELECT ($1 + 1)::text", &[(&day, Type::DATE)]).await?;
///     row[0].try_get(0)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// The text of a value.
    Text(String),
    /// The bytes of a value in PostgreSQL's binary format.
    Binary(Bytes),
}

impl ToSql for Value {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Text(text) => out.extend_from_slice(text.as_bytes()),
            Self::Binary(bytes) => out.extend_from_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self {
            Self::Text(_) => Format::Text,
            Self::Null | Self::Binary(_) => Format::Binary,
        }
    }

    to_sql_checked!();
}

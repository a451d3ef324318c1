//! Values as they came.

use std::error::Error;

use tokio_postgres::types::{FromSql, Type};

/// The bytes of a value of any type.
pub(crate) struct RawColumn<'a>(pub(crate) &'a [u8]);

impl<'a> FromSql<'a> for RawColumn<'a> {
    #[inline]
    fn from_sql(_: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(bytes))
    }

    #[inline]
    fn accepts(_: &Type) -> bool {
        true
    }
}

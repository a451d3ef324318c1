//! Values as they came.

use std::error::Error;

use tokio_postgres::types::{FromSql, Type};

/// The bytes of a value of any type, and the type's number.
pub(crate) struct RawColumn<'a> {
    pub(crate) oid: u32,
    pub(crate) bytes: &'a [u8],
}

impl<'a> FromSql<'a> for RawColumn<'a> {
    #[inline]
    fn from_sql(ty: &Type, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self { oid: ty.oid(), bytes })
    }

    #[inline]
    fn accepts(_: &Type) -> bool {
        true
    }
}

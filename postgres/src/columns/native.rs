//! Types whose binary form is encoded here.

use chunkwire::Writer;
use tokio_postgres::types::{Kind, Type};

use super::array::array;
use super::malformed::Malformed;
use super::scalar::Scalar;

/// How values of a type are encoded from PostgreSQL's binary format.
///
/// [`Columns`](crate::Columns) does this for the rows of tokio-postgres. By itself it is for values that another client
/// has received in that format.
///
/// # Examples
///
/// ```
/// use bytes::BytesMut;
/// use chunkwire::Writer;
/// use chunkwire_postgres::Native;
/// use tokio_postgres::types::Type;
///
/// let date = Native::of(&Type::DATE).unwrap();
/// let mut json = BytesMut::new();
/// let mut out = Writer::new(&mut json);
/// date.write(Some(&9496_i32.to_be_bytes()), &mut out)?;
/// out.raw(",");
/// date.write(None, &mut out)?;
/// drop(out);
/// assert_eq!(json, "\"2025-12-31\",null");
///
/// assert!(Native::of(&Type::INTERVAL).is_none());
/// # Ok::<(), chunkwire_postgres::Malformed>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Native {
    scalar: Scalar,
    is_array: bool,
}

impl Native {
    /// Returns how values of a type are encoded, or `None` if PostgreSQL has to write them: as [`Tier`](crate::Tier)
    /// says.
    pub fn of(ty: &Type) -> Option<Self> {
        match ty.kind() {
            // Others with elements, such as int2vector, are no arrays to `to_json`.
            Kind::Array(element) if ty.name().starts_with('_') => Self::array_of(element),
            Kind::Domain(base) => Self::of(base),
            _ => Scalar::of(ty).map(|scalar| Self { scalar, is_array: false }),
        }
    }

    fn array_of(element: &Type) -> Option<Self> {
        Scalar::of(element).map(|scalar| Self { scalar, is_array: true })
    }

    /// Writes a value as JSON, or `null` for NULL.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not in the format of the type. What was written before is no JSON then.
    #[inline]
    pub fn write(self, value: Option<&[u8]>, out: &mut Writer<'_>) -> Result<(), Malformed> {
        match value {
            None => out.raw("null"),
            Some(value) if self.is_array => array(self.scalar, value, out)?,
            Some(value) => self.scalar.write(value, out)?,
        }
        Ok(())
    }
}

//! Types that are no arrays.

use chunkwire::{Encode, Writer};
use tokio_postgres::types::{Kind, Type};

use super::datetime::{Zone, date, time, timestamp};
use super::input::exactly;
use super::malformed::Malformed;
use super::numeric::numeric;
use super::text::{bytea, char, json, jsonb, text, uuid};

/// How a value's binary form is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Scalar {
    Bool,
    Int2,
    Int4,
    Int8,
    /// A number without sign, of which `to_json` makes a string.
    Oid,
    Float4,
    Float8,
    Numeric,
    Text,
    Char,
    Json,
    Jsonb,
    Uuid,
    Bytea,
    Date,
    Time,
    Timestamp,
    Timestamptz,
}

impl Scalar {
    pub(super) fn of(ty: &Type) -> Option<Self> {
        match ty.kind() {
            Kind::Enum(_) => return Some(Self::Text),
            Kind::Domain(base) => return Self::of(base),
            _ => {}
        }
        Some(match *ty {
            Type::BOOL => Self::Bool,
            Type::INT2 => Self::Int2,
            Type::INT4 => Self::Int4,
            Type::INT8 => Self::Int8,
            Type::OID | Type::XID => Self::Oid,
            Type::FLOAT4 => Self::Float4,
            Type::FLOAT8 => Self::Float8,
            Type::NUMERIC => Self::Numeric,
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::XML | Type::VOID => Self::Text,
            Type::CHAR => Self::Char,
            Type::JSON => Self::Json,
            Type::JSONB => Self::Jsonb,
            Type::UUID => Self::Uuid,
            Type::BYTEA => Self::Bytea,
            Type::DATE => Self::Date,
            Type::TIME => Self::Time,
            Type::TIMESTAMP => Self::Timestamp,
            Type::TIMESTAMPTZ => Self::Timestamptz,
            _ => return None,
        })
    }

    #[inline]
    pub(super) fn write(self, bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
        self.how()(bytes, out)
    }

    /// Returns what writes its values: a function for each, so that none saves registers for another.
    #[inline]
    fn how(self) -> fn(&[u8], &mut Writer<'_>) -> Result<(), Malformed> {
        match self {
            Self::Bool => bool,
            Self::Int2 => |bytes, out| exactly(bytes).map(|bytes| out.signed(i16::from_be_bytes(bytes).into())),
            Self::Int4 => |bytes, out| exactly(bytes).map(|bytes| out.signed(i32::from_be_bytes(bytes).into())),
            Self::Int8 => |bytes, out| exactly(bytes).map(|bytes| out.signed(i64::from_be_bytes(bytes))),
            Self::Oid => oid,
            Self::Float4 => |bytes, out| exactly(bytes).map(|bytes| float(f32::from_be_bytes(bytes), out)),
            Self::Float8 => |bytes, out| exactly(bytes).map(|bytes| float(f64::from_be_bytes(bytes), out)),
            Self::Numeric => numeric,
            Self::Text => text,
            Self::Char => |bytes, out| exactly(bytes).map(|bytes| char(u8::from_be_bytes(bytes), out)),
            Self::Json => json,
            Self::Jsonb => jsonb,
            Self::Uuid => |bytes, out| exactly(bytes).map(|bytes| uuid(bytes, out)),
            Self::Bytea => |bytes, out| {
                bytea(bytes, out);
                Ok(())
            },
            Self::Date => |bytes, out| exactly(bytes).map(|bytes| date(i32::from_be_bytes(bytes), out)),
            Self::Time => |bytes, out| time(i64::from_be_bytes(exactly(bytes)?), out),
            Self::Timestamp => {
                |bytes, out| exactly(bytes).map(|bytes| timestamp(i64::from_be_bytes(bytes), &Zone::NONE, out))
            }
            Self::Timestamptz => {
                |bytes, out| exactly(bytes).map(|bytes| timestamp(i64::from_be_bytes(bytes), &Zone::UTC, out))
            }
        }
    }
}

fn bool(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
    match exactly(bytes)? {
        [0] => out.raw("false"),
        [1] => out.raw("true"),
        _ => return Err(Malformed("the bool is neither 0 nor 1")),
    }
    Ok(())
}

fn oid(bytes: &[u8], out: &mut Writer<'_>) -> Result<(), Malformed> {
    out.raw("\"");
    out.unsigned(u32::from_be_bytes(exactly(bytes)?).into());
    out.raw("\"");
    Ok(())
}

fn float<F: Encode + Into<f64> + Copy>(float: F, out: &mut Writer<'_>) {
    if float.into().is_finite() { float.encode(out) } else { not_finite(float.into(), out) }
}

/// Writes what is no JSON number as a string, so that `null` keeps meaning NULL.
#[cold]
fn not_finite(float: f64, out: &mut Writer<'_>) {
    out.raw(if float.is_nan() {
        "\"NaN\""
    } else if float > 0.0 {
        "\"Infinity\""
    } else {
        "\"-Infinity\""
    });
}

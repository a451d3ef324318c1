//! How a statement has to ask for a column.

use tokio_postgres::types::{Kind, Type};

use super::native::Native;

/// How a `SELECT` has to ask for a column, so that its JSON is what `to_json` makes of it.
///
/// # Examples
///
/// ```
/// use chunkwire_postgres::Tier;
/// use tokio_postgres::types::Type;
///
/// assert_eq!(Tier::of(&Type::NUMERIC_ARRAY), Tier::Native);
/// assert_eq!(Tier::of(&Type::INTERVAL), Tier::Text);
/// assert_eq!(Tier::of(&Type::INTERVAL_ARRAY), Tier::ToJson);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tier {
    /// As it is: its binary form is encoded here.
    Native,
    /// As `column::text`, which becomes a string.
    Text,
    /// As `to_json(column)`.
    ToJson,
}

impl Tier {
    /// Returns how a column of a type is asked for.
    pub fn of(ty: &Type) -> Self {
        if Native::of(ty).is_some() {
            Self::Native
        } else if is_text(ty) {
            Self::Text
        } else {
            Self::ToJson
        }
    }
}

/// Types of which `to_json` makes a string by their output function.
fn is_text(ty: &Type) -> bool {
    match ty.kind() {
        Kind::Range(_) | Kind::Multirange(_) => true,
        Kind::Domain(base) => is_text(base),
        _ => matches!(
            *ty,
            Type::INTERVAL
                | Type::TIMETZ
                | Type::INET
                | Type::CIDR
                | Type::MACADDR
                | Type::MACADDR8
                | Type::BIT
                | Type::VARBIT
                | Type::MONEY
                | Type::POINT
                | Type::LSEG
                | Type::PATH
                | Type::BOX
                | Type::POLYGON
                | Type::LINE
                | Type::CIRCLE
                | Type::TS_VECTOR
                | Type::TSQUERY
                | Type::REGPROC
                | Type::REGPROCEDURE
                | Type::REGOPER
                | Type::REGOPERATOR
                | Type::REGCLASS
                | Type::REGTYPE
                | Type::REGCONFIG
                | Type::REGDICTIONARY
                | Type::REGNAMESPACE
                | Type::REGROLE
                | Type::REGCOLLATION
                | Type::PG_LSN
                | Type::TID
                | Type::JSONPATH
        ),
    }
}

//! How values are asked for: by types that are built in.
//!
//! The client of the database looks up any other type when rows of it come, by statements that it prepares on the same
//! connection. While the rows wait for their reader, the answer waits behind them for ever; and a pooler lends another
//! session to each transaction, where what was prepared is not to be found, or has a name that is taken.

use tokio_postgres::types::{Kind, Type};

use crate::columns::native::Native;
use crate::columns::tier::Tier;

/// Returns how a column of this name in `q` is asked for, so that its JSON is what `to_json` makes of it.
pub(super) fn as_column(name: &str, ty: &Type) -> String {
    match (Tier::of(ty), built_in(ty)) {
        (Tier::Native, None) => format!("q.{name}"),
        (Tier::Native, Some(other)) => format!("q.{name}::{other} AS {name}"),
        (Tier::Text, _) => format!("q.{name}::text AS {name}"),
        (Tier::ToJson, _) => format!("to_json(q.{name}) AS {name}"),
    }
}

/// Returns how a part of the key is asked for: as it is, or as text.
pub(super) fn as_key(column: &str, ty: &Type) -> String {
    if key_is_native(ty) { column.to_owned() } else { format!("{column}::text") }
}

/// Whether values of a key are asked for as they are: its type is built in, and what stands in a JSON string or number
/// of one is a text that PostgreSQL reads as the same value.
pub(super) fn key_is_native(ty: &Type) -> bool {
    let is_json = matches!(*ty, Type::JSON | Type::JSONB);
    is_built_in(ty) && Native::of(ty).is_some() && !is_json && !matches!(ty.kind(), Kind::Array(_))
}

/// Whether a type is the same in all databases, and known to the client.
fn is_built_in(ty: &Type) -> bool {
    Type::from_oid(ty.oid()).is_some()
}

/// Returns the type, as SQL names it, of which values are encoded alike, unless this one is built in.
fn built_in(ty: &Type) -> Option<String> {
    if is_built_in(ty) {
        return None;
    }
    let of = |inner| built_in(inner).unwrap_or_else(|| format!("pg_catalog.\"{}\"", inner.name()));
    match ty.kind() {
        Kind::Enum(_) => Some("text".to_owned()),
        Kind::Domain(base) => Some(of(base)),
        Kind::Array(element) => Some(format!("{}[]", of(element))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_types_are_asked_for_as_those_that_are_built_in() {
        let other = |name: &str, kind| Type::new(name.to_owned(), 70_000, kind, "public".to_owned());
        let mood = other("mood", Kind::Enum(vec!["sad".to_owned()]));
        let grade = other("grade", Kind::Domain(Type::INT4));
        let of_moods = other("_mood", Kind::Array(mood.clone()));
        let of_grades = other("_grade", Kind::Array(grade.clone()));
        for (ty, column, key) in [
            (Type::INT8, "q.a", "q.a"),
            (Type::INT8_ARRAY, "q.a", "q.a::text"),
            (Type::JSONB, "q.a", "q.a::text"),
            (Type::INTERVAL, "q.a::text AS a", "q.a::text"),
            (Type::INTERVAL_ARRAY, "to_json(q.a) AS a", "q.a::text"),
            (mood, "q.a::text AS a", "q.a::text"),
            (grade, "q.a::pg_catalog.\"int4\" AS a", "q.a::text"),
            (of_moods, "q.a::text[] AS a", "q.a::text"),
            (of_grades, "q.a::pg_catalog.\"int4\"[] AS a", "q.a::text"),
            (other("citext", Kind::Simple), "to_json(q.a) AS a", "q.a::text"),
        ] {
            assert_eq!((&*as_column("a", &ty), &*as_key("q.a", &ty)), (column, key), "{ty}");
        }
    }
}

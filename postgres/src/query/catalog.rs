//! What the catalogue of the database knows: relations, their keys, types.

use tokio_postgres::types::{Kind, Type};
use tokio_postgres::{Error, Transaction};

const RELATION: &str = "\
SELECT c.oid, format('%I.%I', n.nspname, c.relname), c.relkind::text, c.relkind = 'r' AND c.relhassubclass
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass($1)::oid";

const RELATIONS: &str = "\
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT')
ORDER BY 1 LIMIT 20";

const UNIQUE_KEYS: &str = "\
SELECT i.indisprimary, array(
    SELECT a.attname::text
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE k.place <= i.indnkeyatts
    ORDER BY k.place)
FROM pg_catalog.pg_index i
WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indisprimary DESC, 2";

const NULLABLE: &str = "\
SELECT attname::text FROM pg_catalog.pg_attribute
WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND NOT attnotnull";

const TYPE: &str = "\
SELECT t.oid, t.typname::text, n.nspname::text
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid = pg_catalog.to_regtype($1)::oid";

const QUOTED: &str = "\
SELECT array(SELECT quote_ident(name) FROM unnest($1) WITH ORDINALITY AS n (name, place) ORDER BY place)";

const TYPE_NAMES: &str = "\
SELECT array(SELECT format_type(oid, NULL) FROM unnest($1) WITH ORDINALITY AS t (oid, place) ORDER BY place)";

/// Those of tokio-postgres, by the names that it gives them.
const STATEMENTS: &str = "\
SELECT name FROM pg_catalog.pg_prepared_statements WHERE NOT from_sql AND name ~ '^s[0-9]+$'";

/// A table or a view.
#[derive(Debug)]
pub(super) struct Relation {
    pub(super) oid: u32,
    /// With its schema, quoted.
    pub(super) name: String,
    pub(super) kind: RelationKind,
    /// Whether it has rows of other tables, for which its keys don't hold.
    pub(super) has_heirs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RelationKind {
    Table,
    View,
    Other,
}

/// A key of which the table has each value once.
#[derive(Debug)]
pub(super) struct UniqueKey {
    pub(super) is_primary: bool,
    pub(super) columns: Vec<String>,
}

/// Returns the relation that has this name in SQL, with its schema or found by the search path.
pub(super) async fn relation(database: &Transaction<'_>, name: &str) -> Result<Option<Relation>, Error> {
    let rows = database.query_typed(RELATION, &[(&name, Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let kind = match row.try_get::<_, &str>(2)? {
        "r" | "p" => RelationKind::Table,
        "v" | "m" | "f" => RelationKind::View,
        _ => RelationKind::Other,
    };
    Ok(Some(Relation { oid: row.try_get(0)?, name: row.try_get(1)?, kind, has_heirs: row.try_get(3)? }))
}

/// Returns the names of relations that may be read, at most 20.
pub(super) async fn relations(database: &Transaction<'_>) -> Result<Vec<String>, Error> {
    database.query_typed(RELATIONS, &[]).await?.iter().map(|row| row.try_get(0)).collect()
}

/// Returns the unique keys of a table, the primary key first.
pub(super) async fn unique_keys(database: &Transaction<'_>, table: u32) -> Result<Vec<UniqueKey>, Error> {
    let rows = database.query_typed(UNIQUE_KEYS, &[(&table, Type::OID)]).await?;
    rows.iter().map(|row| Ok(UniqueKey { is_primary: row.try_get(0)?, columns: row.try_get(1)? })).collect()
}

/// Returns the columns of a table that may be NULL.
pub(super) async fn nullable(database: &Transaction<'_>, table: u32) -> Result<Vec<String>, Error> {
    let rows = database.query_typed(NULLABLE, &[(&table, Type::OID)]).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Returns the type that has this name in SQL.
///
/// Of a type that is not built in nothing but its number is looked up, which is all that a value as text needs.
pub(super) async fn type_named(database: &Transaction<'_>, name: &str) -> Result<Option<Type>, Error> {
    let rows = database.query_typed(TYPE, &[(&name, Type::TEXT)]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let oid = row.try_get(0)?;
    let (name, schema) = (row.try_get(1)?, row.try_get(2)?);
    Ok(Some(Type::from_oid(oid).unwrap_or_else(|| Type::new(name, oid, Kind::Simple, schema))))
}

/// Returns names of columns, quoted where SQL needs it.
pub(super) async fn quoted(database: &Transaction<'_>, names: &[String]) -> Result<Vec<String>, Error> {
    database.query_typed(QUOTED, &[(&names, Type::TEXT_ARRAY)]).await?[0].try_get(0)
}

/// Returns the names that types have in SQL.
pub(super) async fn type_names(database: &Transaction<'_>, types: &[Type]) -> Result<Vec<String>, Error> {
    let oids: Vec<u32> = types.iter().map(Type::oid).collect();
    database.query_typed(TYPE_NAMES, &[(&oids, Type::OID_ARRAY)]).await?[0].try_get(0)
}

/// Removes the statements that clients have left in the session.
pub(super) async fn remove_statements(database: &Transaction<'_>) -> Result<(), Error> {
    for row in database.query_typed(STATEMENTS, &[]).await? {
        database.batch_execute(&format!("DEALLOCATE {}", row.try_get::<_, &str>(0)?)).await?;
    }
    Ok(())
}

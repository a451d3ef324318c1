//! What the tests with a server share.
#![allow(dead_code, reason = "each test file uses a part")]

use bytes::BytesMut;
use chunkwire::{Record, Writer};
use chunkwire_postgres::Columns;
use chunkwire_test_support::postgres::Cluster;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_postgres::types::{IsNull, ToSql, Type};
use tokio_postgres::{Client, Row};

/// Returns a client of the cluster that a test program's tests share, in the session that `row_to_json` is compared in.
pub(crate) async fn client() -> Option<Client> {
    static CLUSTER: OnceCell<Option<Cluster>> = OnceCell::const_new();
    let client = CLUSTER.get_or_init(Cluster::start).await.as_ref()?.client().await;
    client.batch_execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET xmlbinary = 'hex'").await.unwrap();
    Some(client)
}

/// Returns a row as an object of an array.
pub(crate) fn json(columns: &Columns, row: &Row) -> String {
    let mut json = BytesMut::new();
    columns.record(row).write(&mut Writer::new(&mut json)).unwrap();
    String::from_utf8(json.to_vec()).unwrap()
}

/// Returns a row as a line.
pub(crate) fn line(columns: &Columns, row: &Row) -> String {
    let mut json = BytesMut::new();
    columns.record(row).write(&mut Writer::for_lines(&mut json)).unwrap();
    String::from_utf8(json.to_vec()).unwrap()
}

/// How alike the JSON has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Alike {
    Bytes,
    /// Numbers are the same `f64`.
    Float8,
    /// Numbers are the same `f32`: of its texts that read back as that, PostgreSQL does not always choose the shortest.
    Float4,
}

/// Compares a row whose last column is what `row_to_json` makes of the others.
pub(crate) fn same_as_row_to_json(row: &Row, alike: Alike) -> Result<(), String> {
    let columns = Columns::new(row.columns()).unwrap().first(row.len() - 1);
    let (json, line, expected) = (json(&columns, row), line(&columns, row), row.get::<_, &str>(row.len() - 1));
    let is_same = match alike {
        Alike::Bytes => json == expected,
        _ => equal(&parsed(&json)?, &parsed(expected)?, alike),
    };
    let has_line_break = line.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    if is_same && !has_line_break && equal(&parsed(&line)?, &parsed(expected)?, alike) {
        return Ok(());
    }
    Err(format!("PostgreSQL: {expected}\n  an array: {json}\n    a line: {line}"))
}

fn parsed(json: &str) -> Result<Value, String> {
    serde_json::from_str(json).map_err(|error| format!("{error}: {json}"))
}

fn equal(one: &Value, other: &Value, alike: Alike) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.to_string(), other.to_string());
            match alike {
                Alike::Bytes => one == other,
                Alike::Float8 => float::<f64>(&one).to_bits() == float::<f64>(&other).to_bits(),
                Alike::Float4 => float::<f32>(&one).to_bits() == float::<f32>(&other).to_bits(),
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other, alike))
        }
        (Value::Object(one), Value::Object(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(one, other)| one.0 == other.0 && equal(one.1, other.1, alike))
        }
        _ => one == other,
    }
}

fn float<F: std::str::FromStr<Err: std::fmt::Debug>>(number: &str) -> F {
    number.parse().unwrap()
}

/// A parameter of any type, in its binary format.
#[derive(Debug)]
pub(crate) struct Binary(pub(crate) Vec<u8>);

impl ToSql for Binary {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// Returns the binary format of an array, whose dimensions have a length and a first subscript each.
pub(crate) fn array(element: &Type, dimensions: &[(i32, i32)], elements: &[Option<Vec<u8>>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut put = |number: i32| bytes.extend_from_slice(&number.to_be_bytes());
    put(dimensions.len() as i32);
    put(elements.contains(&None).into());
    put(element.oid() as i32);
    for &(len, first) in dimensions {
        put(len);
        put(first);
    }
    for element in elements {
        match element {
            Some(element) => {
                bytes.extend_from_slice(&(element.len() as i32).to_be_bytes());
                bytes.extend_from_slice(element);
            }
            None => bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }
    bytes
}

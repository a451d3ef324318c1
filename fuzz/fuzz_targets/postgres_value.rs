//! Any bytes as a value of PostgreSQL's binary format: a byte for the type, then the value.
//!
//! They are JSON or an error, the same in an array and in lines, and no line break is in the latter.
#![no_main]

use bytes::BytesMut;
use chunkwire::Writer;
use chunkwire_postgres::{Malformed, Native};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokio_postgres::types::Type;

/// JSON is passed on as it is, so that it is JSON only if it was.
const JSON: [Type; 4] = [Type::JSON, Type::JSONB, Type::JSON_ARRAY, Type::JSONB_ARRAY];

const OTHERS: [Type; 28] = [
    Type::BOOL,
    Type::INT2,
    Type::INT4,
    Type::INT8,
    Type::OID,
    Type::FLOAT4,
    Type::FLOAT8,
    Type::NUMERIC,
    Type::TEXT,
    Type::CHAR,
    Type::UUID,
    Type::BYTEA,
    Type::DATE,
    Type::TIME,
    Type::TIMESTAMP,
    Type::TIMESTAMPTZ,
    Type::BOOL_ARRAY,
    Type::INT2_ARRAY,
    Type::OID_ARRAY,
    Type::FLOAT8_ARRAY,
    Type::NUMERIC_ARRAY,
    Type::TEXT_ARRAY,
    Type::CHAR_ARRAY,
    Type::UUID_ARRAY,
    Type::BYTEA_ARRAY,
    Type::DATE_ARRAY,
    Type::TIME_ARRAY,
    Type::TIMESTAMPTZ_ARRAY,
];

fuzz_target!(|data: &[u8]| {
    let Some((&kind, value)) = data.split_first() else { return };
    let kind = usize::from(kind) % (JSON.len() + OTHERS.len());
    let ty = JSON.iter().chain(&OTHERS).nth(kind).expect("one of so many");
    let array = written(ty, value, false);
    let line = written(ty, value, true);
    let (Ok(array), Ok(line)) = (&array, &line) else { return assert_eq!(array, line) };

    assert!(!line.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']), "{line}");
    match serde_json::from_str::<Value>(array) {
        Ok(array) => assert_eq!(serde_json::from_str::<Value>(line).ok(), Some(array), "{line}"),
        Err(error) => assert!(kind < JSON.len(), "{ty}: {error}: {array}"),
    }
});

fn written(ty: &Type, value: &[u8], as_line: bool) -> Result<String, Malformed> {
    let mut json = BytesMut::new();
    let mut out = if as_line { Writer::for_lines(&mut json) } else { Writer::new(&mut json) };
    Native::of(ty).expect("a native type").write(Some(value), &mut out)?;
    drop(out);
    Ok(String::from_utf8(json.to_vec()).expect("JSON is UTF-8"))
}

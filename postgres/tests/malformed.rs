//! Bytes that are no value of their type: an error, whatever they are, and never a panic.

use bytes::BytesMut;
use chunkwire::Writer;
use chunkwire_postgres::Native;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio_postgres::types::Type;

const TYPES: &[Type] = &[
    Type::BOOL,
    Type::INT2,
    Type::INT4,
    Type::INT8,
    Type::OID,
    Type::XID,
    Type::FLOAT4,
    Type::FLOAT8,
    Type::NUMERIC,
    Type::TEXT,
    Type::VARCHAR,
    Type::BPCHAR,
    Type::NAME,
    Type::CHAR,
    Type::XML,
    Type::VOID,
    Type::JSON,
    Type::JSONB,
    Type::UUID,
    Type::BYTEA,
    Type::DATE,
    Type::TIME,
    Type::TIMESTAMP,
    Type::TIMESTAMPTZ,
    Type::BOOL_ARRAY,
    Type::INT4_ARRAY,
    Type::NUMERIC_ARRAY,
    Type::TEXT_ARRAY,
    Type::CHAR_ARRAY,
    Type::UUID_ARRAY,
    Type::TIMESTAMPTZ_ARRAY,
];

fn written(ty: &Type, bytes: &[u8]) -> Result<String, String> {
    let mut json = BytesMut::new();
    Native::of(ty).unwrap().write(Some(bytes), &mut Writer::new(&mut json)).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(json.to_vec()).unwrap())
}

#[track_caller]
fn refused(ty: &Type, bytes: &[u8], why: &str) {
    assert_eq!(written(ty, bytes), Err(why.to_owned()), "{ty} {bytes:?}");
}

const SHORT: &str = "the value is shorter than it says or than its type is";
const LONG: &str = "the value is longer than it says or than its type is";

#[test]
fn types_of_one_length_have_no_other() {
    for (ty, len) in [
        (Type::BOOL, 1),
        (Type::CHAR, 1),
        (Type::INT2, 2),
        (Type::INT4, 4),
        (Type::OID, 4),
        (Type::XID, 4),
        (Type::FLOAT4, 4),
        (Type::DATE, 4),
        (Type::INT8, 8),
        (Type::FLOAT8, 8),
        (Type::TIME, 8),
        (Type::TIMESTAMP, 8),
        (Type::TIMESTAMPTZ, 8),
        (Type::UUID, 16),
    ] {
        assert!(written(&ty, &vec![0; len]).is_ok());
        for shorter in 0..len {
            refused(&ty, &vec![0; shorter], SHORT);
        }
        refused(&ty, &vec![0; len + 1], LONG);
        refused(&ty, &vec![0; 1000], LONG);
    }
}

#[test]
fn values_that_are_none() {
    refused(&Type::BOOL, &[2], "the bool is neither 0 nor 1");
    refused(&Type::JSONB, &[], "the jsonb is not of version 1");
    refused(&Type::JSONB, b"\x02{}", "the jsonb is not of version 1");
    for time in [-1, 86_400_000_001, i64::MIN, i64::MAX] {
        refused(&Type::TIME, &time.to_be_bytes(), "the time is not within a day");
    }
}

#[test]
fn text_that_is_not_utf8() {
    for ty in [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::XML, Type::JSON] {
        for bytes in [&b"\xe9"[..], b"caf\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"abc\x80def"] {
            refused(&ty, bytes, "the text is not UTF-8");
        }
    }
    refused(&Type::JSONB, b"\x01\"\xff\"", "the text is not UTF-8");
    let array = array(&[1], &[(4, b"ok\xe9!")]);
    refused(&Type::TEXT_ARRAY, &array, "the text is not UTF-8");
}

fn numeric(count: u16, weight: i16, sign: u16, behind_point: u16, groups: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in [count, weight as u16, sign, behind_point].iter().chain(groups) {
        bytes.extend_from_slice(&field.to_be_bytes());
    }
    bytes
}

#[test]
fn numbers() {
    let whole = numeric(2, 0, 0, 2, &[12, 3400]);
    assert_eq!(written(&Type::NUMERIC, &whole).unwrap(), "12.34");
    for len in 0..8 {
        refused(&Type::NUMERIC, &whole[..len], SHORT);
    }
    for len in 8..12 {
        refused(&Type::NUMERIC, &whole[..len], "the number has more or fewer digits than it says");
    }
    for bytes in [numeric(0, 0, 0, 0, &[1]), numeric(3, 0, 0, 0, &[1, 2]), numeric(0xFFFF, 0, 0, 0, &[1])] {
        refused(&Type::NUMERIC, &bytes, "the number has more or fewer digits than it says");
    }
    for bytes in [numeric(1, 0, 0, 0, &[10_000]), numeric(2, 0, 0, 0, &[1, 0xFFFF]), numeric(0, 0, 0, 0x4000, &[])] {
        refused(&Type::NUMERIC, &bytes, "the number has digits that are none");
    }
    for sign in [1, 0x8000, 0xE000, 0xFFFF] {
        refused(&Type::NUMERIC, &numeric(0, 0, sign, 0, &[]), "the number has a sign that is none");
    }
    // Zeros at the front, which PostgreSQL does not send, are none in JSON either.
    assert_eq!(written(&Type::NUMERIC, &numeric(3, 2, 0, 0, &[0, 0, 7])).unwrap(), "7");
    assert_eq!(written(&Type::NUMERIC, &numeric(3, 2, 0, 0, &[0, 7, 0])).unwrap(), "70000");
    assert_eq!(written(&Type::NUMERIC, &numeric(1, 0, 0, 0, &[0])).unwrap(), "0");
    assert_eq!(written(&Type::NUMERIC, &numeric(0, i16::MIN, 0, 0x3FFF, &[])).unwrap().len(), 2 + 0x3FFF);
    assert_eq!(written(&Type::NUMERIC, &numeric(1, i16::MAX, 0, 0, &[9])).unwrap().len(), 4 * 0x7FFF + 1);
}

fn array(dimensions: &[i32], elements: &[(i32, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&(dimensions.len() as i32).to_be_bytes());
    bytes.extend_from_slice(&[0; 8]);
    for len in dimensions {
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(&1_i32.to_be_bytes());
    }
    for (len, element) in elements {
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(element);
    }
    bytes
}

#[test]
fn arrays() {
    let element = (1, &[1][..]);
    let whole = array(&[2, 1], &[element, (-1, &[])]);
    assert_eq!(written(&Type::BOOL_ARRAY, &whole).unwrap(), "[[true],[null]]");
    for len in 0..whole.len() {
        refused(&Type::BOOL_ARRAY, &whole[..len], SHORT);
    }
    refused(&Type::BOOL_ARRAY, &[&whole[..], &[0]].concat(), LONG);
    refused(&Type::BOOL_ARRAY, &array(&[1], &[element, element]), LONG);
    refused(&Type::BOOL_ARRAY, &array(&[2], &[element]), SHORT);
    refused(&Type::BOOL_ARRAY, &array(&[i32::MAX; 6], &[]), SHORT);
    refused(&Type::BOOL_ARRAY, &array(&[1; 7], &[element]), "the array has more than 6 dimensions");
    refused(&Type::BOOL_ARRAY, &[&[0xFF; 4][..], &[0; 8]].concat(), "the array has more than 6 dimensions");
    for len in [0, -1, i32::MIN] {
        // Else few bytes could ask for any number of empty arrays.
        refused(&Type::BOOL_ARRAY, &array(&[i32::MAX, len], &[]), "a dimension of the array has no elements");
    }
    refused(&Type::BOOL_ARRAY, &array(&[1], &[(-2, &[])]), "a length is negative");
    refused(&Type::BOOL_ARRAY, &array(&[1], &[(i32::MAX, &[1])]), SHORT);
    refused(&Type::BOOL_ARRAY, &array(&[1], &[(0, &[])]), SHORT);
    refused(&Type::BOOL_ARRAY, &array(&[1], &[(2, &[1, 1])]), LONG);
}

proptest! {
    #[test]
    fn any_bytes_are_json_or_an_error(bytes in vec(any::<u8>(), 0..64)) {
        for ty in TYPES.iter().filter(|ty| !matches!(**ty, Type::JSON | Type::JSONB)) {
            if let Ok(json) = written(ty, &bytes) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{} {}", ty, json);
            }
        }
    }

    #[test]
    fn any_json_text_is_no_panic(bytes in vec(any::<u8>(), 0..64)) {
        for ty in [Type::JSON, Type::JSONB, Type::JSON_ARRAY, Type::JSONB_ARRAY] {
            let _ = written(&ty, &bytes);
        }
    }

    /// Bytes that are nearly an array or a number, which chance alone does not make.
    #[test]
    fn nearly_right_bytes_are_json_or_an_error(
        dimensions in vec(-1..4, 0..8),
        elements in vec((-2..12, vec(any::<u8>(), 0..12)), 0..10),
        number in (0..5_u16, -3..4_i16, prop::sample::select(vec![0, 0x4000, 0xC000, 0xD000, 0xF000, 7]), 0..20_u16),
        groups in vec(0..10_010_u16, 0..5),
    ) {
        let elements: Vec<_> = elements.iter().map(|(len, element)| (*len, &element[..])).collect();
        let array = array(&dimensions, &elements);
        let number = numeric(number.0, number.1, number.2, number.3, &groups);
        for (ty, bytes) in [(Type::NUMERIC, &number), (Type::BYTEA_ARRAY, &array), (Type::INT8_ARRAY, &array)] {
            if let Ok(json) = written(&ty, bytes) {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{} {}", ty, json);
            }
        }
    }
}

use chunkwire_test_support::tree::encoded;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Number, Value, json};

use super::{check, check_is};

#[test]
fn forms() {
    let value = json!({ "a": [1, -2, 0.5, null, true], "б\"": { "c": "\u{2028}", "d": {} }, "e": [] });
    check(&value);
    check(value.as_object().unwrap());
    check(&vec![Some(value), None]);
    let raw: &RawValue = serde_json::from_str("{\"b\" : 1e5,\"a\":[ ]}").unwrap();
    check_is(raw, "{\"b\" : 1e5,\"a\":[ ]}");
    check(&raw.to_owned());
}

/// What it holds may have line breaks; lines have none.
#[test]
fn raw_values_are_safe_in_lines() {
    let raw: &RawValue = serde_json::from_str("{\n\"a\":\r\n\"\u{2028}\"}").unwrap();
    assert_eq!(encoded(raw, false), raw.get());
    assert_eq!(encoded(raw, true), "{ \"a\":  \"\\u2028\"}");
}

/// Here its feature `arbitrary_precision` is on, which keeps a number as it was read.
#[test]
fn numbers_keep_their_digits() {
    for number in ["0", "-0", "18446744073709551616", "-9223372036854775808", "0.10", "-1.5e-300", "1e+999"] {
        check_is(&serde_json::from_str::<Number>(number).unwrap(), number);
    }
    for number in [Number::from(u64::MAX), Number::from(i64::MIN), Number::from_f64(1e16).unwrap()] {
        check(&number);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(".*", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value(value in any_json()) {
        check(&value);
    }
}

//! Promise: what serde_json fails at, or writes as what is not JSON, is an error, and the error says where it is.

use std::collections::{BTreeMap, HashMap};

use chunkwire::{Envelope, Format, JsonBody, Serde};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use chunkwire_test_support::data_model::{TOKENS, Value, serialized};
use chunkwire_test_support::tree::Tree;

/// Checks that `value` has no JSON here, in either format, and returns the reason.
#[track_caller]
fn reason(value: &(impl Serialize + ?Sized)) -> String {
    let reasons = [false, true].map(|for_lines| serialized(value, for_lines).expect_err("no JSON").to_string());
    assert_eq!(reasons[0], reasons[1]);
    let [reason, _] = reasons;
    reason
}

/// Checks that both this crate and serde_json fail, and that ours says `expected`.
#[track_caller]
fn check(value: &(impl Serialize + ?Sized), expected: &str) {
    let reason = reason(value);
    assert!(reason.contains(expected), "{reason:?} does not say {expected:?}");
    assert!(serde_json::to_string(value).is_err(), "serde_json takes it");
}

/// A value that is not ready to be serialized.
#[derive(Clone, Copy)]
struct Fails;

impl Serialize for Fails {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("the lock is poisoned"))
    }
}

mod tokens {
    use super::*;

    #[derive(Serialize)]
    #[serde(tag = "type")]
    enum Event {
        Payload(Box<RawValue>),
        /// With serde_json's `arbitrary_precision`, a number is a struct too.
        Metric(serde_json::Value),
    }

    fn payload() -> Event {
        Event::Payload(RawValue::from_string(r#"{"x":1}"#.to_owned()).unwrap())
    }

    #[test]
    fn a_raw_value_or_a_number_beside_a_tag_is_an_error() {
        check(&payload(), "has also the field `type`");
        check(&Event::Metric(3.into()), "has also the field `type`");
        check(&[payload()], "at []: a struct named `$serde_json::private::RawValue` has also the field `type`");
    }

    #[test]
    fn only_the_field_of_the_same_name_makes_it_json() {
        let text = || Some(Value::Tree(Tree::Text("1".to_owned())));
        for (token, other) in [(TOKENS[0], TOKENS[1]), (TOKENS[1], TOKENS[0])] {
            for name in ["", "value", other] {
                check(&Value::Struct(token, vec![(name, text())]), &format!("has also the field `{name}`"));
                check(
                    &Value::Struct(token, vec![(token, text()), (name, text())]),
                    &format!("also the field `{name}`"),
                );
                check(
                    &Value::Struct(token, vec![(name, text()), (token, text())]),
                    &format!("also the field `{name}`"),
                );
            }
            assert_eq!(serialized(&Value::Struct(token, vec![(token, text())]), false).unwrap(), "1");
            assert_eq!(serialized(&Value::Struct(token, vec![("x", None), (token, text())]), false).unwrap(), "1");
            let names_nothing = Value::StructVariant(token, vec![("x", text())]);
            assert_eq!(serialized(&names_nothing, false).unwrap(), format!("{{\"{token}\":{{\"x\":\"1\"}}}}"));
        }
    }

    /// serde_json writes nothing for the first, and both texts for the second.
    #[test]
    fn no_field_and_two_of_them_are_an_error_too() {
        let text = || Some(Value::Tree(Tree::Text("1".to_owned())));
        for token in TOKENS {
            let none = reason(&Value::Struct(token, vec![(token, None)]));
            assert!(none.contains("has no field;"), "{none}");
            let two = reason(&Value::Struct(token, vec![(token, text()), (token, text())]));
            assert!(two.contains(&format!("has also the field `{token}`")), "{two}");
        }
    }

    #[test]
    fn a_field_that_is_not_text_is_an_error() {
        for token in TOKENS {
            for value in [
                Value::Tree(Tree::Bool(true)),
                Value::Tree(Tree::U8(1)),
                Value::Tree(Tree::I128(1)),
                Value::Tree(Tree::F64(0.5)),
                Value::Tree(Tree::Char('1')),
                Value::Tree(Tree::Unit),
                Value::Tree(Tree::Option(None)),
                Value::Bytes(vec![b'1']),
                Value::Some(Box::new(Value::Tree(Tree::Text("1".to_owned())))),
                Value::UnitStruct("1"),
                Value::UnitVariant("1"),
                Value::Newtype("a", Box::new(Value::Tree(Tree::Text("1".to_owned())))),
                Value::NewtypeVariant("a", Box::new(Value::Tree(Tree::Unit))),
                Value::Seq(vec![]),
                Value::Tuple(vec![]),
                Value::TupleStruct("a", vec![]),
                Value::TupleVariant("a", vec![]),
                Value::Map(vec![]),
                Value::Struct("a", vec![]),
                Value::Struct(token, vec![(token, Some(Value::Tree(Tree::Text("1".to_owned()))))]),
                Value::StructVariant("a", vec![]),
            ] {
                check(&Value::Struct(token, vec![(token, Some(value))]), "is not text; allowed is only a string");
            }
            let formatted = Value::Pieces(vec!["[1,".to_owned(), "2]".to_owned()]);
            assert_eq!(serialized(&Value::Struct(token, vec![(token, Some(formatted))]), false).unwrap(), "[1,2]");
        }
    }

    #[tokio::test]
    async fn no_part_of_it_is_sent() {
        for format in [Format::Array, Format::Lines] {
            let mut body = JsonBody::new(format, [Serde(payload())]);
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap().len(), 1, "what nothing closes");
            let error = body.frame().await.unwrap().unwrap_err();
            assert!(
                std::error::Error::source(&error).unwrap().to_string().contains("has also the field `type`"),
                "{error}"
            );
            assert!(JsonBody::new(format, [Serde(payload())]).ready().await.is_err());
        }
        let envelope = Envelope::new("rows").before("event", Serde(payload()));
        assert!(JsonBody::new(envelope, [1]).ready().await.is_err());
        let envelope = Envelope::new("rows").after(|_, fields| fields.field("event", Serde(payload())));
        let mut body = JsonBody::new(envelope, [1]);
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), r#"{"rows":[1"#);
        assert!(body.frame().await.unwrap().is_err());
    }
}

mod maps {
    use super::*;

    /// Calls the methods of a map one by one: `k` for a key, `v` for a value, `e` for an entry.
    struct Calls(&'static str);

    impl Serialize for Calls {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            for call in self.0.bytes() {
                match call {
                    b'k' => map.serialize_key("k")?,
                    b'v' => map.serialize_value(&1)?,
                    _ => map.serialize_entry("e", &2)?,
                }
            }
            map.end()
        }
    }

    /// serde_json writes what is not JSON.
    #[test]
    fn keys_and_values_have_to_come_in_turn() {
        assert_eq!(serialized(&Calls("kvekv"), false).unwrap(), r#"{"k":1,"e":2,"k":1}"#);
        for (calls, expected) in [
            ("v", "a map value came without a key"),
            ("kvv", "a map value came without a key"),
            ("ev", "a map value came without a key"),
            ("kk", "a map key came before the value of the key before it"),
            ("ke", "a map key came before the value of the key before it"),
            ("k", "a map ended after a key without a value"),
            ("kvek", "a map ended after a key without a value"),
        ] {
            assert_eq!(reason(&Calls(calls)), expected, "{calls}");
            assert_eq!(reason(&[Calls(calls)]), format!("at []: {expected}"), "{calls}");
        }
    }

    /// With an announced length of 0, serde_json closes the array before its elements: `[],1]`.
    #[test]
    fn a_length_that_is_announced_wrong_is_passed_over() {
        struct Empty;
        impl Serialize for Empty {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(0))?;
                map.serialize_entry("a", &1)?;
                map.end()
            }
        }
        struct Sequence;
        impl Serialize for Sequence {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut seq = serializer.serialize_seq(Some(0))?;
                seq.serialize_element(&Empty)?;
                seq.end()
            }
        }
        struct Struct;
        impl Serialize for Struct {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_struct("Struct", 0)?;
                fields.serialize_field("seq", &Sequence)?;
                fields.end()
            }
        }
        assert_eq!(serialized(&Struct, false).unwrap(), r#"{"seq":[{"a":1}]}"#);
        assert_eq!(serde_json::to_string(&Struct).unwrap(), r#"{},"seq":[],{},"a":1}]}"#);
    }
}

mod paths {
    use super::*;

    #[derive(Serialize)]
    struct Field<T> {
        inner: T,
    }

    #[derive(Serialize)]
    enum Shape<T> {
        Newtype(T),
        Tuple(u8, T),
        Struct { side: T },
    }

    #[derive(Serialize)]
    struct Flat<T> {
        id: u8,
        #[serde(flatten)]
        rest: T,
    }

    #[test]
    fn an_error_names_the_fields_that_lead_to_it() {
        let poisoned = "the lock is poisoned";
        check(&Fails, poisoned);
        assert_eq!(reason(&Fails), poisoned);
        assert_eq!(reason(&Some(Fails)), poisoned);
        for (reason, path) in [
            (reason(&Field { inner: Fails }), "inner"),
            (reason(&Field { inner: Field { inner: Fails } }), "inner.inner"),
            (reason(&vec![Fails]), "[]"),
            (reason(&(1, (2, Fails))), "[][]"),
            (reason(&Field { inner: [Field { inner: Fails }] }), "inner[].inner"),
            (reason(&Shape::Newtype(Fails)), "Newtype"),
            (reason(&Shape::Tuple(1, Fails)), "Tuple[]"),
            (reason(&Shape::Struct { side: [Fails] }), "Struct.side[]"),
            (reason(&Flat { id: 1, rest: Field { inner: Fails } }), "inner"),
            (reason(&Flat { id: 1, rest: BTreeMap::from([("a", [Fails])]) }), "a[]"),
            (reason(&BTreeMap::from([("a", Ok(1)), ("b", Err(Fails))])), "b.Err"),
            (reason(&HashMap::from([(7, Field { inner: Fails })])), "7.inner"),
            (reason(&HashMap::from([("a \"key\"", Fails)])), r#"a \"key\""#),
            (reason(&BTreeMap::from([("", Fails)])), ""),
        ] {
            let expected = if path.is_empty() { poisoned.to_owned() } else { format!("at {path}: {poisoned}") };
            assert_eq!(reason, expected);
        }
        check(&Field { inner: HashMap::from([((1, 2), 3)]) }, "at inner: a map key was a tuple");
    }
}

mod in_a_body {
    use std::error::Error as _;

    use super::*;

    /// Returns what ends a body, and why.
    async fn end(body: JsonBody<impl futures_core::Stream<Item: chunkwire::Record>>) -> (String, String) {
        let error = body.collect().await.expect_err("it fails");
        (error.to_string(), error.source().expect("a cause").to_string())
    }

    #[tokio::test]
    async fn an_error_says_how_many_records_came_before_and_which_field_failed() {
        let rows = |good: usize| (0..=good).map(move |row| Serde(if row < good { Ok([row]) } else { Err([Fails]) }));
        for (good, text) in [(0, ""), (1, " after 1 record"), (2, " after 2 records"), (9999, " after 9999 records")] {
            for format in [Format::Array, Format::Lines] {
                let (error, cause) = end(JsonBody::new(format, rows(good))).await;
                assert_eq!(error, format!("the source of the records failed{text}"));
                assert_eq!(cause, "at Err[]: the lock is poisoned");
            }
        }
        let before = Envelope::new("rows").before("meta", Serde([Fails]));
        let expected = ("the field `meta` failed".to_owned(), "at []: the lock is poisoned".to_owned());
        assert_eq!(end(JsonBody::new(before, [1])).await, expected);
        let after = Envelope::new("rows").after(|_, fields| fields.field("count", Err::<u8, _>("no count")));
        let expected = ("the field `count` failed after 2 records".to_owned(), "no count".to_owned());
        assert_eq!(end(JsonBody::new(after, [1, 2])).await, expected);
    }
}

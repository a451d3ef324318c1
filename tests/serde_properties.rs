//! Promise: any serde value is written as serde_json writes it, and fails if serde_json fails. Each shape is tested in
//! `serde.rs`.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use chunkwire::serialize;
use chunkwire::{Encode, Format, JsonBody, Serde, Writer};
use http_body::Body;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;

use chunkwire_test_support::canary::encoded_in;
use chunkwire_test_support::data_model::{NAMES, Name, StructFields, Value, check_value, in_lines};
use chunkwire_test_support::tree::{Tree, line_safe, reference};

fn any_name() -> impl Strategy<Value = Name> + Clone {
    select(&NAMES[..])
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "[\\x00-\\x7f]{0,80}",
        "[\u{80}-\u{9f}\u{2020}-\u{2030}\"\\\\a-c]{0,40}",
        any::<String>()
    ]
}

fn any_leaf() -> impl Strategy<Value = Value> {
    let tree = prop_oneof![
        Just(Tree::Unit),
        Just(Tree::Option(None)),
        any::<bool>().prop_map(Tree::Bool),
        any::<u8>().prop_map(Tree::U8),
        any::<u16>().prop_map(Tree::U16),
        any::<u32>().prop_map(Tree::U32),
        any::<u64>().prop_map(Tree::U64),
        any::<u128>().prop_map(Tree::U128),
        any::<i8>().prop_map(Tree::I8),
        any::<i16>().prop_map(Tree::I16),
        any::<i32>().prop_map(Tree::I32),
        any::<i64>().prop_map(Tree::I64),
        any::<i128>().prop_map(Tree::I128),
        any::<u32>().prop_map(|bits| Tree::F32(f32::from_bits(bits))),
        any::<u64>().prop_map(|bits| Tree::F64(f64::from_bits(bits))),
        select(&[f64::NAN, f64::INFINITY, -f64::INFINITY][..]).prop_map(Tree::F64),
        any::<char>().prop_map(Tree::Char),
        any_text().prop_map(Tree::Text),
    ];
    prop_oneof![
        12 => tree.prop_map(Value::Tree),
        1 => vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
        2 => vec(any_text(), 0..4).prop_map(Value::Pieces),
        1 => any_name().prop_map(Value::UnitStruct),
        2 => any_name().prop_map(Value::UnitVariant),
    ]
}

/// Keys that JSON allows, so that most maps can be written.
fn any_key() -> impl Strategy<Value = Value> {
    let leaf = any_leaf().prop_filter("a key of JSON", |key| {
        Value::Map(vec![(key.clone(), Value::Tree(Tree::Unit))]).expected().is_some()
    });
    leaf.prop_recursive(2, 2, 1, |key| {
        prop_oneof![
            key.clone().prop_map(|key| Value::Some(Box::new(key))),
            (any_name(), key).prop_map(|(name, key)| Value::Newtype(name, Box::new(key))),
        ]
    })
}

fn any_value(failures: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![200 => any_leaf(), failures => Just(Value::Fails)];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        let values = vec(inner.clone(), 0..6);
        let fields = vec((any_name(), proptest::option::weighted(0.8, inner.clone())), 0..6).boxed();
        let entries = vec((any_key(), inner.clone()), 0..6);
        let odd_entries = vec((inner.clone(), inner.clone()), 0..3);
        let named = |make: fn(Name, Box<Value>) -> Value| {
            (any_name(), inner.clone()).prop_map(move |(name, value)| make(name, Box::new(value)))
        };
        let named_values = |make: fn(Name, Vec<Value>) -> Value| {
            (any_name(), values.clone()).prop_map(move |(name, values)| make(name, values))
        };
        let named_fields = |make: fn(Name, StructFields) -> Value| {
            (any_name(), fields.clone()).prop_map(move |(name, fields)| make(name, fields))
        };
        prop_oneof![
            20 => inner.clone().prop_map(|value| Value::Some(Box::new(value))),
            20 => named(Value::Newtype),
            20 => named(Value::NewtypeVariant),
            20 => values.clone().prop_map(Value::Seq),
            20 => values.clone().prop_map(Value::Tuple),
            20 => named_values(Value::TupleStruct),
            20 => named_values(Value::TupleVariant),
            20 => entries.prop_map(Value::Map),
            failures => odd_entries.prop_map(Value::Map),
            20 => named_fields(Value::Struct),
            20 => named_fields(Value::StructVariant),
        ]
    })
}

/// Everything that a derive can make of an enum, nested.
#[derive(Clone, Debug, Serialize)]
enum External {
    Unit,
    #[serde(rename = "new \"type\"\n")]
    Newtype(Box<Internal>),
    Tuple(u64, Option<Box<Adjacent>>, String),
    Struct {
        flat: Flat,
        bytes: Vec<u8>,
        r#else: Option<Box<External>>,
    },
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Internal {
    Unit,
    MapOfText(BTreeMap<String, Untagged>),
    Struct {
        #[serde(rename = "a/\\b")]
        text: String,
        more: Vec<Internal>,
    },
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "tag", content = "con\ttent")]
enum Adjacent {
    Unit,
    Newtype(Untagged),
    Tuple(f32, i128),
    Struct { value: Internal },
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Untagged {
    Unit,
    Integer(i64),
    Text(String),
    Pair(char, bool),
    Struct { nested: Option<Option<f64>> },
}

#[derive(Clone, Debug, Serialize)]
struct Flat {
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Untagged>,
    #[serde(flatten)]
    tagged: Option<Internal>,
    #[serde(skip)]
    _never: u8,
    last: (),
}

fn any_untagged() -> impl Strategy<Value = Untagged> + Clone {
    prop_oneof![
        Just(Untagged::Unit),
        any::<i64>().prop_map(Untagged::Integer),
        "\\PC{0,20}".prop_map(Untagged::Text),
        any::<(char, bool)>().prop_map(|(text, flag)| Untagged::Pair(text, flag)),
        any::<Option<Option<f64>>>().prop_map(|nested| Untagged::Struct { nested }),
    ]
}

fn any_internal() -> impl Strategy<Value = Internal> + Clone {
    let map = proptest::collection::btree_map(any::<String>(), any_untagged(), 0..4);
    prop_oneof![Just(Internal::Unit), map.prop_map(Internal::MapOfText)].prop_recursive(3, 12, 3, |inner| {
        (any::<String>(), vec(inner, 0..3)).prop_map(|(text, more)| Internal::Struct { text, more })
    })
}

fn any_adjacent() -> impl Strategy<Value = Adjacent> + Clone {
    prop_oneof![
        Just(Adjacent::Unit),
        any_untagged().prop_map(Adjacent::Newtype),
        any::<(f32, i128)>().prop_map(|(float, integer)| Adjacent::Tuple(float, integer)),
        any_internal().prop_map(|value| Adjacent::Struct { value }),
    ]
}

fn any_flat() -> impl Strategy<Value = Flat> + Clone {
    let rest = proptest::collection::btree_map("\\PC{0,9}", any_untagged(), 0..4);
    (any::<Option<String>>(), rest, proptest::option::of(any_internal())).prop_map(|(note, rest, tagged)| Flat {
        note,
        rest,
        tagged,
        _never: 1,
        last: (),
    })
}

fn any_external() -> impl Strategy<Value = External> {
    let leaf = prop_oneof![
        Just(External::Unit),
        any_internal().prop_map(|value| External::Newtype(Box::new(value))),
        (any::<u64>(), proptest::option::of(any_adjacent().prop_map(Box::new)), any::<String>())
            .prop_map(|(number, value, text)| External::Tuple(number, value, text)),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        (any_flat(), vec(any::<u8>(), 0..9), proptest::option::of(inner.prop_map(Box::new)))
            .prop_map(|(flat, bytes, r#else)| External::Struct { flat, bytes, r#else })
    })
}

/// A serde value for code that takes only `Encode`.
struct Encoded<'a, T>(&'a T);

impl<T: Serialize> Encode for Encoded<'_, T> {
    fn encode(&self, out: &mut Writer<'_>) {
        serialize(self.0, out).expect("a value that JSON knows");
    }
}

#[test]
fn no_name_is_written_beyond_the_end_of_a_buffer() {
    for name in NAMES {
        let fields = vec![(name, Some(Value::UnitVariant(name))), (name, None), (name, Some(Value::Tuple(vec![])))];
        for value in [
            Value::Struct("", fields.clone()),
            Value::StructVariant(name, fields),
            Value::TupleVariant(name, vec![Value::UnitStruct(name)]),
            Value::Map(vec![(Value::UnitVariant(name), Value::Seq(vec![]))]),
        ] {
            let expected = reference(&value);
            for capacity in 0..300usize {
                for filled in [0, capacity / 2, capacity] {
                    assert_eq!(encoded_in(capacity, filled, &Encoded(&value), false), expected.as_bytes());
                    assert_eq!(encoded_in(capacity, filled, &Encoded(&value), true), line_safe(&expected).as_bytes());
                }
            }
        }
    }
}

/// Returns what a body sends, and whether it ends with an error.
fn sent<T: Serialize>(format: Format, records: &[T]) -> (String, bool) {
    let mut body = pin!(JsonBody::new(format, records.iter().map(Serde)));
    let mut bytes = Vec::new();
    loop {
        match body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) => bytes.extend(frame.into_data().expect("there are no trailers")),
            Poll::Ready(end) => return (String::from_utf8(bytes).expect("a body is UTF-8"), end.is_some()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_what_serde_json_makes_of_it(value in any_value(1)) {
        value.check();
    }

    #[test]
    fn any_map_key_is_one_where_serde_json_takes_it(key in any_value(20)) {
        Value::Map(vec![(key, Value::Tree(Tree::Unit))]).check();
    }

    #[test]
    fn any_derived_type_is_what_serde_json_makes_of_it(value in any_external()) {
        check_value(&value);
    }

    #[test]
    fn any_flattened_struct_is_what_serde_json_makes_of_it(value in any_flat()) {
        check_value(&value);
    }

    #[test]
    fn any_body_is_whole_records_up_to_the_first_that_fails(values in vec(any_value(10), 0..8)) {
        let whole: Vec<_> = values.iter().map_while(Value::expected).collect();
        let fails = whole.len() < values.len();
        let (array, array_failed) = sent(Format::Array, &values);
        let (lines, lines_failed) = sent(Format::Lines, &values);
        prop_assert_eq!((array_failed, lines_failed), (fails, fails));
        prop_assert_eq!(array, format!("[{}{}", whole.join(","), if fails { "" } else { "]" }));
        let end = if fails { "{" } else { "" };
        prop_assert_eq!(lines, whole.iter().map(|json| in_lines(json) + "\n").collect::<String>() + end);
    }
}

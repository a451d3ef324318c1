//! Promise: any `Serialize` type is a record, and its JSON is serde_json's, byte for byte, for every shape that serde
//! has. What JSON can't represent ends the body, with the reason, and nothing of that record is sent.
//!
//! Arbitrary values are in `serde_properties.rs`.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV6};
use std::num::NonZeroU8;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chunkwire::{CHUNK_SIZE, Format, JsonBody, Record, Serde};
use http_body::Body;
use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use chunkwire_test_support::data_model::{NAMES, TOKENS, Value, check_value, serialized};
use chunkwire_test_support::tree::{Tree, reference};

/// Checks that both this crate and serde_json write `value` as `expected`.
#[track_caller]
fn check(value: &(impl Serialize + ?Sized), expected: &str) {
    assert_eq!(serialized(value, false).unwrap(), expected);
    assert_eq!(serde_json::to_string(value).unwrap(), expected, "serde_json thinks otherwise");
    check_value(value);
}

mod shapes {
    use super::*;

    #[derive(Serialize)]
    struct Unit;

    #[derive(Serialize)]
    struct Newtype<T>(T);

    #[derive(Serialize)]
    struct Two<T>(T, T);

    #[derive(Serialize)]
    struct Named<T> {
        first: T,
        second: T,
    }

    #[derive(Serialize)]
    struct Empty {}

    #[derive(Serialize)]
    struct NoFields();

    #[derive(Serialize)]
    enum External {
        Unit,
        Newtype(u8),
        Tuple(u8, u8),
        Struct {
            a: u8,
            b: u8,
        },
        NoFields(),
        Empty {},
        #[serde(rename = "re\"named\u{2028}")]
        Renamed(Unit),
    }

    #[derive(Serialize)]
    #[serde(tag = "t")]
    enum Internal {
        Unit,
        Newtype(Named<u8>),
        Map(BTreeMap<u8, u8>),
        Struct { a: u8 },
        Nested(Inner),
    }

    #[derive(Serialize)]
    #[serde(tag = "u")]
    enum Inner {
        Unit,
        Struct { b: u8 },
    }

    #[derive(Serialize)]
    #[serde(tag = "t", content = "c")]
    enum Adjacent {
        Unit,
        Newtype(u8),
        Tuple(u8, u8),
        Struct { a: u8 },
    }

    #[derive(Serialize)]
    #[serde(untagged)]
    enum Untagged {
        Unit,
        Newtype(u8),
        Tuple(u8, u8),
        Struct { a: u8 },
    }

    #[test]
    fn scalars() {
        check(&(true, false, 'x', '"', '\u{1f980}', "text"), "[true,false,\"x\",\"\\\"\",\"🦀\",\"text\"]");
        check(&(u8::MAX, i8::MIN, u16::MAX, i16::MIN), "[255,-128,65535,-32768]");
        check(&(u32::MAX, i32::MIN), "[4294967295,-2147483648]");
        check(&(u64::MAX, i64::MIN), "[18446744073709551615,-9223372036854775808]");
        check(&u128::MAX, "340282366920938463463374607431768211455");
        check(&i128::MIN, "-170141183460469231731687303715884105728");
        check(&(0.5f32, -0.25, 97.5f64), "[0.5,-0.25,97.5]");
        check(&(f32::NAN, f32::INFINITY, f64::NAN, f64::NEG_INFINITY), "[null,null,null,null]");
        assert_eq!(serialized(&[1e16, 1e-7], false).unwrap(), "[1e16,1e-7]", "the text of floats is ryu's");
    }

    #[test]
    fn options_and_units() {
        check(&(), "null");
        check(&Unit, "null");
        check(&PhantomData::<u8>, "null");
        check(&(None::<u8>, Some(1), Some(None::<u8>), Some(Some(2))), "[null,1,null,2]");
        check(&Some(()), "null");
    }

    #[test]
    fn structs_and_tuples() {
        check(&Newtype(Newtype("x")), "\"x\"");
        check(&Two(1, 2), "[1,2]");
        check(&Two(Two(1, 2), Two(3, 4)), "[[1,2],[3,4]]");
        check(&Named { first: 1, second: 2 }, r#"{"first":1,"second":2}"#);
        check(&Named { first: Empty {}, second: Empty {} }, r#"{"first":{},"second":{}}"#);
        check(&(NoFields(), [0u8; 0], [(); 2]), "[[],[],[null,null]]");
    }

    #[test]
    fn sequences_and_maps() {
        check(&Vec::<u8>::new(), "[]");
        check(&vec![vec![], vec![vec![0]], vec![vec![], vec![]]], "[[],[[0]],[[],[]]]");
        check(&BTreeMap::<u8, u8>::new(), "{}");
        let nested = BTreeMap::from([("a", BTreeMap::new()), ("b", BTreeMap::from([("c", 1)]))]);
        check(&nested, r#"{"a":{},"b":{"c":1}}"#);
    }

    #[test]
    fn externally_tagged_enums() {
        use External::{Empty, Newtype, NoFields, Renamed, Struct, Tuple, Unit};
        check(&[Unit, Newtype(1), Tuple(1, 2)], r#"["Unit",{"Newtype":1},{"Tuple":[1,2]}]"#);
        check(
            &[Struct { a: 1, b: 2 }, NoFields(), Empty {}],
            r#"[{"Struct":{"a":1,"b":2}},{"NoFields":[]},{"Empty":{}}]"#,
        );
        check(&Renamed(super::shapes::Unit), "{\"re\\\"named\u{2028}\":null}");
    }

    #[test]
    fn internally_tagged_enums() {
        use Internal::{Map, Nested, Newtype, Struct, Unit};
        check(&[Unit, Struct { a: 1 }], r#"[{"t":"Unit"},{"t":"Struct","a":1}]"#);
        check(&Newtype(Named { first: 1, second: 2 }), r#"{"t":"Newtype","first":1,"second":2}"#);
        check(&[Map(BTreeMap::from([(1, 2)])), Map(BTreeMap::new())], r#"[{"t":"Map","1":2},{"t":"Map"}]"#);
        check(&Nested(Inner::Unit), r#"{"t":"Nested","u":"Unit"}"#);
        check(&Nested(Inner::Struct { b: 2 }), r#"{"t":"Nested","u":"Struct","b":2}"#);
    }

    #[test]
    fn adjacently_tagged_enums() {
        use Adjacent::{Newtype, Struct, Tuple, Unit};
        check(&[Unit, Newtype(1)], r#"[{"t":"Unit"},{"t":"Newtype","c":1}]"#);
        check(&[Tuple(1, 2), Struct { a: 1 }], r#"[{"t":"Tuple","c":[1,2]},{"t":"Struct","c":{"a":1}}]"#);
    }

    #[test]
    fn untagged_enums() {
        use Untagged::{Newtype, Struct, Tuple, Unit};
        check(&[Unit, Newtype(1), Tuple(1, 2), Struct { a: 1 }], r#"[null,1,[1,2],{"a":1}]"#);
    }

    #[test]
    fn fields_that_are_flattened_skipped_or_renamed() {
        #[derive(Serialize)]
        struct Row {
            #[serde(skip_serializing_if = "Option::is_none")]
            first: Option<u8>,
            #[serde(skip)]
            #[allow(dead_code, reason = "it is there to be left out")]
            never: u8,
            #[serde(rename = "a \"b\" \\ \n \u{85}")]
            renamed: u8,
            #[serde(flatten)]
            inner: Named<u8>,
            #[serde(flatten)]
            rest: BTreeMap<&'static str, Adjacent>,
            #[serde(flatten)]
            variant: Option<External>,
            #[serde(serialize_with = "as_text")]
            last: u8,
        }
        fn as_text<S: Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("<{value}>"))
        }
        let row = |first, rest, variant| Row {
            first,
            never: 1,
            renamed: 2,
            inner: Named { first: 3, second: 4 },
            rest,
            variant,
            last: 5,
        };
        check(
            &row(None, BTreeMap::new(), None),
            "{\"a \\\"b\\\" \\\\ \\n \u{85}\":2,\"first\":3,\"second\":4,\"last\":\"<5>\"}",
        );
        check(
            &row(Some(1), BTreeMap::from([("x\ty", Adjacent::Unit)]), Some(External::Tuple(6, 7))),
            "{\"first\":1,\"a \\\"b\\\" \\\\ \\n \u{85}\":2,\"first\":3,\"second\":4,\
             \"x\\ty\":{\"t\":\"Unit\"},\"Tuple\":[6,7],\"last\":\"<5>\"}",
        );

        #[derive(Serialize)]
        struct AllSkipped {
            #[serde(skip_serializing_if = "Option::is_none")]
            only: Option<u8>,
        }
        check(&[AllSkipped { only: None }, AllSkipped { only: Some(1) }], r#"[{},{"only":1}]"#);
    }

    #[test]
    fn transparent_and_converted_types() {
        #[derive(Serialize)]
        #[serde(transparent)]
        struct Transparent {
            value: Newtype<u8>,
        }
        #[derive(Clone, Serialize)]
        #[serde(into = "String")]
        struct Converted(char);
        impl From<Converted> for String {
            fn from(converted: Converted) -> Self {
                converted.0.into()
            }
        }
        check(&(Transparent { value: Newtype(1) }, Converted('\u{1}')), r#"[1,"\u0001"]"#);
    }

    #[test]
    fn types_of_the_standard_library() {
        check(&Duration::new(1, 2), r#"{"secs":1,"nanos":2}"#);
        check(&(1..3), r#"{"start":1,"end":3}"#);
        check(&IpAddr::V4(Ipv4Addr::LOCALHOST), r#""127.0.0.1""#);
        check(&"[::1]:80".parse::<SocketAddrV6>().unwrap(), r#""[::1]:80""#);
        check(&(Path::new("/a\"b"), NonZeroU8::MAX), r#"["/a\"b",255]"#);
        check(&[Ok(1), Err("no")], r#"[{"Ok":1},{"Err":"no"}]"#);
    }

    #[test]
    fn bytes_are_an_array_of_numbers() {
        let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
        check(&(bytes(b""), bytes(b"\0\x09\x0a\x63\x64\xff")), "[[],[0,9,10,99,100,255]]");
    }

    #[test]
    fn text_that_is_formatted_is_escaped_piece_by_piece() {
        check(&format_args!("{}\"{:?}\"{}", "plain", "a\nb", '\u{2028}'), "\"plain\\\"\\\"a\\\\nb\\\"\\\"\u{2028}\"");
        check(&format_args!(""), r#""""#);
    }

    #[test]
    fn lengths_that_are_announced_wrong_do_not_matter() {
        struct Liar(Option<usize>);
        impl Serialize for Liar {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut seq = serializer.serialize_seq(self.0)?;
                seq.serialize_element(&1)?;
                seq.serialize_element(&2)?;
                seq.end()
            }
        }
        for announced in [None, Some(0), Some(1), Some(2), Some(9)] {
            assert_eq!(serialized(&Liar(announced), false).unwrap(), "[1,2]");
        }
    }

    #[test]
    fn names_of_every_length_and_with_everything_to_escape() {
        for name in NAMES.into_iter().filter(|name| !TOKENS.contains(name)) {
            let json = serde_json::to_string(name).unwrap();
            let field = vec![(name, Some(Value::UnitVariant(name))), (name, Some(Value::UnitStruct(name)))];
            check(&Value::Struct(name, field.clone()), &format!("{{{json}:{json},{json}:null}}"));
            check(&Value::StructVariant(name, field), &format!("{{{json}:{{{json}:{json},{json}:null}}}}"));
            check(&Value::TupleVariant(name, vec![]), &format!("{{{json}:[]}}"));
            check(&Value::NewtypeVariant(name, Box::new(Value::Seq(vec![]))), &format!("{{{json}:[]}}"));
        }
        for length in 0..100 {
            let text = "abcdefghij".repeat(10)[..length].to_owned();
            for position in 0..length {
                for special in ["\"", "\\", "\n", "\u{1f}", "\u{7f}", "\u{85}", "\u{2028}", "é"] {
                    let mut name = text.clone();
                    name.replace_range(position..=position, special);
                    let name: &'static str = name.leak();
                    check_value(&Value::Struct("", vec![(name, Some(Value::Tuple(vec![])))]));
                }
            }
        }
    }
}

/// A map with one key of any kind.
#[derive(Clone, Copy)]
struct Keyed<K>(K);

impl<K: Serialize> Serialize for Keyed<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(&self.0, &1)?;
        map.end()
    }
}

#[derive(Serialize)]
enum Variant {
    #[serde(rename = "un\"it")]
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct {
        a: u8,
    },
}

#[derive(Serialize)]
struct NewtypeOf<T>(T);

#[derive(Serialize)]
struct UnitStruct;

#[derive(Serialize)]
struct TupleStruct(u8, u8);

#[derive(Serialize)]
struct Struct {
    a: u8,
}

/// A `Display` that fails after its first piece.
struct FailsToFormat;

impl fmt::Display for FailsToFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        Err(fmt::Error)
    }
}

/// A value that serializes as text with its `Display`.
struct Displayed<T>(T);

impl<T: fmt::Display> Serialize for Displayed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A value that is not ready to be serialized.
struct Fails;

impl Serialize for Fails {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("the lock is poisoned"))
    }
}

mod keys {
    use super::*;

    #[test]
    fn integers_and_booleans_are_quoted() {
        check(&BTreeMap::from([(false, 0), (true, 1)]), r#"{"false":0,"true":1}"#);
        check(&BTreeMap::from([(i8::MIN, 1), (0, 2), (i8::MAX, 3)]), r#"{"-128":1,"0":2,"127":3}"#);
        check(&Keyed(u8::MAX), r#"{"255":1}"#);
        check(&Keyed(i16::MIN), r#"{"-32768":1}"#);
        check(&Keyed(u16::MAX), r#"{"65535":1}"#);
        check(&Keyed(i32::MIN), r#"{"-2147483648":1}"#);
        check(&Keyed(u32::MAX), r#"{"4294967295":1}"#);
        check(&Keyed(i64::MIN), r#"{"-9223372036854775808":1}"#);
        check(&Keyed(u64::MAX), r#"{"18446744073709551615":1}"#);
        check(&Keyed(i128::MIN), r#"{"-170141183460469231731687303715884105728":1}"#);
        check(&Keyed(u128::MAX), r#"{"340282366920938463463374607431768211455":1}"#);
    }

    #[test]
    fn floats_are_quoted() {
        check(&Keyed(0.1f32), r#"{"0.1":1}"#);
        check(&Keyed(-12.75), r#"{"-12.75":1}"#);
        check(&Keyed(-0.0), r#"{"-0.0":1}"#);
    }

    /// A client looks a key up by its text, so that `1e16` would be another key than serde_json's `1e+16`.
    #[test]
    fn floats_have_the_text_that_serde_json_gives_them() {
        check(&Keyed(1e16), r#"{"1e+16":1}"#);
        check(&Keyed(-1.5e300), r#"{"-1.5e+300":1}"#);
        check(&Keyed(1e16f32), r#"{"1e+16":1}"#);
        check(&Keyed(1e-7), r#"{"1e-7":1}"#);
        for bits in std::iter::successors(Some(0_u64), |bits| bits.checked_add(0x0001_2345_6789_ABCD)) {
            let (double, single) = (f64::from_bits(bits), f32::from_bits((bits >> 32) as u32));
            check_value(&Keyed(double));
            check_value(&Keyed(single));
        }
        for exponent in -330..310 {
            for digits in [1, 9, 12, 123_456_789] {
                let float: f64 = format!("{digits}e{exponent}").parse().unwrap();
                for float in [float, float.next_down(), float.next_up()].into_iter().filter(|float| float.is_finite()) {
                    check(&Keyed(float), &serde_json::to_string(&Keyed(float)).unwrap());
                    let single = float as f32;
                    if single.is_finite() {
                        check(&Keyed(single), &serde_json::to_string(&Keyed(single)).unwrap());
                    }
                }
            }
        }
    }

    #[test]
    fn text_is_escaped() {
        check(&BTreeMap::from([('"', 1), ('x', 2), ('\u{2029}', 3)]), "{\"\\\"\":1,\"x\":2,\"\u{2029}\":3}");
        check(&Keyed("a\"b"), r#"{"a\"b":1}"#);
        check(&Keyed(Displayed("a\nb")), r#"{"a\nb":1}"#);
        check(&Keyed(Variant::Unit), r#"{"un\"it":1}"#);
        check(&Keyed(IpAddr::V4(Ipv4Addr::LOCALHOST)), r#"{"127.0.0.1":1}"#);
    }

    #[test]
    fn wrapped_keys_are_what_they_wrap() {
        check(&Keyed(NewtypeOf(NewtypeOf(7))), r#"{"7":1}"#);
        check(&Keyed(Some(Some("x"))), r#"{"x":1}"#);
        check(&Keyed(NewtypeOf(Some('c'))), r#"{"c":1}"#);
    }
}

mod raw_values {
    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn stand_as_they_are() {
        check(&raw("{ \"a\" : [1 , 2.50e+3],\t\"b\":\"\\u0041\" }"), "{ \"a\" : [1 , 2.50e+3],\t\"b\":\"\\u0041\" }");
        check(&vec![raw("1"), raw("null"), raw("\"x\"")], r#"[1,null,"x"]"#);
        check(&BTreeMap::from([("k", raw("[ ]"))]), r#"{"k":[ ]}"#);
    }

    #[test]
    fn are_made_safe_for_lines() {
        let json = "{\n  \"a\": [1,\r\n2],\"b\u{2028}\": \"\u{85}x\u{2029}\u{2027}\\n\"\n}";
        assert_eq!(serialized(&raw(json), false).unwrap(), json);
        let in_lines = serialized(&raw(json), true).unwrap();
        assert_eq!(in_lines, "{   \"a\": [1,  2],\"b\\u2028\": \"\\u0085x\\u2029\u{2027}\\n\" }");
        let parse = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(parse(&in_lines), parse(json));
    }

    #[test]
    fn numbers_of_arbitrary_precision_are_their_digits() {
        let json = "[1e+400,-0.10,123456789012345678901234567890123456789012345]";
        let numbers: Vec<serde_json::Number> = serde_json::from_str(json).unwrap();
        check(&numbers, json);
    }
}

mod in_a_body {
    use super::*;

    /// Returns what a body sends, and why it ended early.
    fn read<R: Record>(format: Format, records: impl IntoIterator<Item = R>) -> (String, Option<String>) {
        let mut body = pin!(JsonBody::new(format, records));
        let mut sent = Vec::new();
        let failure = loop {
            match body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => {}
                Poll::Ready(Some(Ok(frame))) => sent.extend(frame.into_data().expect("there are no trailers")),
                Poll::Ready(Some(Err(error))) => break Some(error.source().expect("a cause").to_string()),
                Poll::Ready(None) => break None,
            }
        };
        assert!(matches!(body.poll_frame(&mut Context::from_waker(Waker::noop())), Poll::Ready(None)));
        (String::from_utf8(sent).expect("a body is UTF-8"), failure)
    }

    #[derive(Clone, Copy, Serialize)]
    #[serde(untagged)]
    enum Row<T> {
        Good(u8),
        /// The value fails after the text before it is written.
        Bad {
            before: &'static str,
            value: T,
        },
    }

    /// Checks that a row that fails ends the body, with `reason`, wherever it comes and whatever was sent before.
    #[track_caller]
    fn check_failure<T: Serialize + Copy>(value: T, reason: &str) {
        let error = serialized(&value, false).expect_err("no JSON").to_string();
        assert!(error.contains(reason), "{error:?} does not say {reason:?}");

        for long in ["", "half of a record ", &"x".repeat(3 * CHUNK_SIZE)] {
            let before: &'static str = long.to_owned().leak();
            for good in [0, 2, 10_000u32] {
                let rows = || (0..good).map(|_| Row::Good(7)).chain([Row::Bad { before, value }, Row::Good(8)]);
                let numbers = vec!["7"; good as usize];
                let array = format!("[{}", numbers.join(","));
                let lines = numbers.iter().map(|number| format!("{number}\n")).collect::<String>() + "{";
                for (format, expected) in [(Format::Array, array), (Format::Lines, lines)] {
                    let expected = (expected, Some(format!("at value: {error}")));
                    assert!(read(format, rows().map(Serde)) == expected, "{format:?} with {good} before");
                    assert!(read(format, rows().map(|row| Ok::<_, io::Error>(Serde(row)))) == expected);
                }
            }
        }
    }

    /// Checks the same for a map whose key is `key`, for which serde_json must fail too.
    #[track_caller]
    fn check_key<K: Serialize + Copy>(key: K, kind: &str) {
        let reason = &format!("a map key was {kind}; allowed are");
        assert!(serde_json::to_string(&Keyed(key)).is_err(), "serde_json takes it");
        check_failure(Keyed(key), reason);
        check_failure(Keyed(&Some(key)), reason);
        check_failure(Keyed(&NewtypeOf(key)), reason);
    }

    #[test]
    fn whole_records_are_sent() {
        let rows = || [Row::Good(1), Row::Bad { before: "a\u{2028}b", value: Some('\u{85}') }];
        let array = "[1,{\"before\":\"a\u{2028}b\",\"value\":\"\u{85}\"}]";
        let lines = "1\n{\"before\":\"a\\u2028b\",\"value\":\"\\u0085\"}\n";
        assert_eq!(read(Format::Array, rows().map(Serde)), (array.to_owned(), None));
        assert_eq!(read(Format::Lines, rows().map(Serde)), (lines.to_owned(), None));
        assert_eq!(read(Format::Array, rows().map(|row| Ok::<_, io::Error>(Serde(row)))), (array.to_owned(), None));
        assert_eq!(reference(&rows()), array);
    }

    #[test]
    fn a_source_that_fails_is_the_cause() {
        let rows = [Ok(Serde(Row::Good(1))), Err(io::Error::other("disk on fire")), Ok(Serde(Row::<()>::Good(2)))];
        assert_eq!(read(Format::Array, rows), ("[1".to_owned(), Some("disk on fire".to_owned())));
    }

    #[test]
    fn lines_stay_lines() {
        let text = "a\u{85}b\u{2028}c\u{2029}d\ne\rf";
        let value = || {
            let raw = RawValue::from_string("[1,\n\"\u{2028}\"\r\n]".to_owned()).unwrap();
            (
                Keyed(text),
                Displayed(text),
                Value::NewtypeVariant(NAMES[22], Box::new(Value::Tree(Tree::Char('\u{85}')))),
                raw,
            )
        };
        let (sent, failure) = read(Format::Lines, [Serde(value()), Serde(value())]);
        assert_eq!(failure, None);
        assert_eq!(sent.matches(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']).count(), 2, "{sent}");
        for line in sent.lines() {
            let parse = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
            assert_eq!(parse(line), parse(&reference(&value())));
        }
    }

    #[test]
    fn a_value_that_fails_ends_it_with_its_reason() {
        check_failure(&Fails, "the lock is poisoned");
        check_failure(Keyed(&Fails), "the lock is poisoned");
        check_failure(&Some(Fails), "the lock is poisoned");
    }

    #[test]
    fn a_display_that_fails_ends_it() {
        check_failure(&Displayed(FailsToFormat), "could not be formatted");
        check_failure(Keyed(&Displayed(FailsToFormat)), "could not be formatted");
    }

    #[test]
    fn a_key_that_json_does_not_know_ends_it() {
        check_key(&Value::Bytes(vec![1]), "bytes");
        check_key(None::<u8>, "none");
        check_key((), "a unit");
        check_key(&UnitStruct, "a unit struct");
        check_key(&Variant::Newtype(1), "a newtype variant");
        check_key(&Variant::Tuple(1, 2), "a tuple variant");
        check_key(&Variant::Struct { a: 1 }, "a struct variant");
        check_key(&[1][..], "a sequence");
        check_key((1, 2), "a tuple");
        check_key(&TupleStruct(1, 2), "a tuple struct");
        check_key(&BTreeMap::from([(1, 2)]), "a map");
        check_key(&Struct { a: 1 }, "a struct");
        for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            check_key(float, "a float that is not finite");
            check_key(float as f32, "a float that is not finite");
        }
    }

    #[test]
    fn what_is_allowed_as_a_key_is_said() {
        let error = serialized(&Keyed(()), false).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a map key was a unit; allowed are strings, characters, numbers, booleans and unit variants"
        );
    }
}

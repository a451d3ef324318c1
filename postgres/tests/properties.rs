//! Values by chance, sent and received in the binary format, against `row_to_json` of a real server.

mod common;

use std::sync::LazyLock;

use common::{Alike, Binary, array, client, same_as_row_to_json};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// How many values a statement has, all as elements of one parameter.
const BATCH: usize = 256;
/// How many statements there are of each kind.
const BATCHES: u32 = 24;

type Bytes = Vec<u8>;

/// A client, and what drives its connection.
static SERVER: LazyLock<Option<(Runtime, Client)>> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let client = runtime.block_on(client())?;
    Some((runtime, client))
});

fn check<S: Strategy>(strategy: S, batches: u32, test: impl Fn(&Client, S::Value) -> Result<(), String>)
where
    S::Value: std::fmt::Debug,
{
    let Some((_, client)) = &*SERVER else { return };
    let config = ProptestConfig { cases: batches, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&strategy, |value| test(client, value).map_err(TestCaseError::fail));
    if let Err(TestError::Fail(reason, value)) = result {
        panic!("{reason}\n{value:?}");
    }
    result.unwrap();
}

/// Sends values of a type, and compares each.
fn values(ty: &Type, alike: Alike, value: impl Strategy<Value = Bytes>) {
    check(vec(value, 1..BATCH), BATCHES, |client, values| {
        let elements: Vec<_> = values.into_iter().map(Some).collect();
        let all = Binary(array(ty, &[(elements.len() as i32, 1)], &elements));
        let name = if *ty == Type::CHAR { "\"char\"" } else { ty.name() };
        compare(client, &format!("SELECT unnest($1::{name}[]) AS v"), all, alike, elements.len())
    });
}

fn compare(client: &Client, sql: &str, parameter: Binary, alike: Alike, count: usize) -> Result<(), String> {
    let (runtime, _) = SERVER.as_ref().unwrap();
    let sql = format!("SELECT v, row_to_json(q)::text FROM ({sql}) q");
    let rows = runtime.block_on(client.query(&sql, &[&parameter])).map_err(|error| format!("{error:?}"))?;
    if rows.len() != count {
        return Err(format!("{} rows instead of {count}", rows.len()));
    }
    rows.iter().try_for_each(|row| same_as_row_to_json(row, alike))
}

/// Numbers of which the least and the greatest, and those near to them, are as likely as others.
fn between(least: i64, most: i64) -> impl Strategy<Value = i64> {
    prop_oneof![least..=most, -1_000_000..=1_000_000_i64, Just(least), Just(most), least..=least + 99, most - 99..=most]
}

#[test]
fn integers() {
    values(&Type::INT2, Alike::Bytes, any::<i16>().prop_map(|n| n.to_be_bytes().to_vec()));
    values(&Type::INT4, Alike::Bytes, any::<i32>().prop_map(|n| n.to_be_bytes().to_vec()));
    let any_length = (any::<i64>(), 0..64_u32).prop_map(|(n, shift)| (n >> shift).to_be_bytes().to_vec());
    values(&Type::INT8, Alike::Bytes, any_length);
    values(&Type::OID, Alike::Bytes, any::<u32>().prop_map(|n| n.to_be_bytes().to_vec()));
}

#[test]
fn floats() {
    let double = prop_oneof![
        any::<u64>(),
        any::<f64>().prop_map(f64::to_bits),
        any::<i32>().prop_map(|n| f64::from(n).to_bits())
    ];
    values(&Type::FLOAT8, Alike::Float8, double.prop_map(|bits| bits.to_be_bytes().to_vec()));
    let single = prop_oneof![any::<u32>(), any::<i16>().prop_map(|n| f32::from(n).to_bits())];
    values(&Type::FLOAT4, Alike::Float4, single.prop_map(|bits| bits.to_be_bytes().to_vec()));
}

#[test]
fn numbers_of_any_size() {
    let group = prop_oneof![4 => 0..10_000_u16, 1 => Just(0), 1 => Just(9999), 1 => (1..10_u16).prop_map(|n| n * 1000)];
    let weight = prop_oneof![20 => -12..12_i16, 1 => -4000..4000_i16];
    let scale = prop_oneof![20 => 0..40_u16, 1 => 0..0x4000_u16];
    let finite = (vec(group, 0..12), weight, any::<bool>(), scale).prop_map(|(groups, weight, is_negative, scale)| {
        let sign = if is_negative { 0x4000 } else { 0 };
        let head = [groups.len() as u16, weight as u16, sign, scale];
        head.iter().chain(&groups).flat_map(|field| field.to_be_bytes()).collect()
    });
    let others = prop::sample::select(vec![0xC0_u8, 0xD0, 0xF0]).prop_map(|sign| vec![0, 0, 0, 0, sign, 0, 0, 0]);
    values(&Type::NUMERIC, Alike::Bytes, prop_oneof![20 => finite, 1 => others]);
}

#[test]
fn dates() {
    // 4714-11-24 BC to 5874897-12-31, as days since 2000.
    let day =
        prop_oneof![20 => between(-2_451_545, 2_145_031_948), 1 => Just(i32::MAX.into()), 1 => Just(i32::MIN.into())];
    values(&Type::DATE, Alike::Bytes, day.prop_map(|day| (day as i32).to_be_bytes().to_vec()));
}

#[test]
fn times() {
    let microseconds = || {
        // From -4713-11-24 to 294276-12-31, in microseconds since 2000; many with few digits.
        let any = between(-211_813_488_000_000_000, 9_223_371_331_199_999_999);
        let round = (any, prop::sample::select(vec![1, 10, 1000, 100_000, 1_000_000, 86_400_000_000_i64]));
        let round = round.prop_map(|(n, unit)| n / unit * unit);
        prop_oneof![20 => round, 1 => Just(i64::MAX), 1 => Just(i64::MIN)].prop_map(|n| n.to_be_bytes().to_vec())
    };
    values(&Type::TIMESTAMP, Alike::Bytes, microseconds());
    values(&Type::TIMESTAMPTZ, Alike::Bytes, microseconds());
    values(
        &Type::TIME,
        Alike::Bytes,
        between(0, 86_400_000_000).prop_map(|n| n.clamp(0, 86_400_000_000).to_be_bytes().to_vec()),
    );
}

/// Any text without U+0000, which PostgreSQL has none of, with much that has to be escaped.
fn text() -> impl Strategy<Value = String> {
    let char = prop_oneof![
        any::<char>(),
        prop::sample::select(vec![
            '"', '\\', '/', '\n', '\u{1}', '\u{1f}', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}', '{', ','
        ]),
        prop::char::range(' ', '~'),
    ];
    vec(char, 0..40).prop_map(|chars| chars.into_iter().filter(|&char| char != '\0').collect())
}

#[test]
fn texts_and_bytes() {
    values(&Type::TEXT, Alike::Bytes, text().prop_map(String::into_bytes));
    values(&Type::BYTEA, Alike::Bytes, vec(any::<u8>(), 0..80));
    values(&Type::UUID, Alike::Bytes, vec(any::<u8>(), 16));
    values(&Type::CHAR, Alike::Bytes, vec(any::<u8>(), 1));
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(text(), inner, 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
fn json() {
    values(&Type::JSON, Alike::Bytes, documents().prop_map(|value| value.to_string().into_bytes()));
    let pretty = documents().prop_map(|value| serde_json::to_vec_pretty(&value).unwrap());
    values(&Type::JSON, Alike::Bytes, pretty);
    values(&Type::JSONB, Alike::Bytes, documents().prop_map(|value| format!("\x01{value}").into_bytes()));
}

/// Arrays of up to six dimensions, by the lengths of which there are as many elements.
fn arrays(ty: Type, element: impl Strategy<Value = Bytes> + Clone + 'static) -> impl Strategy<Value = Bytes> {
    let dimensions = vec((1..4, -1000..1000), 0..=6);
    dimensions.prop_flat_map(move |dimensions| {
        let count = if dimensions.is_empty() { 0 } else { dimensions.iter().map(|(len, _)| *len as usize).product() };
        let (ty, elements) = (ty.clone(), vec(prop::option::of(element.clone()), count));
        elements.prop_map(move |elements| array(&ty, &dimensions, &elements))
    })
}

#[test]
fn arrays_of_every_shape() {
    let one = |client: &Client, name: &str, bytes| {
        compare(client, &format!("SELECT $1::{name}[] AS v"), Binary(bytes), Alike::Bytes, 1)
    };
    let number = any::<i32>().prop_map(|n| n.to_be_bytes().to_vec());
    check(arrays(Type::INT4, number), 100, |client, bytes| one(client, "int4", bytes));
    let text = text().prop_map(String::into_bytes).boxed();
    check(arrays(Type::TEXT, text), 100, |client, bytes| one(client, "text", bytes));
    let day = any::<i16>().prop_map(|day| i32::from(day).to_be_bytes().to_vec());
    check(arrays(Type::DATE, day), 100, |client, bytes| one(client, "date", bytes));
}

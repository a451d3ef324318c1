//! Values of derived types, in every representation and with fields that are skipped, flattened or by way of serde: this
//! crate's bytes against serde_json's, alone, in an array and in lines, and an error if it has one.
#![no_main]

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use chunkwire::{Encode, Format, JsonBody, Record, Writer};
use http_body::Body;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, Serializer};
use serde_json::Value;

#[derive(Arbitrary, Debug, Serialize, Encode)]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_one: Option<u64>,
    some_text: String,
    #[serde(serialize_with = "in_hundredths")]
    price: i32,
    #[serde(flatten)]
    flat: Flat,
    #[encode(serde)]
    by_serde: Option<Box<Tree>>,
    #[serde(skip_serializing_if = "Vec::is_empty", rename = "the \"trees\"\u{2028}")]
    trees: Vec<Tree>,
}

/// Floats of which ryu's text is serde_json's.
fn in_hundredths<S: Serializer>(value: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(*value) / 100.0)
}

#[derive(Arbitrary, Debug, Serialize, Encode)]
struct Flat {
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<bool>,
    #[serde(flatten)]
    more: Option<BTreeMap<String, i8>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    external: Option<Tree>,
    #[serde(flatten)]
    #[encode(serde)]
    internal: Option<Internal>,
}

#[derive(Arbitrary, Debug, Serialize, Encode)]
enum Tree {
    Unit,
    Newtype(Option<Box<Tree>>),
    #[serde(rename = "a pair")]
    Pair(char, #[serde(skip_serializing_if = "Option::is_none")] Option<i64>),
    Internal(Internal),
    Adjacent(Adjacent),
    Untagged(Untagged),
    #[serde(skip)]
    Skipped,
}

#[derive(Arbitrary, Debug, Serialize, Encode)]
#[serde(tag = "is", rename_all = "kebab-case", rename_all_fields = "SCREAMING_SNAKE_CASE")]
enum Internal {
    UnitVariant,
    Map(BTreeMap<String, u8>),
    Tree(Box<Tree>),
    NamedFields {
        long_name: (),
        #[serde(skip_serializing_if = "Option::is_none")]
        other_name: Option<u16>,
    },
}

#[derive(Arbitrary, Debug, Serialize, Encode)]
#[serde(tag = "is", content = "has")]
enum Adjacent {
    Unit,
    Newtype(Box<Named>),
    Pair(u8, String),
    Named { trees: Vec<Tree> },
}

#[derive(Arbitrary, Debug, Serialize, Encode)]
#[serde(untagged)]
enum Untagged {
    Unit,
    Text(String),
    Pair(i64, bool),
    Named { id: u64, tree: Option<Box<Tree>> },
}

/// Returns what a body sends of records that don't fail.
fn sent(format: Format, records: &[&Named]) -> String {
    let mut body = pin!(JsonBody::new(format, records));
    let mut bytes = Vec::new();
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
        bytes.extend(frame.unwrap().into_data().unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

fuzz_target!(|records: Vec<Named>| {
    let (mut whole, mut texts) = (Vec::new(), Vec::new());
    for record in &records {
        let mut bytes = BytesMut::new();
        let written = record.write(&mut Writer::new(&mut bytes));
        match (serde_json::to_string(record), written) {
            (Ok(text), Ok(())) => {
                assert_eq!(String::from_utf8_lossy(&bytes), text);
                whole.push(record);
                texts.push(text);
            }
            (Err(_), Err(_)) => {}
            (theirs, ours) => panic!("{theirs:?}, but {ours:?}"),
        }
    }
    assert_eq!(sent(Format::Array, &whole), format!("[{}]", texts.join(",")));
    // What is too deep for serde_json to be read is no value on either side.
    let values = |texts: &mut dyn Iterator<Item = &str>| {
        texts.map(|text| serde_json::from_str(text).ok()).collect::<Vec<Option<Value>>>()
    };
    let lines = sent(Format::Lines, &whole);
    assert_eq!(values(&mut lines.lines()), values(&mut texts.iter().map(String::as_str)));
});

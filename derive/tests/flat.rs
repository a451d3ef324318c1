//! Fields beside others, by `flatten` and in internally tagged enums: the bytes are serde_json's.

mod common;

use std::collections::{BTreeMap, HashMap};

use chunkwire::Encode;
use common::{same, types};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

#[derive(Clone, Serialize, Encode)]
struct Inner {
    x: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<u8>,
}

#[derive(Clone, Serialize, Encode)]
struct Optional {
    #[serde(skip_serializing_if = "Option::is_none")]
    z: Option<u8>,
}

#[derive(Clone, Serialize, Encode)]
struct Unit;

#[derive(Clone, Serialize, Encode)]
struct Nested {
    #[serde(flatten)]
    inner: Inner,
    #[serde(flatten)]
    more: Optional,
}

#[derive(Clone, Serialize, Encode)]
enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Named { x: u8 },
}

#[derive(Clone, Serialize, Encode)]
#[serde(tag = "kind")]
enum Internal {
    Unit,
    Newtype(Inner),
    Named { n: u8 },
}

#[derive(Clone, Serialize, Encode)]
#[serde(tag = "kind", content = "with")]
enum Adjacent {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Named { x: u8 },
}

#[derive(Clone, Serialize, Encode)]
#[serde(untagged)]
enum Untagged {
    Named { x: u8 },
    Other { u: u8 },
}

fn squared<S: Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("square", u32::from(*value) * u32::from(*value))])
}

/// Everything that has a place where fields stand beside others, with a field of a type and its values.
macro_rules! flat {
    ({$($attributes:tt)*} $ty:ty: $values:expr) => {{
        let values: Vec<$ty> = $values.into_iter().collect();

        #[derive(Serialize, Encode)]
        struct First {
            #[serde(flatten)]
            $($attributes)*
            flat: $ty,
            last: u8,
        }
        same(values.iter().cloned().map(|flat| First { flat, last: 9 }));

        #[derive(Serialize, Encode)]
        struct Last {
            first: u8,
            #[serde(flatten)]
            $($attributes)*
            flat: $ty,
        }
        same(values.iter().cloned().map(|flat| Last { first: 0, flat }));

        #[derive(Serialize, Encode)]
        #[serde(tag = "struct")]
        struct Only {
            #[serde(flatten)]
            $($attributes)*
            flat: $ty,
        }
        same(values.iter().cloned().map(|flat| Only { flat }));

        #[derive(Serialize, Encode)]
        struct Between {
            #[serde(skip_serializing_if = "Option::is_none")]
            first: Option<u8>,
            #[serde(flatten)]
            $($attributes)*
            flat: $ty,
            #[serde(skip_serializing_if = "Option::is_none")]
            last: Option<u8>,
        }
        for (first, last) in [(None, None), (Some(1), None), (None, Some(2)), (Some(1), Some(2))] {
            same(values.iter().cloned().map(|flat| Between { first, flat, last }));
        }

        macro_rules! variants {
            ($container:meta) => {{
                #[derive(Serialize, Encode)]
                #[$container]
                enum Variants {
                    Flat {
                        #[serde(flatten)]
                        $($attributes)*
                        flat: $ty,
                    },
                    More {
                        first: u8,
                        #[serde(flatten)]
                        $($attributes)*
                        flat: $ty,
                    },
                }
                same(values.iter().cloned().flat_map(|flat| {
                    [Variants::Flat { flat: flat.clone() }, Variants::More { first: 1, flat }]
                }));
            }};
        }
        variants!(serde(rename_all = "snake_case"));
        variants!(serde(tag = "variant"));
        variants!(serde(tag = "variant", content = "content"));
        variants!(serde(untagged));
    }};
}

macro_rules! beside_a_tag {
    ({$($attributes:tt)*} $ty:ty: $values:expr) => {{
        #[derive(Serialize, Encode)]
        #[serde(tag = "variant")]
        enum Tagged {
            The($($attributes)* $ty),
        }
        same($values.into_iter().map(Tagged::The));
    }};
}

macro_rules! both {
    ($attributes:tt $ty:ty: $values:expr) => {
        flat!($attributes $ty: $values);
        beside_a_tag!($attributes $ty: $values);
    };
}

fn inners() -> [Inner; 2] {
    [Inner { x: 1, y: None }, Inner { x: 1, y: Some(2) }]
}

#[test]
fn fields_that_encode_themselves() {
    both!({} Inner: inners());
    both!({} Box<Inner>: inners().map(Box::new));
    both!({} Optional: [Optional { z: None }, Optional { z: Some(1) }]);
    both!({} Unit: [Unit]);
    both!({} (): [()]);
    both!({} Nested: [None, Some(3)].map(|z| Nested { inner: inners()[1].clone(), more: Optional { z } }));
    both!({} BTreeMap<String, u8>: [BTreeMap::new(), BTreeMap::from([("a\"".to_owned(), 1), ("b".to_owned(), 2)])]);
    both!({} HashMap<&'static str, [u8; 2]>: [HashMap::new(), HashMap::from([("a", [1, 2])])]);
    both!({} External: [External::Unit, External::Newtype(1), External::Tuple(1, 2), External::Named { x: 1 }]);
    both!({} Internal: [Internal::Unit, Internal::Newtype(inners()[0].clone()), Internal::Named { n: 1 }]);
    both!({} Adjacent: [Adjacent::Unit, Adjacent::Newtype(1), Adjacent::Tuple(1, 2), Adjacent::Named { x: 1 }]);
    both!({} Untagged: [Untagged::Named { x: 1 }, Untagged::Other { u: 2 }]);
    flat!({} Option<Inner>: [None, Some(inners()[0].clone())]);
    assert!(types() >= 100, "{}", types());
}

#[test]
fn fields_by_way_of_serde() {
    both!({#[encode(serde)]} Inner: inners());
    both!({#[encode(serde)]} Unit: [Unit]);
    both!({#[encode(serde)]} External:
        [External::Unit, External::Newtype(1), External::Tuple(1, 2), External::Named { x: 1 }]);
    both!({#[encode(serde)]} Internal: [Internal::Unit, Internal::Newtype(inners()[0].clone())]);
    both!({#[encode(serde)]} Box<Inner>: inners().map(Box::new));
    both!({#[encode(serde)]} BTreeMap<u8, bool>: [BTreeMap::new(), BTreeMap::from([(1, true), (2, false)])]);
    // An option is fields in one of these, and fails in the other.
    both!({#[encode(serde)]} Option<Inner>: [None, Some(inners()[0].clone())]);
    // So do values without fields, in both.
    both!({#[encode(serde)]} Value: [json!({}), json!({"a": [1, null]}), json!("a"), json!([]), json!(true)]);
    both!({#[serde(serialize_with = "squared")]} u8: [0, 9]);
}

#[test]
fn fields_that_may_be_skipped() {
    fn is_empty(inner: &Inner) -> bool {
        inner.y.is_none()
    }
    flat!({#[serde(skip_serializing_if = "is_empty")]} Inner: inners());
    flat!({#[serde(skip_serializing_if = "is_empty")] #[encode(serde)]} Inner: inners());

    #[derive(Serialize, Encode)]
    struct Skipped {
        first: u8,
        #[serde(flatten, skip)]
        _flat: Inner,
    }
    same(inners().map(|_flat| Skipped { first: 1, _flat }));
}

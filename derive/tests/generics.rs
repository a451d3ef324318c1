//! Generic types, types in types, and bounds: the bytes are serde_json's.

mod common;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use chunkwire::{Encode, to_vec};
use common::{same, types};
use serde::Serialize;

#[derive(Clone, Serialize, Encode)]
struct Pair<A, B = u8> {
    a: A,
    b: Vec<B>,
}

#[derive(Serialize, Encode)]
struct Borrowed<'a, T: ?Sized> {
    text: &'a str,
    cow: Cow<'a, str>,
    value: &'a T,
}

#[derive(Serialize, Encode)]
struct Array<T, const N: usize>([T; N])
where
    [T; N]: Serialize + Encode;

#[derive(Serialize, Encode)]
enum Either<L, R> {
    Left(L),
    Right { right: R },
    Both(L, R),
    Neither,
}

#[derive(Serialize, Encode)]
#[serde(tag = "is")]
enum Tagged<T> {
    Content(T),
    Named { value: T },
}

#[derive(Serialize, Encode)]
struct Flat<T> {
    id: u8,
    #[serde(flatten)]
    rest: T,
}

#[derive(Serialize, Encode)]
struct FlatMap<T> {
    #[serde(flatten)]
    rest: BTreeMap<String, T>,
}

trait Shape {
    type Size;
}

struct NotEncode;

impl Shape for NotEncode {
    type Size = u8;
}

#[derive(Serialize, Encode)]
struct Associated<T: Shape> {
    size: T::Size,
    #[serde(skip)]
    _shape: PhantomData<T>,
}

#[derive(Serialize, Encode)]
struct Phantom<T> {
    phantom: PhantomData<T>,
    #[serde(skip)]
    _not_written: Option<T>,
    #[encode(with = "nothing")]
    #[serde(serialize_with = "serde_nothing")]
    by_a_function: Option<T>,
}

fn nothing<T>(_: &Option<T>, out: &mut chunkwire::Writer<'_>) {
    out.raw("\"nothing\"");
}

fn serde_nothing<T, S: serde::Serializer>(_: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("nothing")
}

#[derive(Serialize, Encode)]
#[serde(bound = "T: Serialize + Copy, T: serde::de::DeserializeOwned")]
struct Bound<T> {
    value: Wrapper<T>,
}

#[derive(Serialize, Encode)]
struct BoundOfField<T> {
    #[serde(bound(serialize = "T: Serialize + Copy", deserialize = "T: Default"))]
    value: Wrapper<T>,
}

#[derive(Serialize, Encode)]
#[serde(bound(serialize = "T: Serialize + Copy"))]
struct Wrapper<T> {
    value: T,
}

#[derive(Serialize, Encode)]
#[serde(bound(serialize = "T: Serialize + Copy"))]
#[encode(bound = "T: Encode + Copy, T: Serialize")]
struct BothWays<T> {
    value: T,
    #[encode(serde)]
    again: T,
}

#[derive(Serialize, Encode)]
struct BySerde<T> {
    #[encode(serde)]
    value: T,
}

#[derive(Serialize)]
struct OnlySerde {
    a: u8,
}

#[derive(Serialize, Encode)]
enum Tree {
    Leaf(u8),
    Branch(Vec<Tree>),
    Named { left: Box<Tree>, right: Option<Box<Tree>> },
}

#[test]
fn parameters_of_every_kind() {
    same([Pair { a: "x", b: vec![1_u64] }]);
    same([Pair { a: Pair { a: (), b: vec![] as Vec<u8> }, b: vec![Pair { a: 1.5, b: vec!['x'] }] }]);
    same([Borrowed { text: "a\"", cow: Cow::Borrowed("b"), value: "c" }]);
    same([Borrowed { text: "", cow: Cow::Owned("b".into()), value: &[1, 2][..] }]);
    same([Array([1, 2, 3])]);
    same([Array(["a"; 32])]);
    same([Either::Left(1), Either::Right { right: "r" }, Either::Both(1, "r"), Either::Neither]);
    same([Tagged::Content(Pair { a: 1, b: vec![2] }), Tagged::Named { value: Pair { a: 1, b: vec![] } }]);
    same([Flat { id: 1, rest: Pair { a: 1, b: vec![2] } }]);
    same([Flat { id: 1, rest: Some(Flat { id: 2, rest: () }) }]);
    same([FlatMap { rest: BTreeMap::from([("a".to_owned(), [1, 2])]) }]);
    same([Associated::<NotEncode> { size: 1, _shape: PhantomData }]);
    same([Phantom { phantom: PhantomData, _not_written: None, by_a_function: Some(NotEncode) }]);
    same([Bound { value: Wrapper { value: 1 } }]);
    same([BoundOfField { value: Wrapper { value: 1 } }]);
    same([BothWays { value: 1, again: 2 }]);
    same([BySerde { value: OnlySerde { a: 1 } }]);
    assert!(types() >= 15, "{}", types());
}

#[test]
fn types_in_types() {
    same([
        Tree::Leaf(1),
        Tree::Branch(vec![Tree::Leaf(2), Tree::Branch(vec![])]),
        Tree::Named { left: Box::new(Tree::Leaf(3)), right: Some(Box::new(Tree::Leaf(4))) },
    ]);
    same([Pair {
        a: Flat { id: 1, rest: Phantom::<u8> { phantom: PhantomData, _not_written: None, by_a_function: None } },
        b: vec![Either::<u8, u8>::Neither],
    }]);
}

#[test]
fn types_that_macros_make() {
    macro_rules! made {
        ($name:ident, $field:ident: $ty:ty, $key:literal) => {
            #[derive(Serialize, Encode)]
            struct $name {
                #[serde(rename = $key)]
                $field: $ty,
                __out: u8,
                __any: u8,
            }
        };
    }
    made!(Made, value: Option<u8>, "k");
    same([Made { value: Some(1), __out: 2, __any: 3 }]);
}

#[test]
fn another_form_than_serdes() {
    fn as_text(id: &u64, out: &mut chunkwire::Writer<'_>) {
        out.raw("\"");
        out.unsigned(*id);
        out.raw("\"");
    }
    #[derive(Encode)]
    struct Order {
        #[encode(with = "as_text")]
        id: u64,
        #[encode(with = "as_text")]
        #[serde(skip_serializing_if = "is_zero", rename = "and")]
        other: u64,
    }
    fn is_zero(id: &u64) -> bool {
        *id == 0
    }
    assert_eq!(to_vec(&Order { id: u64::MAX, other: 0 }), br#"{"id":"18446744073709551615"}"#);
    assert_eq!(to_vec(&Order { id: 1, other: 2 }), br#"{"id":"1","and":"2"}"#);
}

#[test]
fn names_as_keys() {
    #[derive(Serialize, Encode, PartialEq, Eq, PartialOrd, Ord)]
    enum Names {
        Short,
        #[serde(rename = "longer than what is stored at once")]
        Long,
        #[serde(rename = "\"quoted\"")]
        Quoted,
        Newtype(#[serde(skip)] u8),
        #[serde(skip)]
        Skipped,
    }
    let all = [Names::Short, Names::Long, Names::Quoted, Names::Newtype(1)];
    same([all.into_iter().map(|name| (name, 1)).collect::<BTreeMap<_, _>>(), BTreeMap::from([(Names::Skipped, 1)])]);
    same([FlatKeys { id: 1, keys: BTreeMap::from([(7, true)]) }]);
}

#[derive(Serialize, Encode)]
struct FlatKeys {
    id: u8,
    #[serde(flatten)]
    keys: BTreeMap<u64, bool>,
}

mod elsewhere {
    pub(crate) use chunkwire as encoder;
}

#[test]
fn chunkwire_by_another_path() {
    #[derive(Serialize, Encode)]
    #[encode(crate = "elsewhere::encoder")]
    struct Named {
        #[encode(serde)]
        a: u8,
        b: Names,
    }
    #[derive(Serialize, Encode)]
    #[encode(crate = "crate::elsewhere::encoder")]
    enum Names {
        One,
    }
    same([Named { a: 1, b: Names::One }]);
}

/// Of the first, serde's derive is not compiled.
#[test]
fn types_that_hold_themselves_or_have_no_size() {
    #[derive(Encode)]
    struct Chain {
        id: u8,
        #[serde(flatten)]
        next: Option<Box<Chain>>,
    }
    let chain = Chain { id: 1, next: Some(Box::new(Chain { id: 2, next: None })) };
    assert_eq!(to_vec(&chain), br#"{"id":1,"id":2}"#);

    #[derive(Encode)]
    struct Tail<T: ?Sized> {
        id: u8,
        tail: T,
    }
    let tail: &Tail<[u8]> = &Tail { id: 1, tail: [2, 3] };
    assert_eq!(to_vec(tail), br#"{"id":1,"tail":[2,3]}"#);
}

//! Arbitrary values and their expected JSON.
//!
//! A [`Tree`] can be any value that has an `Encode`. [`reference()`] is its JSON by serde_json, which shares no code
//! with this crate's encoder except for floats: their text is ryu's on both sides, so that bytes can be compared.
//!
//! The fuzz targets use this file too; it does not depend on the tests.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use bytes::BytesMut;
use chunkwire::{Encode, Writer, object};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::{CompactFormatter, Formatter};

/// A value of any shape that can be encoded.
#[derive(Clone, Debug)]
pub enum Tree {
    Unit,
    Bool(bool),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    Usize(usize),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(i128),
    Isize(isize),
    F32(f32),
    F64(f64),
    Char(char),
    Text(String),
    Option(Option<Box<Tree>>),
    Array(Vec<Tree>),
    Deque(VecDeque<Tree>),
    Pair(Box<(Tree, Tree)>),
    Map(BTreeMap<String, Tree>),
    /// What `object!` writes.
    Object(Box<[Tree; 2]>),
}

impl Encode for Tree {
    fn encode(&self, out: &mut Writer<'_>) {
        match self {
            Self::Unit => ().encode(out),
            Self::Bool(value) => value.encode(out),
            Self::U8(value) => value.encode(out),
            Self::U16(value) => value.encode(out),
            Self::U32(value) => value.encode(out),
            Self::U64(value) => value.encode(out),
            Self::U128(value) => value.encode(out),
            Self::Usize(value) => value.encode(out),
            Self::I8(value) => value.encode(out),
            Self::I16(value) => value.encode(out),
            Self::I32(value) => value.encode(out),
            Self::I64(value) => value.encode(out),
            Self::I128(value) => value.encode(out),
            Self::Isize(value) => value.encode(out),
            Self::F32(value) => value.encode(out),
            Self::F64(value) => value.encode(out),
            Self::Char(value) => value.encode(out),
            Self::Text(value) => value.encode(out),
            Self::Option(value) => value.encode(out),
            Self::Array(value) => value.encode(out),
            Self::Deque(value) => value.encode(out),
            Self::Pair(value) => value.encode(out),
            Self::Map(value) => value.encode(out),
            Self::Object(value) => object!(out, { "first": value[0], "второй": value[1] }),
        }
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unit => ().serialize(serializer),
            Self::Bool(value) => value.serialize(serializer),
            Self::U8(value) => value.serialize(serializer),
            Self::U16(value) => value.serialize(serializer),
            Self::U32(value) => value.serialize(serializer),
            Self::U64(value) => value.serialize(serializer),
            Self::U128(value) => value.serialize(serializer),
            Self::Usize(value) => value.serialize(serializer),
            Self::I8(value) => value.serialize(serializer),
            Self::I16(value) => value.serialize(serializer),
            Self::I32(value) => value.serialize(serializer),
            Self::I64(value) => value.serialize(serializer),
            Self::I128(value) => value.serialize(serializer),
            Self::Isize(value) => value.serialize(serializer),
            Self::F32(value) => value.serialize(serializer),
            Self::F64(value) => value.serialize(serializer),
            Self::Char(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
            Self::Option(value) => value.serialize(serializer),
            Self::Array(value) => value.serialize(serializer),
            Self::Deque(value) => value.serialize(serializer),
            Self::Pair(value) => value.serialize(serializer),
            Self::Map(value) => value.serialize(serializer),
            Self::Object(value) => {
                let mut object = serializer.serialize_map(Some(2))?;
                object.serialize_entry("first", &value[0])?;
                object.serialize_entry("второй", &value[1])?;
                object.end()
            }
        }
    }
}

/// serde_json's compact form, except for floats, whose text is ryu's unless they are a map key.
#[derive(Default)]
struct RyuFloats {
    in_key: bool,
}

impl Formatter for RyuFloats {
    fn write_f32<W: ?Sized + io::Write>(&mut self, out: &mut W, value: f32) -> io::Result<()> {
        if self.in_key {
            return CompactFormatter.write_f32(out, value);
        }
        out.write_all(ryu::Buffer::new().format_finite(value).as_bytes())
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        if self.in_key {
            return CompactFormatter.write_f64(out, value);
        }
        out.write_all(ryu::Buffer::new().format_finite(value).as_bytes())
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.in_key = true;
        CompactFormatter.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }
}

/// Returns the expected encoding of `value`.
pub fn reference(value: &(impl Serialize + ?Sized)) -> String {
    try_reference(value).expect("serde_json can write every tree")
}

/// Returns the expected encoding of `value`, if JSON can represent it.
pub fn try_reference(value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    let mut json = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut json, RyuFloats::default()))?;
    Ok(String::from_utf8(json).expect("serde_json writes UTF-8"))
}

/// Returns the same JSON without the three line breaks that JSON itself allows in a string.
pub fn line_safe(json: &str) -> String {
    json.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// Returns what this crate's encoder makes of `value`.
pub fn encoded(value: &(impl Encode + ?Sized), for_lines: bool) -> String {
    written(for_lines, &mut |out| value.encode(out))
}

/// Returns what `write` writes. It has no type of a value, so that it is compiled once and not for each.
pub(crate) fn written(for_lines: bool, write: &mut dyn FnMut(&mut Writer<'_>)) -> String {
    let mut bytes = BytesMut::new();
    let mut out = if for_lines { Writer::for_lines(&mut bytes) } else { Writer::new(&mut bytes) };
    write(&mut out);
    drop(out);
    String::from_utf8(bytes.into()).expect("an encoder writes UTF-8")
}

/// Panics if this crate's encoder and serde_json disagree about `tree`.
pub fn check(tree: &Tree) {
    let expected = reference(tree);
    assert_eq!(encoded(tree, false), expected);
    assert_eq!(encoded(tree, true), line_safe(&expected));
}

//! Arbitrary values of the serde data model, and whether serde_json writes the same for them.
//!
//! A [`Value`] calls every method of a `Serializer`, with every kind of value as a map key and with names of every
//! length, so that it can be what no derived type is. The fuzz targets use this file too; it depends only on [`Tree`].

use std::fmt;

use chunkwire::{SerializeError, serialize};
use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::tree::{Tree, line_safe, try_reference, written};

/// A name of a field, a variant or a type.
pub type Name = &'static str;

/// Names with lengths around the sizes that are handled at once, and with different escapes.
/// The last two are the tokens of serde_json's.
pub const NAMES: [Name; 26] = [
    "",
    "a",
    "id",
    "key",
    "name",
    "seven77",
    "eight888",
    "nine99999",
    "fifteen_letters",
    "sixteen__letters",
    "seventeen_letters",
    "a name of thirty-one letters 31",
    "a name of thirty-two letters  32",
    "a name of thirty-three letters 33",
    "a name of forty-seven letters, that is a lot 47",
    "a name of forty-eight letters, that is a lot  48",
    "a name of forty-nine letters, that is a lot   49!",
    "a name that is longer than anything that is handled at once, and longer than the room too",
    "\"",
    "with \\ and \n",
    "sixteen letters\t and one of them to be escaped",
    "имя",
    "line\u{2028}break",
    "sixteen letters  \u{85}\u{2029}",
    TOKENS[0],
    TOKENS[1],
];

/// The names of the structs as which serde_json hands over JSON: a `RawValue`, and a `Number` of any precision.
pub const TOKENS: [Name; 2] = ["$serde_json::private::RawValue", "$serde_json::private::Number"];

/// Fields of a struct; one without a value is skipped.
pub type StructFields = Vec<(Name, Option<Value>)>;

/// A value of any shape that serde has.
#[derive(Clone, Debug)]
pub enum Value {
    Tree(Tree),
    Bytes(Vec<u8>),
    /// Text that is formatted, piece by piece.
    Pieces(Vec<String>),
    Some(Box<Value>),
    UnitStruct(Name),
    UnitVariant(Name),
    Newtype(Name, Box<Value>),
    NewtypeVariant(Name, Box<Value>),
    /// A sequence of unknown length.
    Seq(Vec<Value>),
    Tuple(Vec<Value>),
    TupleStruct(Name, Vec<Value>),
    TupleVariant(Name, Vec<Value>),
    /// A map with keys of any kind, which JSON may not allow.
    Map(Vec<(Value, Value)>),
    Struct(Name, StructFields),
    StructVariant(Name, StructFields),
    /// A value that can't be serialized.
    Fails,
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Tree(tree) => tree.serialize(serializer),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::Pieces(pieces) => serializer.collect_str(&Pieces(pieces)),
            Self::Some(value) => serializer.serialize_some(value),
            Self::UnitStruct(name) => serializer.serialize_unit_struct(name),
            Self::UnitVariant(name) => serializer.serialize_unit_variant("Enum", 0, name),
            Self::Newtype(name, value) => serializer.serialize_newtype_struct(name, value),
            Self::NewtypeVariant(name, value) => serializer.serialize_newtype_variant("Enum", 0, name, value),
            Self::Seq(values) => {
                let mut seq = serializer.serialize_seq(None)?;
                values.iter().try_for_each(|value| seq.serialize_element(value))?;
                seq.end()
            }
            Self::Tuple(values) => {
                let mut tuple = serializer.serialize_tuple(values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_element(value))?;
                tuple.end()
            }
            Self::TupleStruct(name, values) => {
                let mut tuple = serializer.serialize_tuple_struct(name, values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::TupleVariant(name, values) => {
                let mut tuple = serializer.serialize_tuple_variant("Enum", 0, name, values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in entries {
                    map.serialize_key(key)?;
                    map.serialize_value(value)?;
                }
                map.end()
            }
            Self::Struct(name, fields) => {
                let mut object = serializer.serialize_struct(name, present(fields))?;
                for (key, value) in fields {
                    match value {
                        Some(value) => object.serialize_field(key, value)?,
                        None => object.skip_field(key)?,
                    }
                }
                object.end()
            }
            Self::StructVariant(name, fields) => {
                let mut object = serializer.serialize_struct_variant("Enum", 0, name, present(fields))?;
                for (key, value) in fields {
                    match value {
                        Some(value) => object.serialize_field(key, value)?,
                        None => object.skip_field(key)?,
                    }
                }
                object.end()
            }
            Self::Fails => Err(S::Error::custom("this value can't be serialized")),
        }
    }
}

fn present(fields: &StructFields) -> usize {
    fields.iter().filter(|(_, value)| value.is_some()).count()
}

struct Pieces<'a>(&'a [String]);

impl fmt::Display for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| f.write_str(piece))
    }
}

/// Returns what this crate's serializer makes of `value`.
pub fn serialized(value: &(impl Serialize + ?Sized), for_lines: bool) -> Result<String, SerializeError> {
    let mut result = Ok(());
    let json = written(for_lines, &mut |out| result = serialize(value, out));
    result.map(|()| json)
}

impl Value {
    /// Returns whether it has the struct of a token without the one field that the token is for. serde_json leaves out
    /// the text, or writes it twice, which is no JSON.
    fn breaks_a_token(&self) -> bool {
        let breaks = |values: &[Self]| values.iter().any(Self::breaks_a_token);
        let fields_break = |fields: &StructFields| fields.iter().flat_map(|(_, value)| value).any(Self::breaks_a_token);
        match self {
            Self::Tree(_) | Self::Bytes(_) | Self::Pieces(_) | Self::UnitStruct(_) | Self::UnitVariant(_) => false,
            Self::Fails => false,
            Self::Some(value) | Self::Newtype(_, value) | Self::NewtypeVariant(_, value) => value.breaks_a_token(),
            Self::Seq(values) | Self::Tuple(values) => breaks(values),
            Self::TupleStruct(_, values) | Self::TupleVariant(_, values) => breaks(values),
            Self::Map(entries) => entries.iter().any(|(key, value)| key.breaks_a_token() || value.breaks_a_token()),
            Self::Struct(name, fields) if TOKENS.contains(name) => present(fields) != 1 || fields_break(fields),
            Self::Struct(_, fields) | Self::StructVariant(_, fields) => fields_break(fields),
        }
    }

    /// Returns the JSON that this crate has to write: serde_json's.
    pub fn expected(&self) -> Option<String> {
        try_reference(self).ok().filter(|_| !self.breaks_a_token())
    }

    /// Panics if this crate's serializer writes anything but what is expected.
    pub fn check(&self) {
        compare(&|for_lines| serialized(self, for_lines), self.expected());
    }
}

/// Panics if this crate's serializer and serde_json disagree about `value`: its JSON, or whether it has one.
pub fn check_value(value: &(impl Serialize + ?Sized)) {
    compare(&|for_lines| serialized(value, for_lines), try_reference(value).ok());
}

/// Returns the same JSON for lines. Only text that was JSON already can hold a line break as it is.
pub fn in_lines(json: &str) -> String {
    line_safe(json).replace(['\n', '\r'], " ")
}

fn compare(serialized: &dyn Fn(bool) -> Result<String, SerializeError>, expected: Option<String>) {
    for for_lines in [false, true] {
        match (serialized(for_lines), &expected) {
            (Ok(ours), Some(theirs)) if for_lines => assert_eq!(ours, in_lines(theirs)),
            (Ok(ours), Some(theirs)) => assert_eq!(ours, *theirs),
            (Err(error), None) => assert!(!error.to_string().is_empty()),
            (ours, theirs) => panic!("ours is {ours:?}, serde_json's is {theirs:?}"),
        }
    }
}

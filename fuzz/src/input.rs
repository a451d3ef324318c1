//! Bytes to values, in a language of one letter per value.
//!
//! Seeds can be written by hand in it, and a mutated byte changes one value, not all that follow. Every input is valid:
//! what is missing is zero, and an unknown letter is a number.
//!
//! | letter | value |
//! |---|---|
//! | `n` `o` `?` | null as `()`, as `None`, and `Some` of the value that follows |
//! | `t` `f` | true and false |
//! | `1` `2` `4` `8` `6` `z` | unsigned integer of 1, 2, 4, 8, 16 bytes and of a pointer's size, little-endian |
//! | `a` `b` `d` `h` `p` `y` | the same, signed |
//! | `r` `R` | `f32` and `f64` by their bits |
//! | `.` | `f64` that is a decimal: an `i32`, and a byte for the number of decimals |
//! | `c` | character: 3 bytes |
//! | `"` | text: a byte for its length, then its bytes |
//! | `*` | the same text many times: two bytes for how many, then as above |
//! | `[` `<` | array and deque, up to `]` |
//! | `(` `@` | a pair, and an object by `object!`: two values |
//! | `{` | map up to `}`: texts and values in turn |
//!
//! What only serde has. A name is a byte: its index in [`NAMES`].
//!
//! | letter | value |
//! |---|---|
//! | `B` | bytes: a byte for their number, then the bytes |
//! | `D` | text that is formatted: texts up to `]` |
//! | `U` `V` | unit struct and unit variant: a name |
//! | `N` `W` | newtype struct and newtype variant: a name and a value |
//! | `S` | some: a value |
//! | `Q` `L` | sequence of unknown length and tuple, up to `]` |
//! | `T` `X` | tuple struct and tuple variant: a name, and values up to `]` |
//! | `M` | map with keys of any kind, up to `}`: two values each |
//! | `O` `Y` | struct and struct variant: a name, and fields up to `}`, each a name and a value, or `-` and a skipped
//! name |
//! | `F` | what can't be serialized |

use chunkwire_test_support::data_model::{NAMES, Name, StructFields, Value};
use chunkwire_test_support::scripted_body::Step;
use chunkwire_test_support::tree::Tree;

/// Values may be nested this deep: neither encoder guards its stack, and this is not tested here.
const DEEPEST: usize = 60;

/// Reads values from the fuzzer's bytes.
#[derive(Debug)]
pub struct Input<'a> {
    bytes: &'a [u8],
    budget: usize,
}

impl<'a> Input<'a> {
    /// Reads from the start of `bytes`. Repetitions make at most about `budget` bytes of JSON.
    pub fn new(bytes: &'a [u8], budget: usize) -> Self {
        Self { bytes, budget }
    }

    /// Returns the next byte, or zero after the end.
    pub fn byte(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    /// Returns the next value.
    pub fn tree(&mut self) -> Tree {
        self.tree_at(0)
    }

    /// Returns the next value of the serde data model.
    pub fn value(&mut self) -> Value {
        self.value_at(0)
    }

    /// Returns a text without a letter before it.
    pub fn key(&mut self) -> String {
        self.text(1)
    }

    /// Returns keys and values in turn, up to `}`.
    pub fn members(&mut self) -> Vec<(String, Tree)> {
        self.until(b'}', |input| (input.text(1), input.tree()))
    }

    /// Returns what a source does, up to the end: a record per letter, `_` to pause, `!` to fail, `/` to fail inside
    /// the next record, `#` and a byte to repeat the next step that often.
    pub fn steps(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        while !self.bytes.is_empty() {
            let times = if self.skip(b'#') { usize::from(self.byte()) } else { 1 };
            let before = self.bytes.len() + self.budget;
            let step = if self.skip(b'_') {
                Step::Pause
            } else if self.skip(b'!') {
                Step::Fail
            } else if self.skip(b'/') {
                Step::FailInside(self.tree())
            } else {
                Step::Yield(self.tree())
            };
            let cost = before - self.bytes.len() - self.budget;
            let times = times.min(1 + self.budget / cost.max(1));
            self.budget = self.budget.saturating_sub(times * cost);
            steps.extend(std::iter::repeat_n(step, times));
        }
        steps
    }

    fn tree_at(&mut self, depth: usize) -> Tree {
        let letter = self.byte();
        if depth == DEEPEST {
            return Tree::U8(letter);
        }
        match letter {
            b'n' => Tree::Unit,
            b'o' => Tree::Option(None),
            b'?' => Tree::Option(Some(Box::new(self.tree_at(depth + 1)))),
            b't' => Tree::Bool(true),
            b'f' => Tree::Bool(false),
            b'1' => Tree::U8(self.byte()),
            b'2' => Tree::U16(u16::from_le_bytes(self.array())),
            b'4' => Tree::U32(u32::from_le_bytes(self.array())),
            b'8' => Tree::U64(u64::from_le_bytes(self.array())),
            b'6' => Tree::U128(u128::from_le_bytes(self.array())),
            b'z' => Tree::Usize(usize::from_le_bytes(self.array())),
            b'a' => Tree::I8(self.byte() as i8),
            b'b' => Tree::I16(i16::from_le_bytes(self.array())),
            b'd' => Tree::I32(i32::from_le_bytes(self.array())),
            b'h' => Tree::I64(i64::from_le_bytes(self.array())),
            b'p' => Tree::I128(i128::from_le_bytes(self.array())),
            b'y' => Tree::Isize(isize::from_le_bytes(self.array())),
            b'r' => Tree::F32(f32::from_le_bytes(self.array())),
            b'R' => Tree::F64(f64::from_le_bytes(self.array())),
            b'.' => {
                let number = i32::from_le_bytes(self.array());
                Tree::F64(f64::from(number) / 10f64.powi(i32::from(self.byte()) % 24))
            }
            b'c' => {
                let [low, middle, high] = self.array();
                Tree::Char(char::from_u32(u32::from_le_bytes([low, middle, high, 0])).unwrap_or('\u{fffd}'))
            }
            b'"' => Tree::Text(self.text(1)),
            b'*' => {
                let times = u16::from_le_bytes(self.array());
                Tree::Text(self.text(times.into()))
            }
            b'[' => Tree::Array(self.until(b']', |input| input.tree_at(depth + 1))),
            b'<' => Tree::Deque(self.until(b']', |input| input.tree_at(depth + 1))),
            b'(' => Tree::Pair(Box::new((self.tree_at(depth + 1), self.tree_at(depth + 1)))),
            b'@' => Tree::Object(Box::new([self.tree_at(depth + 1), self.tree_at(depth + 1)])),
            b'{' => Tree::Map(self.until(b'}', |input| (input.text(1), input.tree_at(depth + 1)))),
            number => Tree::I16(i16::from(number)),
        }
    }

    fn value_at(&mut self, depth: usize) -> Value {
        let Some(letter) = self.bytes.first().filter(|_| depth < DEEPEST) else {
            return Value::Tree(self.tree_at(depth));
        };
        let values = |input: &mut Self| input.until(b']', |input| input.value_at(depth + 1));
        let rest = self.bytes;
        self.bytes = &self.bytes[1..];
        match letter {
            b'B' => {
                let len = usize::from(self.byte()).min(self.bytes.len());
                Value::Bytes(self.take(len).to_vec())
            }
            b'D' => Value::Pieces(self.until(b']', |input| input.text(1))),
            b'U' => Value::UnitStruct(self.name()),
            b'V' => Value::UnitVariant(self.name()),
            b'N' => Value::Newtype(self.name(), Box::new(self.value_at(depth + 1))),
            b'W' => Value::NewtypeVariant(self.name(), Box::new(self.value_at(depth + 1))),
            b'S' => Value::Some(Box::new(self.value_at(depth + 1))),
            b'Q' => Value::Seq(values(self)),
            b'L' => Value::Tuple(values(self)),
            b'T' => Value::TupleStruct(self.name(), values(self)),
            b'X' => Value::TupleVariant(self.name(), values(self)),
            b'M' => Value::Map(self.until(b'}', |input| (input.value_at(depth + 1), input.value_at(depth + 1)))),
            b'O' => Value::Struct(self.name(), self.fields(depth)),
            b'Y' => Value::StructVariant(self.name(), self.fields(depth)),
            b'F' => Value::Fails,
            _ => {
                self.bytes = rest;
                Value::Tree(self.tree_at(depth))
            }
        }
    }

    fn fields(&mut self, depth: usize) -> StructFields {
        self.until(b'}', |input| {
            let skipped = input.skip(b'-');
            (input.name(), if skipped { None } else { Some(input.value_at(depth + 1)) })
        })
    }

    fn name(&mut self) -> Name {
        NAMES[usize::from(self.byte()) % NAMES.len()]
    }

    fn until<T, C: FromIterator<T>>(&mut self, end: u8, mut next: impl FnMut(&mut Self) -> T) -> C {
        std::iter::from_fn(|| if self.bytes.is_empty() || self.skip(end) { None } else { Some(next(self)) }).collect()
    }

    fn text(&mut self, times: usize) -> String {
        let len = usize::from(self.byte()).min(self.bytes.len());
        let text = String::from_utf8_lossy(self.take(len));
        let times = times.min(self.budget / text.len().max(1));
        self.budget -= times * text.len();
        text.repeat(times)
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let taken = self.take(N.min(self.bytes.len()));
        array[..taken.len()].copy_from_slice(taken);
        array
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(len);
        self.bytes = rest;
        taken
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.bytes.first() == Some(&byte);
        self.bytes = &self.bytes[usize::from(found)..];
        found
    }
}

//! Promise: the encoder is exact to the byte. Every small input, the bounds of the large ones, and arbitrary trees are
//! compared with serde_json or the expected text. Floats are in `float_properties.rs`.

use std::collections::BTreeMap;

use bytes::BytesMut;
use chunkwire::{Encode, Short, Writer};
use proptest::prelude::*;

use chunkwire_test_support::canary::encoded_in;
use chunkwire_test_support::tree::{Tree, check as check_tree, encoded, line_safe, reference};

fn check_text(text: &str) {
    let expected = reference(text);
    assert_eq!(encoded(text, false), expected, "{text:?}");
    assert_eq!(encoded(text, true), line_safe(&expected), "{text:?}");
}

#[test]
fn every_two_bytes_that_are_text() {
    let mut texts = 0;
    for bytes in 0..=u16::MAX {
        let bytes = bytes.to_be_bytes();
        let Ok(pair) = str::from_utf8(&bytes) else { continue };
        texts += 1;
        check_text(pair);
        // Across the borders of 8, 16 and 32 bytes.
        for before in [6, 7, 14, 15, 31] {
            check_text(&format!("{}{pair}{}", &"lead lead lead lead lead lead lead"[..before], "tail".repeat(8)));
        }
    }
    assert_eq!(texts, 128 * 128 + 30 * 64, "pairs of ASCII, and all that starts with 0xC2 to 0xDF");
}

#[test]
fn every_two_bytes_inside_of_longer_characters() {
    // Two arbitrary bytes of a text need not be whole characters: the end of one and the start of the next, or the
    // middle of one of four bytes. 0xE2 and 0xC2 begin the line breaks, which makes their neighbours worth testing.
    let starts = ["\u{2027}", "\u{2028}", "\u{2029}", "\u{202a}", "\u{84}", "\u{85}", "\u{86}", "\u{2128}", "\u{e8}"];
    for first in starts {
        for second in starts.into_iter().chain(["x", "\"", "\n", "\u{10ffff}", "\u{28028}", "\u{2a0a8}"]) {
            for before in 0..33 {
                check_text(&format!("{}{first}{second}", "x".repeat(before)));
                check_text(&format!("{}{first}{second}{first}tail", "x".repeat(before)));
            }
        }
    }
}

#[test]
fn every_character() {
    for first in (0..=u32::from(char::MAX)).step_by(64) {
        let characters: Vec<char> = (first..first + 64).filter_map(char::from_u32).collect();
        let expected = reference(&characters);
        assert_eq!(encoded(&characters[..], false), expected);
        assert_eq!(encoded(&characters[..], true), line_safe(&expected));
        check_text(&characters.iter().collect::<String>());
    }
}

/// Returns what replaces a character in JSON, by the table of RFC 8259, section 7, and in lines.
const SPECIALS: [(&str, &str, &str); 9] = [
    ("\"", "\\\"", "\\\""),
    ("\\", "\\\\", "\\\\"),
    ("\n", "\\n", "\\n"),
    ("\0", "\\u0000", "\\u0000"),
    ("\x1f", "\\u001f", "\\u001f"),
    ("\x7f", "\x7f", "\x7f"),
    ("\u{85}", "\u{85}", "\\u0085"),
    ("\u{2028}", "\u{2028}", "\\u2028"),
    ("\u{2029}", "\u{2029}", "\\u2029"),
];

#[test]
fn a_special_byte_at_every_position_of_every_length_at_every_alignment() {
    const FILLER: &str = "the quick brown fox jumps over the lazy dog ";
    const LONGEST: usize = 300;
    let filler = FILLER.repeat(LONGEST / FILLER.len() + 1);
    let mut bytes = BytesMut::with_capacity(4096);
    let mut expected = String::new();
    // Large enough that it never moves.
    let mut memory = String::with_capacity(1024);

    for alignment in 0..16 {
        for length in 0..=LONGEST {
            for position in 0..=length {
                for (special, escaped, line_safe) in SPECIALS {
                    // Quotes on both sides, which code that reads the text alone must not see.
                    memory.clear();
                    memory.push_str("\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
                    let misaligned = memory.as_ptr() as usize % 16;
                    memory.truncate((16 + alignment - misaligned) % 16);
                    let start = memory.len();
                    memory.push_str(&filler[..position]);
                    memory.push_str(special);
                    memory.push_str(&filler[position..length]);
                    let end = memory.len();
                    memory.push_str("\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"");
                    let text = &memory[start..end];
                    assert_eq!(text.as_ptr() as usize % 16, alignment);

                    for (for_lines, escaped) in [(false, escaped), (true, line_safe)] {
                        bytes.clear();
                        let mut out = if for_lines { Writer::for_lines(&mut bytes) } else { Writer::new(&mut bytes) };
                        out.string(text);
                        drop(out);
                        expected.clear();
                        expected.push('"');
                        expected.push_str(&filler[..position]);
                        expected.push_str(escaped);
                        expected.push_str(&filler[position..length]);
                        expected.push('"');
                        assert!(bytes == expected, "{text:?} at alignment {alignment}");
                    }
                }
            }
        }
    }
}

#[test]
fn no_value_is_written_beyond_the_end_of_a_buffer() {
    let values: Vec<Tree> = vec![
        Tree::Unit,
        Tree::I128(i128::MIN),
        Tree::U64(u64::MAX),
        Tree::F64(-1.2345678901234567e-300),
        Tree::F64(-0.00001234),
        Tree::F64(123456.789),
        Tree::F32(f32::MIN_POSITIVE),
        Tree::Text("x".repeat(100)),
        Tree::Text("\u{1}".repeat(50)),
        Tree::Text("\u{2028}\u{85}".repeat(20)),
        Tree::Text(format!("{}\"", "x".repeat(40))),
        // There is room for the text, but escapes use it up before the plain part.
        Tree::Text("\u{1}".repeat(20) + &"x".repeat(150)),
        Tree::Text("\u{2028}".repeat(40) + &"x".repeat(150)),
        Tree::Text("\"x".repeat(80) + &"x".repeat(200)),
        Tree::Array(vec![Tree::Bool(true); 30]),
        Tree::Object(Box::new([Tree::Unit, Tree::Text(String::new())])),
    ];
    for value in &values {
        let expected = reference(value);
        for capacity in 0..500usize {
            for filled in [0, 1, capacity / 2, capacity.saturating_sub(1), capacity] {
                let filled = filled.min(capacity);
                assert_eq!(encoded_in(capacity, filled, value, false), expected.as_bytes());
                assert_eq!(encoded_in(capacity, filled, value, true), line_safe(&expected).as_bytes());
            }
        }
    }
    for length in 0..=150 {
        let text = "x".repeat(length);
        for capacity in 0..250 {
            assert_eq!(encoded_in(capacity, 0, text.as_str(), false), reference(text.as_str()).as_bytes());
            assert_eq!(encoded_in(capacity, 0, &Raw(&text), false), text.as_bytes());
        }
    }
    for capacity in 0..500 {
        assert_eq!(encoded_in(capacity, 0, &Pieces, false), "short, literal, ".repeat(30).as_bytes());
    }
}

/// Pieces of fixed size, each of which leaves its check to the next.
struct Pieces;

impl Encode for Pieces {
    fn encode(&self, out: &mut Writer<'_>) {
        for _ in 0..30 {
            out.short(&Short::new("short, "));
            out.raw("literal, ");
        }
    }
}

/// Text that is written as is.
struct Raw<'a>(&'a str);

impl Encode for Raw<'_> {
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw(self.0);
    }
}

fn check_integer(value: impl Encode + ToString) {
    assert_eq!(encoded(&value, false), value.to_string());
}

#[test]
fn every_integer_of_one_and_two_bytes() {
    for value in 0..=u16::MAX {
        check_integer(value);
        check_integer(value as i16);
    }
    for value in 0..=u8::MAX {
        check_integer(value);
        check_integer(value as i8);
    }
}

/// Returns the powers of 2 and 10 of a type, and their neighbours.
macro_rules! check_wide_integers {
    ($($integer:ident)*) => {$(
        let powers = |base: $integer| std::iter::successors(Some(1 as $integer), move |power| power.checked_mul(base));
        for power in powers(2).chain(powers(10)).chain([0, $integer::MIN, $integer::MAX]) {
            for value in [power, power.wrapping_sub(1), power.wrapping_add(1)] {
                check_integer(value);
                check_integer((0 as $integer).wrapping_sub(value));
            }
            // Every digit in every place.
            for digit in 2..=9 {
                check_integer(power.wrapping_mul(digit));
            }
        }
    )*};
}

#[test]
fn wide_integers_at_their_bounds() {
    check_wide_integers!(u32 u64 u128 usize i32 i64 i128 isize);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "[\\x00-\\x7f]{0,80}",
        "[\u{80}-\u{9f}\u{2020}-\u{2030}\"\\\\a-c]{0,40}",
        any::<String>(),
        ("\\PC{0,5}", 0..3000usize).prop_map(|(text, times)| text.repeat(times)),
    ]
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        Just(Tree::Unit),
        Just(Tree::Option(None)),
        any::<bool>().prop_map(Tree::Bool),
        any::<u8>().prop_map(Tree::U8),
        any::<u16>().prop_map(Tree::U16),
        any::<u32>().prop_map(Tree::U32),
        any::<u64>().prop_map(Tree::U64),
        any::<u128>().prop_map(Tree::U128),
        any::<usize>().prop_map(Tree::Usize),
        any::<i8>().prop_map(Tree::I8),
        any::<i16>().prop_map(Tree::I16),
        any::<i32>().prop_map(Tree::I32),
        any::<i64>().prop_map(Tree::I64),
        any::<i128>().prop_map(Tree::I128),
        any::<isize>().prop_map(Tree::Isize),
        any::<u32>().prop_map(|bits| Tree::F32(f32::from_bits(bits))),
        any::<u64>().prop_map(|bits| Tree::F64(f64::from_bits(bits))),
        (any::<i32>(), 0..5).prop_map(|(number, places)| Tree::F64(f64::from(number) / 10f64.powi(places))),
        any::<char>().prop_map(Tree::Char),
        any_text().prop_map(Tree::Text),
    ];
    leaf.prop_recursive(6, 80, 8, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Option(Some(Box::new(tree)))),
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Tree::Array),
            proptest::collection::vec_deque(inner.clone(), 0..8).prop_map(Tree::Deque),
            (inner.clone(), inner.clone()).prop_map(|pair| Tree::Pair(Box::new(pair))),
            [inner.clone(), inner.clone()].prop_map(|fields| Tree::Object(Box::new(fields))),
            proptest::collection::btree_map(any_text(), inner, 0..8).prop_map(Tree::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_is_what_serde_json_makes_of_it(tree in any_tree()) {
        check_tree(&tree);
    }

    #[test]
    fn any_text_reads_back(text in any_text(), capacity in 0..200usize) {
        for for_lines in [false, true] {
            let json = encoded_in(capacity, capacity / 2, text.as_str(), for_lines);
            prop_assert_eq!(&serde_json::from_slice::<String>(&json).unwrap(), &text);
            let json = String::from_utf8(json).unwrap();
            let breaks: &[char] = if for_lines { &['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'] } else { &['\n'] };
            prop_assert!(!json.contains(breaks));
        }
    }

    #[test]
    fn any_map_with_a_text_key(map in proptest::collection::hash_map(any_text(), any::<u64>(), 0..20)) {
        prop_assert_eq!(encoded(&map, false), reference(&map));
        let map: BTreeMap<_, _> = map.into_iter().collect();
        prop_assert_eq!(encoded(&map, true), line_safe(&reference(&map)));
    }
}

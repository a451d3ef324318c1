//! Promise: the same bytes in frames of one size, whatever the records are, wherever chunks end and however the source
//! pauses or fails. What is checked while a body is read is in `scripted_body.rs` of the test support.

use chunkwire::{CHUNK_SIZE, Format};
use proptest::collection::vec;
use proptest::prelude::*;

use chunkwire_test_support::scripted_body::{Case, Reader, Shape, Step, check};
use chunkwire_test_support::tree::Tree;

const READERS: [Reader; 3] = [Reader::Drops, Reader::Keeps, Reader::OneChunk];

fn shapes() -> Vec<Shape> {
    let field = |key: &str, length: usize| (key.to_owned(), Tree::Text("z".repeat(length)));
    let (short, long) = (field("a\\b\n\u{2028}", 3), field("", 20_000));
    vec![
        Shape::Plain(Format::Array),
        Shape::Plain(Format::Lines),
        Shape::Envelope { before: vec![], key: "\"rows\"".to_owned(), after: None },
        Shape::Envelope { before: vec![short.clone()], key: "rows".to_owned(), after: Some(vec![]) },
        Shape::Envelope {
            before: vec![long.clone(), short.clone()],
            key: "".to_owned(),
            after: Some(vec![short, long]),
        },
    ]
}

/// Returns all ways to make and read a body.
fn cases() -> impl Iterator<Item = Case> {
    shapes().into_iter().flat_map(|shape| {
        READERS.into_iter().flat_map(move |reader| {
            let shape = shape.clone();
            (0..4).map(move |bits| Case {
                shape: shape.clone(),
                denies: bits & 1 != 0,
                full_chunks: bits & 2 != 0,
                reader,
            })
        })
    })
}

fn check_all_ways(steps: &[Step]) {
    for case in cases() {
        check(&case, steps);
    }
}

/// Returns a record whose JSON has `length` bytes, which is at least 2.
fn record_of(length: usize) -> Step {
    Step::Yield(Tree::Text("x".repeat(length - 2)))
}

#[test]
fn documents_that_end_near_the_end_of_a_chunk() {
    for chunks in 1..=3 {
        for length in chunks * CHUNK_SIZE - 6..=chunks * CHUNK_SIZE + 6 {
            check_all_ways(&[record_of(length)]);
            check_all_ways(&[record_of(length / 2), record_of(length - length / 2 - 1)]);
            check_all_ways(&[record_of(length), Step::Pause, record_of(2), Step::Pause]);
            check_all_ways(&[record_of(length), Step::Fail]);
            check_all_ways(&[record_of(length), Step::FailInside(Tree::Text("x".repeat(40_000)))]);
        }
    }
}

#[test]
fn nothing_but_pauses_and_failures() {
    check_all_ways(&[]);
    check_all_ways(&[Step::Pause]);
    check_all_ways(&[Step::Pause, Step::Pause, Step::Fail]);
    check_all_ways(&[Step::Fail]);
    check_all_ways(&[Step::FailInside(Tree::Unit), record_of(10)]);
}

fn any_record() -> impl Strategy<Value = Tree> {
    prop_oneof![
        8 => any::<u32>().prop_map(Tree::U32),
        4 => ("[ -~\u{2028}\u{85}é]{0,60}", 1..20usize).prop_map(|(text, times)| Tree::Text(text.repeat(times))),
        4 => vec(any::<f64>().prop_map(Tree::F64), 0..40).prop_map(Tree::Array),
        1 => (CHUNK_SIZE - 20..CHUNK_SIZE + 20).prop_map(|length| Tree::Text("y".repeat(length))),
        1 => (0..5 * CHUNK_SIZE).prop_map(|length| Tree::Text("\n".repeat(length))),
    ]
}

fn any_step(pauses: u32, failures: u32) -> impl Strategy<Value = Step> {
    prop_oneof![
        100 => any_record().prop_map(Step::Yield),
        pauses => Just(Step::Pause),
        failures => Just(Step::Fail),
        failures => any_record().prop_map(Step::FailInside),
    ]
}

fn any_script() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        vec(any_step(0, 0), 0..60),
        vec(any_step(5, 0), 0..60),
        vec(any_step(100, 1), 0..60),
        vec(any_step(2, 2), 0..60),
        (any_step(0, 0), 0..2000usize).prop_map(|(step, times)| vec![step; times.min(300)]),
    ]
}

fn any_field() -> impl Strategy<Value = (String, Tree)> {
    ("[ -~\u{2028}\né]{0,20}", any_record())
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let fields = || vec(any_field(), 0..3);
    prop_oneof![
        Just(Shape::Plain(Format::Array)),
        Just(Shape::Plain(Format::Lines)),
        (fields(), "[ -~\u{2028}\né]{0,20}", proptest::option::of(fields()))
            .prop_map(|(before, key, after)| Shape::Envelope { before, key, after }),
    ]
}

fn any_case() -> impl Strategy<Value = Case> {
    let reader = proptest::sample::select(&READERS[..]);
    (any_shape(), any::<bool>(), any::<bool>(), reader).prop_map(|(shape, denies, full_chunks, reader)| Case {
        shape,
        denies,
        full_chunks,
        reader,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_script_makes_the_plain_encoding_of_its_records(steps in any_script(), case in any_case()) {
        check(&case, &steps);
    }
}

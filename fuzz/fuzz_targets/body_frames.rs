//! Arbitrary records from a source that yields, pauses and fails by an arbitrary script: every promise of a body.
//!
//! The first byte says how the body is made and read: bit 0 is the format, bit 1 whether the source says that nothing
//! is left, and the rest what happens to the frames, whether chunks wait until they are full, and whether the array is
//! in an envelope. An envelope follows: its key, and the fields before and after the array, each up to a `}`.
#![no_main]

use chunkwire::{CHUNK_SIZE, Format};
use chunkwire_fuzz::Input;
use chunkwire_test_support::scripted_body::{Case, Reader, Shape, check};
use libfuzzer_sys::fuzz_target;

/// Enough for a few chunks.
const BUDGET: usize = 4 * CHUNK_SIZE;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data, BUDGET);
    let mode = input.byte();
    let (reader, waits, enveloped) = (mode >> 2, mode / 12, mode / 24);
    let lines = mode & 1 != 0;
    let shape = if enveloped & 1 != 0 {
        let (key, before, after) = (input.key(), input.members(), input.members());
        Shape::Envelope { key, before, after: (!lines).then_some(after) }
    } else {
        Shape::Plain(if lines { Format::Lines } else { Format::Array })
    };
    let case = Case {
        shape,
        denies: mode & 2 != 0,
        full_chunks: waits & 1 != 0,
        reader: [Reader::Drops, Reader::Keeps, Reader::OneChunk][usize::from(reader) % 3],
    };
    check(&case, &input.steps());
});

//! Arbitrary records by an arbitrary script of yielding, pausing and failing: every promise of a body.
//!
//! The first byte says how the body is read: bit 0 is the format, bit 1 whether the source knows its size, and the rest
//! what becomes of the frames.
#![no_main]

use chunkwire::{CHUNK_SIZE, Format};
use chunkwire_fuzz::Input;
use chunkwire_fuzz::scripted_body::{Reader, check};
use libfuzzer_sys::fuzz_target;

/// Enough for a few chunks.
const BUDGET: usize = 4 * CHUNK_SIZE;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data, BUDGET);
    let mode = input.byte();
    let format = if mode & 1 == 0 { Format::Array } else { Format::Lines };
    let tells_size = mode & 2 != 0;
    let reader = [Reader::Drops, Reader::Keeps, Reader::OneChunk][usize::from(mode >> 2) % 3];
    check(format, &input.steps(), tells_size, reader);
});

//! A buffer whose end is watched.
//!
//! A write beyond the capacity of a buffer mostly goes unnoticed without a sanitizer. Here the memory after it belongs
//! to a second buffer, whose bytes show it.

use bytes::BytesMut;
use chunkwire::{Encode, Writer};

/// More than any write beyond the room that a writer keeps.
const WATCHED: usize = 128;
const CANARY: u8 = 0xA5;

/// Encodes `value` after `filled` bytes into a buffer that holds `capacity`, and panics if a byte after that is
/// touched. Returns what was written.
pub fn encoded_in(capacity: usize, filled: usize, value: &(impl Encode + ?Sized), for_lines: bool) -> Vec<u8> {
    written_in(capacity, filled, for_lines, &|out| value.encode(out))
}

/// Does so with what `write` writes. It has no type of a value, so that it is compiled once and not for each.
fn written_in(capacity: usize, filled: usize, for_lines: bool, write: &dyn Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = BytesMut::with_capacity(capacity + WATCHED);
    bytes.resize(capacity + WATCHED, CANARY);
    let behind = bytes.split_off(capacity);
    bytes.truncate(filled);
    assert_eq!((bytes.capacity(), bytes.len()), (capacity, filled));

    let mut out = if for_lines { Writer::for_lines(&mut bytes) } else { Writer::new(&mut bytes) };
    write(&mut out);
    if behind.iter().any(|byte| *byte != CANARY) {
        // A writer that is out of bounds would panic again when it is dropped, and the message would be lost.
        std::mem::forget(out);
        panic!("wrote behind a buffer of {capacity} bytes from {filled} on");
    }
    drop(out);
    assert!(bytes[..filled].iter().all(|byte| *byte == CANARY), "wrote before the place to append to");
    bytes[filled..].to_vec()
}

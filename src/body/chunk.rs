//! The size of a chunk and its memory, which the next chunk uses again, whichever body it belongs to.
//!
//! A thread keeps one free buffer. If it fills a chunk and writes it before it turns to the next body, all its bodies
//! share that buffer, which never leaves the cache, and a body that waits holds none.

use std::cell::Cell;
use std::mem;

use bytes::{Bytes, BytesMut};

/// The size of a chunk in bytes: 16,384.
///
/// It is also the largest plaintext of a TLS record (RFC 8446, section 5.1) and the initial limit of an HTTP/2 frame
/// (RFC 9113, section 4.2), so that one chunk is one record or frame there too.
pub const CHUNK_SIZE: usize = 16 * 1024;

/// Space after a chunk for the end of the record that fills it. A longer record makes the buffer grow.
const OVERHANG: usize = 1024;

/// A buffer is not kept if a long record has made its allocation larger than this.
const LARGEST_KEPT: usize = 3 * CHUNK_SIZE;

thread_local! {
    static FREE: Cell<BytesMut> = Cell::default();
}

/// Moves the start of a chunk to a buffer with space for the chunk and the end of the record that fills it, unless it
/// is in such a buffer.
pub(crate) fn make_room(start: &mut BytesMut) {
    if start.capacity() < CHUNK_SIZE + OVERHANG {
        let mut buffer = FREE.try_with(Cell::take).unwrap_or_default();
        buffer.reserve(CHUNK_SIZE + OVERHANG);
        buffer.extend_from_slice(start);
        *start = buffer;
    }
}

/// Returns what is in a buffer as a frame; dropping it frees the buffer for another chunk.
pub(crate) fn frame(buffer: BytesMut) -> Bytes {
    Bytes::from_owner(FrameMemory(buffer))
}

/// Frees a buffer for another chunk.
pub(crate) fn reuse(mut buffer: BytesMut) {
    buffer.clear();
    // What is left of a long record may cover only the end of its allocation; this makes it cover all of it again.
    let is_large = buffer.try_reclaim(LARGEST_KEPT + 1);
    if !is_large && buffer.capacity() >= CHUNK_SIZE + OVERHANG {
        // A thread that ends keeps nothing.
        let _ = FREE.try_with(|free| free.set(buffer));
    }
}

/// The bytes of a frame; dropping them frees the buffer for another chunk.
struct FrameMemory(BytesMut);

impl AsRef<[u8]> for FrameMemory {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for FrameMemory {
    fn drop(&mut self) {
        reuse(mem::take(&mut self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the capacity of the free buffer after `buffer` was freed.
    fn kept(buffer: BytesMut) -> usize {
        reuse(buffer);
        FREE.take().capacity()
    }

    #[test]
    fn a_buffer_is_kept_unless_its_allocation_is_large() {
        let mut start = BytesMut::from(&b"[1"[..]);
        make_room(&mut start);
        assert_eq!(start, "[1");
        let space = start.capacity();
        assert!(kept(start) >= space && space >= CHUNK_SIZE + OVERHANG);

        assert_eq!(kept(BytesMut::from(&b"the end of a record"[..])), 0);
        assert_eq!(kept(BytesMut::with_capacity(LARGEST_KEPT + 1)), 0);
        let mut record = BytesMut::zeroed(64 * CHUNK_SIZE);
        let end = record.split_off(62 * CHUNK_SIZE);
        drop(record);
        assert_eq!(kept(end), 0, "the buffer covers two chunks of 64");
    }
}

//! The size of a chunk and its memory, which the next chunk uses again, whichever body it belongs to.
//!
//! A thread keeps some free buffers, and takes the one that was freed last. If it fills a chunk and writes it before it
//! turns to the next body, as with HTTP/1.1, all its bodies share one buffer, which never leaves the cache. The streams
//! of HTTP/2 fill a chunk each before any of them is written. A body that waits holds none.

use std::cell::RefCell;
use std::mem;

use bytes::{Bytes, BytesMut};

/// The size of a chunk in bytes: 16,384.
///
/// It is also the largest plaintext of a TLS record (RFC 8446, section 5.1) and the initial limit of an HTTP/2 frame
/// (RFC 9113, section 4.2), so that one chunk is one record or frame there too.
pub const CHUNK_SIZE: usize = 16 * 1024;

/// Space after a chunk for the end of the record that fills it. A longer record makes the buffer grow.
const OVERHANG: usize = 1024;

/// A buffer is not kept if a long record has made it larger than this.
const LARGEST_KEPT: usize = 3 * CHUNK_SIZE;

/// How many buffers a thread keeps: 1.1 MB of them. With one, a response over HTTP/2 took a quarter more CPU, for memory
/// that was given back and taken again.
const MOST_KEPT: usize = 64;

thread_local! {
    static FREE: RefCell<Vec<BytesMut>> = const { RefCell::new(Vec::new()) };
}

/// Moves the start of a chunk to a buffer with space for the chunk and the end of the record that fills it, unless it
/// is in such a buffer.
pub(crate) fn make_room(start: &mut BytesMut) {
    if start.capacity() < CHUNK_SIZE + OVERHANG {
        let kept = FREE.try_with(|free| free.borrow_mut().pop());
        let mut buffer = kept.ok().flatten().unwrap_or_default();
        buffer.reserve(CHUNK_SIZE + OVERHANG);
        buffer.extend_from_slice(start);
        *start = buffer;
    }
}

/// Returns what is in a buffer that [`make_room`] made as a frame; dropping it frees the buffer for another chunk.
///
/// Nothing may have been split off the buffer: it would keep an allocation alive of which it sees only a part.
pub(crate) fn frame(buffer: BytesMut) -> Bytes {
    Bytes::from_owner(FrameMemory(buffer))
}

/// Frees a buffer for another chunk, as [`frame`] does.
pub(crate) fn reuse(mut buffer: BytesMut) {
    buffer.clear();
    if (CHUNK_SIZE + OVERHANG..=LARGEST_KEPT).contains(&buffer.capacity()) {
        // A thread that ends keeps nothing.
        let _ = FREE.try_with(|free| {
            let free = &mut *free.borrow_mut();
            if free.len() < MOST_KEPT {
                free.push(buffer);
            }
        });
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
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use http_body::Body;

    use super::*;
    use crate::{Format, JsonBody};

    /// Returns the capacities of the buffers that the thread keeps, which it then does no more.
    fn kept() -> Vec<usize> {
        FREE.take().iter().map(BytesMut::capacity).collect()
    }

    #[test]
    fn a_buffer_is_kept_unless_its_allocation_is_large() {
        let mut start = BytesMut::from(&b"[1"[..]);
        make_room(&mut start);
        assert_eq!(start, "[1");
        let space = start.capacity();
        assert!(space >= CHUNK_SIZE + OVERHANG);
        reuse(start);
        assert_eq!(kept(), [space]);

        reuse(BytesMut::from(&b"the end of a record"[..]));
        reuse(BytesMut::with_capacity(LARGEST_KEPT + 1));
        assert!(kept().is_empty());
    }

    #[test]
    fn the_buffer_that_was_freed_last_is_taken_first_and_only_some_are_kept() {
        for size in 0..2 * MOST_KEPT {
            reuse(BytesMut::with_capacity(CHUNK_SIZE + OVERHANG + size));
        }
        let mut start = BytesMut::new();
        make_room(&mut start);
        assert_eq!(start.capacity(), CHUNK_SIZE + OVERHANG + MOST_KEPT - 1);
        assert_eq!(kept().len(), MOST_KEPT - 1);
    }

    /// Returns the capacities of the buffers that are kept after a long record was sent whose frames all lived to its
    /// end.
    fn kept_after(record: usize, drop_frames: impl Fn(&mut Vec<Bytes>)) -> Vec<usize> {
        kept();
        let mut body = pin!(JsonBody::new(Format::Lines, ["x".repeat(record)]));
        let mut frames = Vec::new();
        while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
            frames.push(frame.unwrap().into_data().unwrap());
        }
        drop_frames(&mut frames);
        drop(frames);
        kept()
    }

    #[test]
    fn the_allocation_of_a_long_record_is_not_kept_however_its_frames_are_dropped() {
        for chunks in [2, 3, 4, 5, 64, 2000] {
            for over in [0, 1, 1000, CHUNK_SIZE / 2, CHUNK_SIZE - 4] {
                let record = chunks * CHUNK_SIZE + over;
                for kept in [
                    kept_after(record, |frames| while frames.pop().is_some() {}),
                    kept_after(record, |frames| {
                        while !frames.is_empty() {
                            drop(frames.remove(0));
                        }
                    }),
                    kept_after(record, |frames| drop(frames.swap_remove(frames.len() / 2))),
                ] {
                    // The buffer of the end of the record, or none.
                    let is_whole = kept.iter().all(|kept| *kept == CHUNK_SIZE + OVERHANG);
                    assert!(is_whole, "a part passes for a buffer, after a record of {record}: {kept:?} bytes");
                }
            }
        }
    }

    /// A thread keeps what a record of a few KiB has made of a buffer, since the next is likely to need it.
    #[test]
    fn a_buffer_that_grew_a_little_is_kept() {
        let kept = kept_after(CHUNK_SIZE + 5000, |frames| while frames.pop().is_some() {});
        assert!((CHUNK_SIZE + 5000..=LARGEST_KEPT).contains(kept.last().unwrap()), "{kept:?}");
    }
}

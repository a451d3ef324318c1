//! A global allocator that counts chunks: allocations of a chunk's size or more.
//!
//! It counts per thread, so that tests can run side by side; each must stay on its thread, as with `#[tokio::test]`. A
//! test binary that counts installs it:
//!
//! ```ignore
//! #[global_allocator]
//! static ALLOCATOR: CountChunks = CountChunks;
//! ```
#![allow(unsafe_code, reason = "a global allocator can't be written without; this one only counts what it forwards")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use http_body::Body;

/// The system's allocator, and a tally of the large allocations.
pub struct CountChunks;

/// The allocations of a chunk's size or more that a thread made since it last called [`restart`](Tally::restart).
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// How many are alive.
    pub live: isize,
    /// The most that were alive at once.
    pub peak: isize,
    /// How many were made.
    pub made: usize,
    /// The address of the last one made.
    pub latest: usize,
}

thread_local! {
    static TALLY: Cell<Tally> = const { Cell::new(Tally { live: 0, peak: 0, made: 0, latest: 0 }) };
}

impl Tally {
    /// Restarts the count.
    pub fn restart() {
        TALLY.set(Self::default());
    }

    /// Returns what was counted so far.
    pub fn now() -> Self {
        TALLY.get()
    }
}

// SAFETY: every call is forwarded to the system's allocator as is; the tally is a plain cell that never allocates.
unsafe impl GlobalAlloc for CountChunks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        let made = unsafe { System.alloc(layout) };
        if layout.size() >= CHUNK_SIZE {
            let tally = TALLY.get();
            let live = tally.live + 1;
            let latest = made.addr();
            TALLY.set(Tally { live, peak: tally.peak.max(live), made: tally.made + 1, latest });
        }
        made
    }

    unsafe fn dealloc(&self, allocation: *mut u8, layout: Layout) {
        if layout.size() >= CHUNK_SIZE {
            let tally = TALLY.get();
            TALLY.set(Tally { live: tally.live - 1, ..tally });
        }
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(allocation, layout) }
    }
}

/// Restarts the count, with one buffer on the thread that any chunk may use.
pub fn count_besides_one() {
    let polled = Pin::new(&mut JsonBody::new(Format::Lines, [0])).poll_frame(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Some(Ok(_)))));
    Tally::restart();
}

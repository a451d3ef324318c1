//! Records that note where they are encoded, and a check whether a transport gets them there.
//!
//! The chain is closed at both ends. While a record is encoded, exactly one allocation is alive that is large enough
//! for a chunk, and the encoder writes to it: the record notes the allocation's address and its own place in it. When
//! the transport is asked to write, the very same addresses must be in the slices that it gets, with the text of the
//! record.
//!
//! A test needs [`CountChunks`](crate::allocations::CountChunks) as its allocator, and one thread.

use std::cell::RefCell;
use std::io::IoSlice;

use chunkwire::{CHUNK_SIZE, Encode, Writer};

use crate::allocations::Tally;
use crate::transport::Attempt;

/// Where a record was encoded, and as what.
#[derive(Debug)]
struct Note {
    address: usize,
    json: String,
}

/// How many records the transport got in place, and how many elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub in_place: usize,
    pub elsewhere: usize,
}

thread_local! {
    /// What was encoded since the last write.
    static NOTES: RefCell<Vec<Note>> = RefCell::default();
    static COUNTS: RefCell<Counts> = RefCell::default();
}

/// A record that notes where it is encoded.
pub struct Noted(pub String);

impl Encode for Noted {
    fn encode(&self, out: &mut Writer<'_>) {
        let tally = Tally::now();
        assert_eq!((tally.live, tally.made), (1, 1), "one allocation for the whole response: {tally:?}");
        let place = out.len();
        out.string(&self.0);
        // Only the end of a record that spans two chunks is moved.
        if out.len() <= CHUNK_SIZE {
            let note = Note { address: tally.latest + place, json: format!("\"{}\"", self.0) };
            NOTES.with_borrow_mut(|notes| notes.push(note));
        }
    }
}

/// Returns the bytes of `slices` at an address, if they are there.
fn at<'a>(slices: &'a [IoSlice<'_>], address: usize, size: usize) -> Option<&'a [u8]> {
    slices.iter().find_map(|slice| slice.get(address.checked_sub(slice.as_ptr().addr())?..)?.get(..size))
}

/// Looks for the records that were encoded since the last write: the watcher of a
/// [`Watched`](crate::transport::Watched) transport.
pub fn check(attempt: Attempt<'_>) {
    for Note { address, json } in NOTES.take() {
        let is_there = at(attempt.slices, address, json.len()) == Some(json.as_bytes());
        COUNTS.with_borrow_mut(|counts| if is_there { counts.in_place += 1 } else { counts.elsewhere += 1 });
    }
}

/// Returns what was counted on this thread.
pub fn counted() -> Counts {
    COUNTS.take()
}

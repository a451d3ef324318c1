//! What each of the frameworks serves.

use std::sync::atomic::{AtomicUsize, Ordering};

use chunkwire::{Format, Iter, JsonBody};
use chunkwire_test_support::records::texts;

/// The size of a record in the array, with its comma.
pub const RECORD: usize = 100;
/// Two megabytes, which is more than a framework queues.
pub const RECORDS: usize = 20_000;
/// Records of endless arrays that were pulled, and sources of such that were dropped.
pub static PULLED: AtomicUsize = AtomicUsize::new(0);
pub static DROPPED: AtomicUsize = AtomicUsize::new(0);

pub type Records = Box<dyn Iterator<Item = Result<String, &'static str>> + Send + Sync>;

/// Returns the body for a path: `/whole`, `/failing`, or `/endless`.
pub fn body(path: &str) -> JsonBody<Iter<Records>> {
    let records: Records = match path {
        "/whole" => Box::new(texts(RECORD - 1, RECORDS).map(Ok)),
        "/failing" => Box::new(texts(RECORD - 1, RECORDS).map(Ok).chain([Err("the database went away")])),
        "/endless" => Box::new(Endless),
        other => unreachable!("{other} is not asked for"),
    };
    JsonBody::new(Format::Array, records)
}

struct Endless;

impl Iterator for Endless {
    type Item = Result<String, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        PULLED.fetch_add(1, Ordering::SeqCst);
        texts(RECORD - 1, 1).next().map(Ok)
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

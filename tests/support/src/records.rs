//! Sources of records: of a known size, counted, scripted.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use chunkwire::Format;
use futures_core::Stream;

/// Returns `count` different strings that take `size` bytes each as JSON, quotes included.
pub fn texts(size: usize, count: usize) -> impl Iterator<Item = String> + Clone {
    assert!(size >= 10, "{size} bytes don't hold a number of 8 digits and its quotes");
    (0..count).map(move |number| format!("{number:0width$}", width = size - 2))
}

/// Returns plain strings, all but the last of 100 bytes, that make a document of exactly `size` bytes.
pub fn texts_of(format: Format, size: usize) -> Vec<String> {
    // Every record has its quotes and one more byte (`[`, `,` or a newline); an array ends with another.
    let rest = if format == Format::Array { size - 1 } else { size };
    let whole = (rest / 101).saturating_sub(1);
    let last = rest - whole * 101 - 3;
    texts(100, whole).chain([".".repeat(last)]).collect()
}

/// Returns the document that plain strings make, built without the library.
pub fn document(format: Format, texts: &[String]) -> Vec<u8> {
    let records: Vec<String> = texts.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
    match format {
        Format::Array => format!("[{}]", records.join(",")).into_bytes(),
        _ => records.iter().flat_map(|record| [record.as_bytes(), b"\n"]).flatten().copied().collect(),
    }
}

/// Returns what a failure after plain strings leaves: all that is whole, and what nothing closes.
pub fn cut_document(format: Format, texts: &[String]) -> Vec<u8> {
    let mut cut = document(format, texts);
    match format {
        Format::Array => drop(cut.pop()),
        _ => cut.push(b'{'),
    }
    cut
}

/// An iterator that counts the records that were pulled.
#[derive(Clone, Debug)]
pub struct Counted<I> {
    records: I,
    pulled: Rc<Cell<usize>>,
}

impl<I> Counted<I> {
    pub fn new(records: I) -> (Self, Rc<Cell<usize>>) {
        let pulled = Rc::default();
        (Self { records, pulled: Rc::clone(&pulled) }, pulled)
    }
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let record = self.records.next()?;
        self.pulled.set(self.pulled.get() + 1);
        Some(record)
    }
}

/// A source that pauses before the records that the script, a ring of bits, marks with a one.
#[derive(Debug)]
pub struct Pausing<I> {
    records: I,
    script: u64,
    paused: bool,
}

impl<I> Pausing<I> {
    pub fn new(records: I, script: u64) -> Self {
        Self { records, script, paused: false }
    }
}

impl<I: Iterator + Unpin> Stream for Pausing<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<I::Item>> {
        if !self.paused {
            self.script = self.script.rotate_right(1);
            self.paused = self.script & 1 == 1;
            if self.paused {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        self.paused = false;
        Poll::Ready(self.records.next())
    }
}

/// A source that yields what it has and then pauses for good.
#[derive(Debug)]
pub struct Unending<I>(pub I);

impl<I: Iterator + Unpin> Stream for Unending<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        self.0.next().map_or(Poll::Pending, |record| Poll::Ready(Some(record)))
    }
}

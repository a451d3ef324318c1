//! How many rows a page asks for.

use super::super::query::described::Query;

/// A page for a client that has not read anything yet.
const FIRST: usize = 4;

/// A page for a client that keeps up.
const MOST: usize = 16;

/// The size of the next page: it doubles for a client that keeps up, and is one chunk for one that does not.
#[derive(Debug)]
pub(super) struct PageSize {
    chunks: usize,
    rows_of_a_chunk: usize,
}

impl PageSize {
    pub(super) fn new() -> Self {
        Self { chunks: FIRST, rows_of_a_chunk: 32 }
    }

    /// Returns how many of the rows that are `left` the next page asks for.
    pub(super) fn rows(&self, left: u64) -> usize {
        // An eighth more, so that the last chunk is most likely full.
        let rows = self.chunks * self.rows_of_a_chunk * 9 / 8 + 1;
        rows.min(Query::MOST_ROWS).min(usize::try_from(left).unwrap_or(usize::MAX))
    }

    /// Notes how many rows a chunk took.
    pub(super) fn chunk_took(&mut self, rows: usize) {
        self.rows_of_a_chunk = rows.max(1);
    }

    /// Notes how many rows a chunk has that is not full yet: it will take more.
    pub(super) fn chunk_has(&mut self, rows: usize) {
        self.rows_of_a_chunk = self.rows_of_a_chunk.max(rows);
    }

    /// Notes that the client came back in time for the next chunk.
    pub(super) fn grow(&mut self) {
        self.chunks = (self.chunks * 2).min(MOST);
    }

    /// Notes that it did not.
    pub(super) fn shrink(&mut self) {
        self.chunks = 1;
    }

    /// Returns whether it is worth while to wait for the client.
    pub(super) fn is_more_than_a_chunk(&self) -> bool {
        self.chunks > 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_grows_to_sixteen_chunks_and_falls_to_one() {
        let mut size = PageSize::new();
        size.chunk_took(8);
        let mut rows = Vec::new();
        for _ in 0..4 {
            rows.push(size.rows(u64::MAX));
            size.grow();
        }
        assert_eq!(rows, [37, 73, 145, 145]);
        assert!(size.is_more_than_a_chunk());
        size.shrink();
        assert_eq!(size.rows(u64::MAX), 10);
        assert!(!size.is_more_than_a_chunk());
        size.grow();
        assert_eq!(size.rows(u64::MAX), 19);
    }

    #[test]
    fn a_page_has_no_more_rows_than_are_left_or_a_statement_has() {
        let mut size = PageSize::new();
        assert_eq!(size.rows(3), 3);
        size.chunk_took(16_384);
        assert_eq!(size.rows(u64::MAX), Query::MOST_ROWS);
        size.chunk_took(0);
        assert_eq!(size.rows(u64::MAX), 5);
    }
}

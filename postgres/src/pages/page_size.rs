//! How many rows a page asks for.

use chunkwire::CHUNK_SIZE;

use crate::query::described::Query;

/// A page for a client that keeps up, in chunks; the first one, too.
const MOST: usize = 16;

/// The size of the next page: one chunk for a client that does not keep up, and twice as much with each page for one
/// that does.
#[derive(Debug)]
pub(super) struct PageSize {
    chunks: usize,
    rows_of_a_chunk: usize,
}

impl PageSize {
    /// Returns the size of a first page, whose rows the planner takes for `row_width` bytes long.
    pub(super) fn new(row_width: usize) -> Self {
        // As JSON they are about half as long again, names of columns included.
        let json = row_width.saturating_mul(3) / 2 + 32;
        Self { chunks: MOST, rows_of_a_chunk: (CHUNK_SIZE / json).max(1) }
    }

    /// Returns how many of the rows that are `left` the next page asks for.
    pub(super) fn rows(&self, left: u64) -> usize {
        // An eighth more, so that the last chunk is most likely full.
        let rows = self.chunks * self.rows_of_a_chunk * 9 / 8 + 1;
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        // A last page of a few rows would cost more than they do here.
        let reaches_the_end = self.is_more_than_a_chunk() && left <= rows + rows / 8;
        if reaches_the_end { left } else { rows }.min(left).min(Query::MOST_ROWS)
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
    fn a_page_has_sixteen_chunks_falls_to_one_and_grows_again() {
        let mut size = PageSize::new(150);
        assert_eq!(size.rows(u64::MAX), Query::MOST_ROWS);
        size.chunk_took(8);
        assert_eq!(size.rows(u64::MAX), 145);
        assert!(size.is_more_than_a_chunk());
        size.shrink();
        assert!(!size.is_more_than_a_chunk());
        let mut rows = Vec::new();
        for _ in 0..6 {
            rows.push(size.rows(u64::MAX));
            size.grow();
        }
        assert_eq!(rows, [10, 19, 37, 73, 145, 145]);
    }

    #[test]
    fn the_first_page_goes_by_what_the_planner_knows() {
        for (width, rows) in [(0, 1024), (150, 1024), (400, 451), (10_000, 19), (usize::MAX, 19)] {
            assert_eq!(PageSize::new(width).rows(u64::MAX), rows, "{width}");
        }
    }

    #[test]
    fn a_page_that_nearly_reaches_the_end_does() {
        let mut size = PageSize::new(400);
        assert_eq!([507, 508].map(|left| size.rows(left)), [507, 451]);
        size.shrink();
        assert_eq!([29, 30, 31].map(|left| size.rows(left)), [29, 29, 29]);
    }

    #[test]
    fn a_page_has_no_more_rows_than_are_left_or_a_statement_has() {
        let mut size = PageSize::new(1000);
        assert_eq!(size.rows(3), 3);
        size.chunk_took(16_384);
        assert_eq!(size.rows(u64::MAX), Query::MOST_ROWS);
        size.chunk_took(0);
        assert_eq!(size.rows(u64::MAX), 19);
    }
}

//! One member of gzip (RFC 1952), whose blocks come from whichever compressor is free.

use std::mem;

use bytes::{Bytes, BytesMut};
use flate2::Crc;

use super::deflate::Deflate;
use crate::body::chunk::{self, CHUNK_SIZE};

/// The head of a member (RFC 1952, section 2.3.1): deflate, no flags, no time, nothing about the level, a system that is
/// not known.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The last block, which is empty (RFC 1951, section 3.2.6).
const LAST_BLOCK: [u8; 2] = [3, 0];

/// What is known of a member between two chunks.
#[derive(Debug, Default)]
pub(super) struct Member {
    /// The checksum and the length of what was compressed.
    crc: Crc,
    has_begun: bool,
}

impl Member {
    /// Appends bytes, compressed.
    pub(super) fn write(&mut self, deflate: &mut Deflate, bytes: &[u8], chunk: &mut Chunk) {
        self.begin(chunk);
        self.crc.update(bytes);
        chunk.put(deflate.compress(bytes));
    }

    /// Appends the end.
    pub(super) fn end(&mut self, chunk: &mut Chunk) {
        self.begin(chunk);
        chunk.put(&LAST_BLOCK);
        chunk.put(&self.crc.sum().to_le_bytes());
        // The length modulo 2^32.
        chunk.put(&self.crc.amount().to_le_bytes());
    }

    fn begin(&mut self, chunk: &mut Chunk) {
        if !mem::replace(&mut self.has_begun, true) {
            chunk.put(&HEAD);
        }
    }
}

/// A chunk of compressed bytes, and what did not fit into it.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    bytes: BytesMut,
    over: BytesMut,
}

impl Chunk {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() == CHUNK_SIZE
    }

    fn put(&mut self, bytes: &[u8]) {
        chunk::make_room(&mut self.bytes);
        let (fits, over) = bytes.split_at(bytes.len().min(CHUNK_SIZE - self.bytes.len()));
        self.bytes.extend_from_slice(fits);
        match self.over.is_empty() {
            // No more memory than that: it may be kept for as long as a client does not read.
            true => self.over = BytesMut::from(over),
            false => self.over.extend_from_slice(over),
        }
    }

    /// Takes the chunk, and begins another with what did not fit.
    pub(super) fn take(&mut self) -> Bytes {
        let start = match self.over.len() > CHUNK_SIZE {
            true => self.over.split_to(CHUNK_SIZE),
            false => mem::take(&mut self.over),
        };
        chunk::frame(mem::replace(&mut self.bytes, start))
    }

    /// Gives back the memory of a chunk that is empty.
    pub(super) fn give_back(&mut self) {
        chunk::reuse(mem::take(&mut self.bytes));
    }
}

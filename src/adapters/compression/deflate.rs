//! The thread's own compressors.

use std::cell::RefCell;

use flate2::{Compress, Compression, FlushCompress};

/// The levels of deflate: 1 to 9.
const LEVELS: usize = 9;

/// What a sync flush and the heads of blocks take at most (RFC 1951, section 3.2.4).
const FRAMING: usize = 64;

thread_local! {
    static FREE: RefCell<[Option<Box<Encoder>>; LEVELS]> = const { RefCell::new([const { None }; LEVELS]) };
}

/// A compressor of the thread, which knows nothing of what it compressed before. It takes about 300 KiB, and goes back
/// when it is dropped.
pub(super) struct Deflate {
    encoder: Option<Box<Encoder>>,
    level: usize,
}

struct Encoder {
    compress: Compress,
    out: Vec<u8>,
}

impl Deflate {
    /// Takes a compressor of a level from 1 to 9.
    pub(super) fn take(level: u8) -> Self {
        let level = usize::from(level).clamp(1, LEVELS);
        let kept = FREE.try_with(|free| free.borrow_mut()[level - 1].take());
        let encoder = kept.ok().flatten().map_or_else(
            || Box::new(Encoder { compress: Compress::new(Compression::new(level as u32), false), out: Vec::new() }),
            |mut encoder| {
                encoder.compress.reset();
                encoder
            },
        );
        Self { encoder: Some(encoder), level }
    }

    /// Returns `bytes` as raw deflate (RFC 1951) that ends with a sync flush, so that all of it can be decoded, and what
    /// comes next may be of another compressor.
    pub(super) fn compress(&mut self, mut bytes: &[u8]) -> &[u8] {
        let Some(encoder) = &mut self.encoder else { return &[] };
        let Encoder { compress, out } = &mut **encoder;
        out.clear();
        loop {
            out.reserve(bytes.len() + FRAMING);
            let read = compress.total_in();
            // It fails only in states that `take` does not make.
            let flushed = compress.compress_vec(bytes, out, FlushCompress::Sync);
            bytes = &bytes[(compress.total_in() - read) as usize..];
            // Space that is left says that nothing waits in the compressor.
            if flushed.is_err() || (bytes.is_empty() && out.len() < out.capacity()) {
                return out;
            }
        }
    }
}

impl Drop for Deflate {
    fn drop(&mut self) {
        let encoder = self.encoder.take();
        // A thread that ends keeps nothing.
        let _ = FREE.try_with(|free| free.borrow_mut()[self.level - 1] = encoder);
    }
}

//! Where values write their bytes: a cursor into the free part of a [`BytesMut`].
//!
//! All `unsafe` of the crate is in this file. It keeps one invariant, from which every write follows:
//!
//! > **Room.** Between calls, `at <= limit`, both point into (or one past) the allocation of `out`, everything from
//! > `out`'s start to `at` is initialised, and at least [`ROOM`] bytes are free from `limit` on.
//!
//! So a value of bounded size is written without a check and then accounted for by one ([`advance`](Writer::advance));
//! text is checked once a string, and again after each escape.
#![allow(unsafe_code, reason = "the one file that may; every block below rests on Room")]

use std::fmt;
use std::marker::PhantomData;
use std::ptr;

use bytes::BytesMut;

use super::escapes::{Block, Escape};

/// Bytes that can always be written without asking: more than the longest number (40), escape (6) or block of text (16).
const ROOM: usize = 64;

/// Appends JSON to a [`BytesMut`].
///
/// The bytes stay where they are written: the buffer is the chunk that goes to the socket. It grows where a record
/// needs it to; what is written is part of the buffer once the writer has been dropped.
///
/// # Examples
///
/// A type whose JSON is not that of its fields writes itself:
///
/// ```
/// use chunkwire::{Encode, Writer};
///
/// /// A money amount in cents, as a JSON number with two decimals.
/// struct Cents(u32);
///
/// impl Encode for Cents {
///     fn encode(&self, out: &mut Writer<'_>) {
///         out.integer(self.0 / 100);
///         out.raw(if self.0 % 100 < 10 { ".0" } else { "." });
///         out.integer(self.0 % 100);
///     }
/// }
///
/// assert_eq!(chunkwire::to_vec(&[Cents(1999), Cents(305)]), b"[19.99,3.05]");
/// ```
pub struct Writer<'a> {
    out: *mut BytesMut,
    at: *mut u8,
    limit: *mut u8,
    line_safe: bool,
    borrowed: PhantomData<&'a mut BytesMut>,
}

impl<'a> Writer<'a> {
    /// A writer that appends to `out`, with the escapes that RFC 8259, section 7, asks for: the quotation mark, the
    /// backslash, and U+0000 to U+001F.
    #[inline]
    pub fn new(out: &'a mut BytesMut) -> Self {
        Self::with_line_safety(out, false)
    }

    /// A writer that also escapes U+0085, U+2028 and U+2029, at which some clients end a line (Python's
    /// `str.splitlines` among them).
    ///
    /// What it writes never holds a line break of any kind, unless [`raw`](Self::raw) puts one there.
    #[inline]
    pub fn for_lines(out: &'a mut BytesMut) -> Self {
        Self::with_line_safety(out, true)
    }

    #[inline]
    fn with_line_safety(out: &'a mut BytesMut, line_safe: bool) -> Self {
        let at = out.as_mut_ptr_range().end;
        // SAFETY: `at` is the end of what `out` holds.
        let (at, limit) = unsafe { grow(out, at, 0) };
        Self { out, at, limit, line_safe, borrowed: PhantomData }
    }

    /// The number of bytes in the buffer, with those that were there before this writer.
    #[inline]
    #[allow(clippy::len_without_is_empty, reason = "a position, not a collection")]
    pub fn len(&self) -> usize {
        // SAFETY: `out` is borrowed for 'a, and no other reference to it is in use while this one is read.
        let start = unsafe { (*self.out).as_ptr() };
        self.at as usize - start as usize
    }

    /// Appends text as it is.
    ///
    /// The caller sees to it that the whole stays JSON. Literals are stored at fixed size.
    #[inline(always)]
    pub fn raw(&mut self, json: &str) {
        self.bytes(json.as_bytes());
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) {
        if bytes.len() > ROOM {
            self.ensure(bytes.len());
        }
        // SAFETY: ROOM bytes are free at `at`, or `bytes.len()` after `ensure`; a shared slice can't overlap the
        // exclusively borrowed buffer.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.at, bytes.len());
            self.advance(bytes.len());
        }
    }

    /// Appends an integer in decimal digits.
    #[inline]
    pub fn integer<I: itoa::Integer>(&mut self, value: I) {
        self.raw(itoa::Buffer::new().format(value));
    }

    /// Appends a finite float: the shortest decimal number that reads back as `value`.
    #[inline]
    pub(super) fn finite_f64(&mut self, value: f64) {
        debug_assert!(value.is_finite());
        // SAFETY: ROOM bytes are free at `at`, and `format64` writes at most 24 and returns how many.
        unsafe {
            let written = ryu::raw::format64(value, self.at);
            self.advance(written);
        }
    }

    /// Appends a finite float: the shortest decimal number that reads back as `value`.
    #[inline]
    pub(super) fn finite_f32(&mut self, value: f32) {
        debug_assert!(value.is_finite());
        // SAFETY: ROOM bytes are free at `at`, and `format32` writes at most 16 and returns how many.
        unsafe {
            let written = ryu::raw::format32(value, self.at);
            self.advance(written);
        }
    }

    /// Appends a JSON string: quoted, and escaped where it must be.
    #[inline]
    pub fn string(&mut self, text: &str) {
        self.raw("\"");
        if self.line_safe {
            self.escaped::<true>(text.as_bytes())
        } else {
            self.escaped::<false>(text.as_bytes())
        }
        self.raw("\"");
    }

    /// Copies text in blocks of 16 bytes, looking for bytes to escape on the way.
    fn escaped<const LINE_SAFE: bool>(&mut self, mut text: &[u8]) {
        self.ensure(text.len());
        while !text.is_empty() {
            let block = Block::load(text);
            let clean = clean_prefix::<LINE_SAFE>(block);
            // SAFETY: `ensure` left `text.len()` bytes free in front of `limit`, so ROOM bytes are free at `at` for
            // the 16 that are stored; `clean` is at most `text.len()`, as the padding of a block is not clean.
            unsafe {
                ptr::copy_nonoverlapping(block.bytes().as_ptr(), self.at, Block::SIZE);
                self.at = self.at.add(clean);
            }
            text = &text[clean..];
            if clean < Block::SIZE {
                let escape = Escape::of::<LINE_SAFE>(text);
                self.bytes(escape.bytes());
                text = &text[escape.stands_for..];
                self.ensure(text.len());
            }
        }
    }

    /// Takes back everything behind the first `len` bytes of the buffer.
    ///
    /// # Panics
    ///
    /// Where `len` is more than [`len`](Self::len).
    pub(crate) fn truncate(&mut self, len: usize) {
        let surplus = self.len().checked_sub(len).expect("a writer can only be truncated to what it holds");
        // SAFETY: `surplus` is at most `self.len()`, so the cursor stays in the buffer; Room holds further back too.
        self.at = unsafe { self.at.sub(surplus) };
    }

    /// Makes room for `additional` bytes in front of `limit`.
    #[inline(always)]
    fn ensure(&mut self, additional: usize) {
        if self.limit as usize - (self.at as usize) < additional {
            // SAFETY: `out` is borrowed for 'a, and this is the only reference to it in use; Room holds for `at`.
            (self.at, self.limit) = unsafe { grow(&mut *self.out, self.at, additional) };
        }
    }

    /// Moves the cursor over `written` bytes and restores Room.
    ///
    /// # Safety
    ///
    /// `written` bytes from `at` on are initialised and lie in the allocation.
    #[inline(always)]
    unsafe fn advance(&mut self, written: usize) {
        // SAFETY: the caller wrote these bytes inside the allocation.
        self.at = unsafe { self.at.add(written) };
        if self.at > self.limit {
            // SAFETY: `out` is borrowed for 'a, and this is the only reference to it in use; Room holds for `at`.
            (self.at, self.limit) = unsafe { grow(&mut *self.out, self.at, 0) };
        }
    }
}

/// Commits what was written up to `at`, and returns a cursor with `additional` bytes, and ROOM more, in front of it.
///
/// It takes and returns the pointers by value, so that a writer can live in registers.
///
/// # Safety
///
/// `at` lies in the allocation of `out` or one past it, and every byte before it is initialised.
#[cold]
#[inline(never)]
unsafe fn grow(out: &mut BytesMut, at: *mut u8, additional: usize) -> (*mut u8, *mut u8) {
    // SAFETY: that is what the caller promises.
    unsafe { out.set_len(at as usize - out.as_ptr() as usize) };
    out.reserve(additional + ROOM);
    let free = out.spare_capacity_mut().as_mut_ptr_range();
    let limit = free.end.wrapping_sub(ROOM);
    (free.start.cast(), limit.cast())
}

/// How many bytes of `block` can go into a JSON string as they are, found the fastest way that the target has.
#[inline(always)]
pub(super) fn clean_prefix<const LINE_SAFE: bool>(block: Block) -> usize {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has SSE2.
    return unsafe { block.clean_prefix_sse2::<LINE_SAFE>() };
    #[cfg(not(target_arch = "x86_64"))]
    return block.clean_prefix_words::<LINE_SAFE>();
}

impl Drop for Writer<'_> {
    #[inline]
    fn drop(&mut self) {
        let len = self.len();
        // SAFETY: by Room, that many bytes are initialised and in the allocation; `out` is borrowed for 'a.
        unsafe { (*self.out).set_len(len) };
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("len", &self.len()).field("line_safe", &self.line_safe).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appends_behind_what_is_there() {
        let mut bytes = BytesMut::from(&b"[1"[..]);
        let mut out = Writer::new(&mut bytes);
        assert_eq!(out.len(), 2);
        out.raw(",");
        out.integer(2);
        assert_eq!(out.len(), 4);
        drop(out);
        assert_eq!(bytes, "[1,2");
    }

    #[test]
    fn grows_at_every_fill_level() {
        for filled in 0..200 {
            let mut bytes = BytesMut::with_capacity(128);
            let mut out = Writer::new(&mut bytes);
            let mut expected = String::new();
            for _ in 0..filled {
                out.raw("x");
                expected.push('x');
            }
            let long = "long text ".repeat(20);
            out.raw(&long);
            out.string("a\"b");
            out.integer(i128::MIN);
            expected = format!("{expected}{long}\"a\\\"b\"{}", i128::MIN);
            drop(out);
            assert_eq!(bytes, expected);
        }
    }

    #[test]
    fn line_safe_text_holds_no_line_break() {
        let mut bytes = BytesMut::new();
        let text = "a\u{85}b\u{2028}c\u{2029}d\ne\r\u{b}\u{c}\u{1c}é\u{80}\u{2030}\u{2027}";
        Writer::for_lines(&mut bytes).string(text);
        let json = std::str::from_utf8(&bytes).unwrap();
        assert!(json.starts_with("\"a\\u0085b\\u2028c\\u2029d\\ne\\r"), "{json}");
        assert!(!json.contains(['\u{85}', '\u{2028}', '\u{2029}', '\n', '\r', '\u{b}', '\u{c}']));
        assert_eq!(serde_json::from_str::<String>(json).unwrap(), text);
    }
}

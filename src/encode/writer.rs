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

use super::digits::{self, Decimal, EightDigits};
use super::escapes::{self, BLOCK, Escape};
use super::short::Short;

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
///         out.unsigned(u64::from(self.0 / 100));
///         out.raw(if self.0 % 100 < 10 { ".0" } else { "." });
///         out.unsigned(u64::from(self.0 % 100));
///     }
/// }
///
/// assert_eq!(chunkwire::to_vec(&[Cents(1999), Cents(305)]), b"[19.99,3.05]");
/// ```
pub struct Writer<'a> {
    cursor: Cursor,
    line_safe: bool,
    borrowed: PhantomData<&'a mut BytesMut>,
}

impl<'a> Writer<'a> {
    /// A writer that appends to `out`, with the escapes that RFC 8259, section 7, asks for: the quotation mark, the
    /// backslash, and U+0000 to U+001F.
    #[inline]
    pub fn new(out: &'a mut BytesMut) -> Self {
        Self { cursor: Cursor::at_end_of(out), line_safe: false, borrowed: PhantomData }
    }

    /// A writer that also escapes U+0085, U+2028 and U+2029, at which some clients end a line (Python's
    /// `str.splitlines` among them).
    ///
    /// What it writes never holds a line break of any kind, unless [`raw`](Self::raw) puts one there.
    #[inline]
    pub fn for_lines(out: &'a mut BytesMut) -> Self {
        Self { line_safe: true, ..Self::new(out) }
    }

    /// The number of bytes in the buffer, with those that were there before this writer.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty, reason = "a position, not a collection")]
    pub fn len(&self) -> usize {
        self.cursor.at as usize - self.cursor.start as usize
    }

    /// Appends text as it is. Literals are stored at fixed size.
    ///
    /// The caller sees to it that the whole stays JSON.
    #[inline(always)]
    pub fn raw(&mut self, json: &str) {
        if json.len() > ROOM {
            self.cursor.ensure(json.len());
        }
        // SAFETY: ROOM bytes are free at the cursor, or `json.len()` after `ensure`; a shared `str` can't overlap the
        // exclusively borrowed buffer.
        unsafe {
            ptr::copy_nonoverlapping(json.as_ptr(), self.cursor.at, json.len());
            self.cursor.advance(json.len());
        }
    }

    /// Appends a short text as it is, whichever it is, by one store of fixed size.
    ///
    /// The caller sees to it that the whole stays JSON.
    #[inline(always)]
    pub fn short(&mut self, json: &Short) {
        // SAFETY: a `Short` is no longer than its bytes.
        unsafe { self.cursor.store(json.bytes, json.len()) };
    }

    /// Appends an integer in decimal digits.
    #[inline(always)]
    pub fn unsigned(&mut self, value: u64) {
        match u32::try_from(value) {
            Ok(value) if value < EightDigits::LIMIT => self.cursor.first_digits(value),
            // SAFETY: ROOM bytes are free at the cursor, and `long_unsigned` needs 24 and returns how many it wrote.
            _ => unsafe {
                let written = long_unsigned(self.cursor.at, value);
                self.cursor.advance(written);
            },
        }
    }

    /// Appends an integer in decimal digits, with a sign where it is negative.
    #[inline(always)]
    pub fn signed(&mut self, value: i64) {
        self.byte_if(b'-', value < 0);
        self.unsigned(value.unsigned_abs());
    }

    /// Appends a number below 100.
    #[inline(always)]
    pub(super) fn below_hundred(&mut self, value: u8) {
        // SAFETY: one or two of two bytes.
        unsafe { self.cursor.store(digits::pair(value, value < 10), 2 - usize::from(value < 10)) };
    }

    /// Appends a finite float: the shortest decimal number that reads back as `value`, in the form that ryu gives it.
    #[inline(always)]
    pub(super) fn finite_f64(&mut self, value: f64) {
        debug_assert!(value.is_finite());
        match Decimal::of(value.abs()) {
            Decimal::Hundredths { whole, hundredths } => {
                self.byte_if(b'-', value.is_sign_negative());
                self.unsigned(whole.into());
                let pair = digits::pair(hundredths, false);
                let len = if pair[1] == b'0' { 2 } else { 3 };
                // SAFETY: two or three of three bytes.
                unsafe { self.cursor.store([b'.', pair[0], pair[1]], len) };
            }
            Decimal::Millionths { whole, millionths } => {
                self.byte_if(b'-', value.is_sign_negative());
                self.unsigned(whole.into());
                self.raw(".");
                let behind_point = EightDigits::of(100 * millionths);
                // SAFETY: one to eight of eight bytes.
                unsafe { self.cursor.store(behind_point.text(0), 8 - behind_point.trailing_zeros()) };
            }
            // SAFETY: ROOM bytes are free at the cursor, and `format64` writes at most 24 and returns how many.
            Decimal::Long => unsafe {
                let written = ryu::raw::format64(value, self.cursor.at);
                self.cursor.advance(written);
            },
        }
    }

    /// Appends a finite float: the shortest decimal number that reads back as `value`.
    #[inline]
    pub(super) fn finite_f32(&mut self, value: f32) {
        debug_assert!(value.is_finite());
        // SAFETY: ROOM bytes are free at the cursor, and `format32` writes at most 16 and returns how many.
        unsafe {
            let written = ryu::raw::format32(value, self.cursor.at);
            self.cursor.advance(written);
        }
    }

    /// Appends a byte, or nothing.
    #[inline(always)]
    pub(super) fn byte_if(&mut self, byte: u8, condition: bool) {
        // SAFETY: none or one of one byte.
        unsafe { self.cursor.store([byte], usize::from(condition)) };
    }

    /// Appends a JSON string: quoted, and escaped where it must be.
    #[inline(always)]
    pub fn string(&mut self, text: &str) {
        self.raw("\"");
        self.piece_of_string(text);
        self.raw("\"");
    }

    /// Appends a part of a JSON string, escaped, without quotes.
    #[inline(always)]
    pub(super) fn piece_of_string(&mut self, text: &str) {
        if self.line_safe { self.escaped::<true>(text.as_bytes()) } else { self.escaped::<false>(text.as_bytes()) }
    }

    #[inline(always)]
    fn escaped<const LINE_SAFE: bool>(&mut self, text: &[u8]) {
        self.cursor.ensure(text.len());
        // SAFETY: `ensure` left `text.len()` bytes free in front of `limit`.
        let rest = unsafe { self.cursor.clean_prefix::<LINE_SAFE>(text) };
        if !rest.is_empty() {
            self.cursor = escaped_rest::<LINE_SAFE>(self.cursor, rest);
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
        self.cursor.at = unsafe { self.cursor.at.sub(surplus) };
    }
}

impl Drop for Writer<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        let len = self.len();
        // SAFETY: by Room, that many bytes are initialised and in the allocation; `out` is borrowed for 'a.
        unsafe { (*self.cursor.out).set_len(len) };
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("len", &self.len()).field("line_safe", &self.line_safe).finish_non_exhaustive()
    }
}

/// The place in the buffer that is written next. It is passed by value, so that it can stay in registers.
#[derive(Clone, Copy)]
struct Cursor {
    out: *mut BytesMut,
    start: *mut u8,
    at: *mut u8,
    limit: *mut u8,
}

impl Cursor {
    #[inline]
    fn at_end_of(out: &mut BytesMut) -> Self {
        out.reserve(ROOM);
        let start = out.as_mut_ptr();
        let free = out.spare_capacity_mut().as_mut_ptr_range();
        Self { out, start, at: free.start.cast(), limit: free.end.wrapping_sub(ROOM).cast() }
    }

    /// Makes room for `additional` bytes in front of `limit`.
    #[inline(always)]
    fn ensure(&mut self, additional: usize) {
        if self.limit as usize - (self.at as usize) < additional {
            *self = self.grown(additional);
        }
    }

    /// Moves over `written` bytes and restores Room.
    ///
    /// # Safety
    ///
    /// `written` bytes from `at` on are initialised and lie in the allocation.
    #[inline(always)]
    unsafe fn advance(&mut self, written: usize) {
        // SAFETY: the caller wrote these bytes inside the allocation.
        self.at = unsafe { self.at.add(written) };
        if self.at > self.limit {
            *self = self.grown(0);
        }
    }

    /// Commits what was written, and returns a cursor with `additional` bytes, and ROOM more, in front of it.
    #[cold]
    #[inline(never)]
    fn grown(self, additional: usize) -> Self {
        // SAFETY: `out` is borrowed for as long as there is a cursor, and this is the only reference to it in use.
        let out = unsafe { &mut *self.out };
        // SAFETY: `at` lies in the allocation, and every byte before it is initialised.
        unsafe { out.set_len(self.at as usize - self.start as usize) };
        out.reserve(additional + ROOM);
        Self::at_end_of(out)
    }

    /// Appends the first `len` of a few bytes, by storing all of them.
    ///
    /// # Safety
    ///
    /// `len` is at most `N`.
    #[inline(always)]
    unsafe fn store<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        const { assert!(N <= ROOM) };
        debug_assert!(len <= N);
        // SAFETY: ROOM bytes are free at `at`; `len` is at most N.
        unsafe {
            self.at.cast::<[u8; N]>().write_unaligned(bytes);
            self.advance(len);
        }
    }

    /// Appends a number below 100,000,000.
    #[inline(always)]
    fn first_digits(&mut self, value: u32) {
        let digits = EightDigits::of(value);
        let skipped = digits.leading_zeros();
        // SAFETY: one to eight of eight bytes.
        unsafe { self.store(digits.text(skipped), 8 - skipped) };
    }

    /// Copies text up to the first byte to escape, and returns what is left from there on.
    ///
    /// The last blocks of a text may overlap the ones before them: what is copied twice is the same.
    ///
    /// # Safety
    ///
    /// `text.len()` bytes are free in front of `limit`.
    #[inline(always)]
    unsafe fn clean_prefix<'t, const LINE_SAFE: bool>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let clean = if let Some(last) = text.last_chunk() {
            let mut done = 0;
            loop {
                let next = text[done..].first_chunk();
                // Bytes of the last pair that came before were clean, so that its first special byte is a new one.
                let (pair, at) = next.map_or((last, text.len() - 2 * BLOCK), |next| (next, done));
                let special = special_pair::<LINE_SAFE>(pair);
                // SAFETY: the pair ends in the text, for which there is room.
                unsafe { self.at.add(at).cast::<[u8; 2 * BLOCK]>().write_unaligned(*pair) };
                if special != 0 {
                    break at + special.trailing_zeros() as usize;
                }
                if next.is_none() {
                    break text.len();
                }
                done += 2 * BLOCK;
            }
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            let behind_first = text.len() - BLOCK;
            let special = special::<LINE_SAFE>(first) | special::<LINE_SAFE>(last) << behind_first;
            // SAFETY: both blocks end in the text, for which there is room.
            unsafe {
                self.at.cast::<[u8; BLOCK]>().write_unaligned(*first);
                self.at.add(behind_first).cast::<[u8; BLOCK]>().write_unaligned(*last);
            }
            (special.trailing_zeros() as usize).min(text.len())
        } else {
            let block = escapes::short_block(text);
            // SAFETY: ROOM bytes are free, which is more than a block.
            unsafe { self.at.cast::<[u8; BLOCK]>().write_unaligned(block) };
            // The zeros behind the text are special, so that there is always a bit.
            special::<LINE_SAFE>(&block).trailing_zeros() as usize
        };
        // SAFETY: so many bytes of the text were written, in front of `limit`.
        self.at = unsafe { self.at.add(clean) };
        &text[clean..]
    }

    /// Copies two blocks from somewhere in the first half of four, without moving.
    ///
    /// # Safety
    ///
    /// Two blocks are free at the cursor.
    #[inline(always)]
    unsafe fn copy_pair(&mut self, window: &[u8; 4 * BLOCK], from: usize) {
        if let Some(pair) = window[from..].first_chunk::<{ 2 * BLOCK }>() {
            // SAFETY: the caller promises the room.
            unsafe { self.at.cast::<[u8; 2 * BLOCK]>().write_unaligned(*pair) };
        }
    }
}

/// Writes a number of 9 to 20 digits at `at`, and returns how many.
///
/// # Safety
///
/// 24 bytes are free at `at`.
#[inline(never)]
unsafe fn long_unsigned(at: *mut u8, value: u64) -> usize {
    const LIMIT: u64 = EightDigits::LIMIT as u64;
    let (upper, last) = (value / LIMIT, (value % LIMIT) as u32);
    let mut written = 0;
    let [first, last] = if upper < LIMIT {
        two_numbers(upper as u32, last)
    } else {
        let [middle, last] = two_numbers((upper % LIMIT) as u32, last);
        let first = EightDigits::of((upper / LIMIT) as u32);
        let skipped = first.leading_zeros();
        // SAFETY: eight of 24 bytes.
        unsafe { at.cast::<[u8; 8]>().write_unaligned(first.text(skipped)) };
        written = 8 - skipped;
        [middle, last]
    };
    let skipped = if written == 0 { first.leading_zeros() } else { 0 };
    // SAFETY: eight bytes at the most are written; these are the other sixteen.
    unsafe {
        at.add(written).cast::<[u8; 8]>().write_unaligned(first.text(skipped));
        written += 8 - skipped;
        at.add(written).cast::<[u8; 8]>().write_unaligned(last.text(0));
    }
    written + 8
}

/// The digits of two numbers below 100,000,000, found the fastest way that the target has.
#[inline(always)]
pub(super) fn two_numbers(first: u32, second: u32) -> [EightDigits; 2] {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has SSE2.
    return unsafe { EightDigits::of_two_sse2(first, second) };
    #[cfg(not(target_arch = "x86_64"))]
    return [EightDigits::of(first), EightDigits::of(second)];
}

/// Appends text that begins with a byte to escape.
#[inline(never)]
fn escaped_rest<const LINE_SAFE: bool>(mut cursor: Cursor, mut text: &[u8]) -> Cursor {
    /// The most bytes by which two blocks get longer.
    const GROWTH: usize = 2 * BLOCK * (Escape::MAX - 1);

    // Two blocks at a time, with two more behind them, so that what follows an escape can be copied at fixed size. Where
    // the next two begin does not depend on what is found in these: the processor looks ahead.
    while let Some(window) = text.first_chunk::<{ 4 * BLOCK }>() {
        cursor.ensure(text.len() + GROWTH);
        let mut special = special_pair::<LINE_SAFE>(window.first_chunk().expect("half of it"));
        let mut from = 0;
        while special != 0 {
            let escaped = special.trailing_zeros() as usize;
            special &= special - 1;
            let escape = Escape::of::<LINE_SAFE>(&window[escaped..]);
            // SAFETY: `from <= escaped`, and `ensure` made room for the longest escape of every byte of the two blocks.
            unsafe {
                cursor.copy_pair(window, from);
                cursor.at = cursor.at.add(escaped - from);
                cursor.at.cast::<[u8; Escape::MAX]>().write_unaligned(escape.text);
                cursor.at = cursor.at.add(escape.len());
            }
            from = escaped + escape.stands_for();
        }
        let copied = (2 * BLOCK).saturating_sub(from);
        // SAFETY: there is room for all of `text`.
        unsafe {
            cursor.copy_pair(window, from);
            cursor.at = cursor.at.add(copied);
        }
        text = &text[from + copied..];
    }

    cursor.ensure(text.len());
    loop {
        // SAFETY: `ensure` left `text.len()` bytes free in front of `limit`.
        text = unsafe { cursor.clean_prefix::<LINE_SAFE>(text) };
        if text.is_empty() {
            return cursor;
        }
        let escape = Escape::of::<LINE_SAFE>(text);
        // SAFETY: an escape is no longer than its text.
        unsafe { cursor.store(escape.text, escape.len()) };
        text = &text[escape.stands_for()..];
        cursor.ensure(text.len());
    }
}

/// A bit for every byte of `block` that can't go into a JSON string as it is, found the fastest way that the target has.
#[inline(always)]
pub(super) fn special<const LINE_SAFE: bool>(block: &[u8; BLOCK]) -> u32 {
    #[cfg(fuzzing)]
    if super::SCAN_PORTABLY.load(std::sync::atomic::Ordering::Relaxed) {
        return escapes::special_words::<LINE_SAFE>(block);
    }
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has SSE2.
    return unsafe { escapes::special_sse2::<LINE_SAFE>(block) };
    #[cfg(not(target_arch = "x86_64"))]
    return escapes::special_words::<LINE_SAFE>(block);
}

/// The same for two blocks.
#[inline(always)]
fn special_pair<const LINE_SAFE: bool>(pair: &[u8; 2 * BLOCK]) -> u32 {
    let first = pair.first_chunk().expect("half of it");
    let second = pair.last_chunk().expect("half of it");
    special::<LINE_SAFE>(first) | special::<LINE_SAFE>(second) << BLOCK
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
        out.unsigned(2);
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
            out.signed(i64::MIN);
            expected = format!("{expected}{long}\"a\\\"b\"{}", i64::MIN);
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

//! The place in a buffer that is written next. All `unsafe` code of the crate that depends on memory is here.
//!
//! It keeps one invariant, which makes every write sound:
//!
//! > **Room.** Between calls, `at <= limit + ahead` and `ahead <= MOST_AHEAD`; `at` and `limit` point into
//! > (or one past) the allocation of `out`, everything from its start to `at` is initialised, and MOST_AHEAD +
//! > [`ROOM`] bytes are free from `limit` on.
//!
//! So ROOM bytes are free at `at`. A number is written without a check, and one after it accounts for it. Literals and
//! short texts, whose size is fixed, leave that check to what follows; text is checked once per string, and again after
//! each escape.
#![allow(unsafe_code, reason = "every block below rests on Room")]

use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

use bytes::BytesMut;

use super::abort_on_unwind::abort_on_unwind;
use super::arch::fastest::{copy_clean, special};
use super::block::{BLOCK, short_block};
use super::escapes::Escape;
use super::short::Short;
use super::store::{Store, StoreFloat};

/// Bytes that can always be written without a check: more than the longest float (24) or four blocks of text (64).
const ROOM: usize = 64;

/// How many bytes may be written before a check.
const MOST_AHEAD: usize = 128;

/// The end of what is written to a buffer. Dropping it makes it the end of the buffer.
pub(super) struct Cursor<'a> {
    place: Place,
    buffer: PhantomData<&'a mut BytesMut>,
}

impl<'a> Cursor<'a> {
    /// How many bytes can be stored at once.
    pub(super) const MOST_STORED: usize = ROOM;

    #[inline]
    pub(super) fn at_end_of(out: &'a mut BytesMut) -> Self {
        Self { place: Place::at_end_of(out), buffer: PhantomData }
    }

    /// Returns the number of bytes in the buffer, including those that were there before.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.place.len()
    }

    /// Moves back to the end of the first `len` bytes, if there are more. Room holds there as well.
    #[inline(always)]
    pub(super) fn truncate(&mut self, len: usize) {
        self.place.at = self.place.at.wrapping_sub(self.len() - len.min(self.len()));
    }

    /// Appends bytes. If their number is known at compile time, the store has a fixed size and leaves the check to what
    /// follows.
    #[inline(always)]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if bytes.len() <= ROOM {
            self.place.run_ahead(bytes.len());
        } else {
            self.place.ensure(bytes.len());
        }
        // SAFETY: ROOM bytes are free; for more, `ensure` made room in front of `limit`. A shared slice can't overlap
        // the exclusively borrowed buffer.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.place.at, bytes.len());
            self.place.at = self.place.at.add(bytes.len());
        }
    }

    /// Appends a short text by storing all of it, its length too, and leaves the check to what follows.
    #[inline(always)]
    pub(super) fn short(&mut self, text: &Short) {
        const { assert!(size_of::<Short>() == Short::MAX + 1 && size_of::<Short>() <= ROOM) };
        self.place.run_ahead(Short::MAX);
        // SAFETY: ROOM bytes are free. A `Short` is bytes alone, all of them initialised, and its length counts some of
        // them, which are accounted for.
        unsafe {
            self.place.at.cast::<Short>().write_unaligned(*text);
            self.place.at = self.place.at.add(text.len());
        }
    }

    /// Appends a byte, a quoted key that needs no escape, and a colon, after one check.
    #[cfg(feature = "serde")]
    #[inline(always)]
    pub(super) fn plain_key(&mut self, before: u8, key: &[u8]) {
        const AROUND: usize = 4;
        if key.len() > ROOM - AROUND {
            self.bytes(&[before, b'"']);
            self.bytes(key);
            return self.bytes(b"\":");
        }
        self.place.run_ahead(key.len() + AROUND);
        // SAFETY: ROOM bytes are free, and these are as many at most, which are accounted for. A shared slice can't
        // overlap the exclusively borrowed buffer.
        unsafe {
            let at = self.place.at;
            at.cast::<[u8; 2]>().write_unaligned([before, b'"']);
            ptr::copy_nonoverlapping(key.as_ptr(), at.add(2), key.len());
            at.add(2 + key.len()).cast::<[u8; 2]>().write_unaligned(*b"\":");
            self.place.at = at.add(key.len() + AROUND);
        }
    }

    /// Appends the text of a number, which is written out of line: the code here stays small, and what is in registers
    /// stays there.
    #[inline(always)]
    pub(super) fn number<T>(&mut self, value: T, write: impl Fn(T, &mut Free<'_>)) {
        // SAFETY: ROOM bytes are free, and it returns how many of them it wrote.
        unsafe { self.place.advance(number(self.place.at, value, write)) };
    }

    /// Appends the text that ryu finds for a finite float.
    #[inline]
    pub(super) fn ryu_f32(&mut self, value: f32) {
        // SAFETY: ROOM bytes are free, and `format32` writes at most 16 and returns how many.
        unsafe { self.place.advance(ryu::raw::format32(value, self.place.at)) };
    }

    /// Appends a JSON string, which is written out of line, as a [`number`](Self::number) is.
    #[inline(always)]
    pub(super) fn string<const LINE_SAFE: bool>(&mut self, text: &[u8]) {
        let Place { out, at, limit, .. } = self.place;
        // SAFETY: these are of a place for which Room holds.
        (self.place.at, self.place.limit) = unsafe { string::<LINE_SAFE>(out, at, limit, text) };
        self.place.ahead = 0;
    }

    /// Appends text, escaped for a JSON string.
    #[inline(always)]
    pub(super) fn escaped<const LINE_SAFE: bool>(&mut self, text: &[u8]) {
        self.place.ensure(text.len());
        // SAFETY: `ensure` left `text.len()` bytes free in front of `limit`.
        unsafe { self.place.escaped::<LINE_SAFE>(text) };
    }

    /// Appends a JSON string, after one check for the quotation mark and the text.
    #[inline(always)]
    pub(super) fn quoted<const LINE_SAFE: bool>(&mut self, text: &[u8]) {
        self.place.ensure(1 + text.len());
        self.bytes(b"\"");
        // SAFETY: `ensure` left as many bytes free in front of `limit`, and one for the quotation mark.
        unsafe { self.place.escaped::<LINE_SAFE>(text) };
        self.bytes(b"\"");
    }
}

impl Store for Cursor<'_> {
    #[inline(always)]
    fn store<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        debug_assert!(len <= N);
        // SAFETY: ROOM bytes are free, and the check after the store accounts for those that are kept.
        unsafe { self.place.copy(&bytes, len.min(N)) };
        self.place.ensure(0);
    }

    #[inline(always)]
    fn store_ahead<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        debug_assert!(len <= N);
        self.place.run_ahead(N);
        // SAFETY: ROOM bytes are free, and those that are kept are accounted for.
        unsafe { self.place.copy(&bytes, len.min(N)) };
    }
}

/// The bytes that are free at a place, of which the first `len` have been written.
pub(super) struct Free<'a> {
    bytes: &'a mut [MaybeUninit<u8>; ROOM],
    len: usize,
}

impl Store for Free<'_> {
    #[inline(always)]
    fn store<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        debug_assert!(len <= N);
        let free = self.bytes[self.len..].first_chunk_mut().expect("a number takes less than ROOM");
        *free = bytes.map(MaybeUninit::new);
        self.len += len.min(N);
    }

    #[inline(always)]
    fn store_ahead<const N: usize>(&mut self, bytes: [u8; N], len: usize) {
        self.store(bytes, len);
    }
}

impl StoreFloat for Free<'_> {
    #[inline(always)]
    fn long_float(&mut self, value: f64) {
        let free = self.bytes[self.len..].first_chunk_mut::<ZMIJ>().expect("a number takes less than ROOM");
        // SAFETY: ZMIJ bytes are free, and it returns how many of them it wrote.
        self.len += unsafe { zmij(free.as_mut_ptr().cast(), value) };
    }
}

/// The room of a float that zmij writes: its buffer, and a byte that is moved with what is in it.
const ZMIJ: usize = size_of::<zmij::Buffer>() + 1;

/// Writes the digits that zmij finds for a finite float at `at`, in ryu's notation, and returns how many bytes it wrote.
///
/// It is the last that [`number`] calls, if at all, so that short floats save no registers for it.
///
/// # Safety
///
/// ZMIJ bytes are free at `at`.
#[inline(never)]
unsafe fn zmij(at: *mut u8, value: f64) -> usize {
    const { assert!(align_of::<zmij::Buffer>() == 1 && ZMIJ <= ROOM) };
    let place = at.cast::<zmij::Buffer>();
    // SAFETY: there is room for a buffer, which may be anywhere, and nothing else refers to it. The text is somewhere in
    // it, and is moved to its start.
    let len = unsafe {
        place.write(zmij::Buffer::new());
        let buffer = &mut *place;
        let text = buffer.format_finite(value);
        let (start, len) = (text.as_ptr(), text.len());
        if start != at.cast_const() {
            ptr::copy(start, at, len);
        }
        len
    };
    // Those from there on are written as 1e+16, and by ryu without the sign. None is that short, on which nothing rests.
    if value.abs() < 1e16 || len < 5 {
        return len;
    }
    // The exponent has two digits or three.
    // SAFETY: the first `len` bytes are initialised. The sign is at `len - 3` at most, and three bytes after it are in
    // the room; what is moved may be uninitialised.
    unsafe {
        let sign = at.add(len - if *at.add(len - 3) == b'+' { 3 } else { 4 });
        let digits = sign.add(1).cast::<[MaybeUninit<u8>; 3]>().read_unaligned();
        sign.cast::<[MaybeUninit<u8>; 3]>().write_unaligned(digits);
    }
    len - 1
}

/// Writes a number at `at`, and returns how many bytes it wrote.
///
/// # Safety
///
/// ROOM bytes are free at `at`.
#[inline(never)]
unsafe fn number<T>(at: *mut u8, value: T, write: impl Fn(T, &mut Free<'_>)) -> usize {
    // SAFETY: that is what the caller promises; bytes that may be uninitialised are what `MaybeUninit` is for.
    let mut free = Free { bytes: unsafe { &mut *at.cast() }, len: 0 };
    write(value, &mut free);
    free.len
}

impl Drop for Cursor<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: by Room, that many bytes are initialised and in the allocation; `out` is borrowed for 'a.
        unsafe { (*self.place.out).set_len(self.place.len()) };
    }
}

/// What a cursor consists of. It is passed by value, so that it can stay in registers.
#[derive(Clone, Copy)]
struct Place {
    out: *mut BytesMut,
    at: *mut u8,
    limit: *mut u8,
    /// How many bytes at most were written that no check has accounted for. It is a constant nearly everywhere.
    ahead: usize,
}

impl Place {
    #[inline]
    fn at_end_of(out: &mut BytesMut) -> Self {
        let (at, limit) = room(out, 0);
        Self { out, at, limit, ahead: 0 }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        // SAFETY: `out` is borrowed for as long as there is a cursor, and this is the only reference to it in use.
        let start = unsafe { (*self.out).as_ptr() };
        self.at as usize - start as usize
    }

    /// Makes room for `additional` bytes in front of `limit`.
    #[inline(always)]
    fn ensure(&mut self, additional: usize) {
        if self.lacks(additional) {
            self.grow(additional);
        }
        self.ahead = 0;
    }

    /// Returns whether fewer than `additional` bytes are free in front of `limit`.
    #[inline(always)]
    fn lacks(&self, additional: usize) -> bool {
        (self.limit as isize).wrapping_sub(self.at as isize) < additional as isize
    }

    /// Accounts for bytes that are about to be written without a check.
    #[inline(always)]
    fn run_ahead(&mut self, bytes: usize) {
        debug_assert!(bytes <= ROOM);
        if self.ahead + bytes > MOST_AHEAD {
            self.ensure(0);
        }
        self.ahead += bytes;
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
        self.ensure(0);
    }

    /// Makes room for `additional` bytes in front of `limit`, perhaps in another allocation.
    ///
    /// Nothing here is passed by reference, so that what is in registers stays there.
    #[inline(always)]
    fn grow(&mut self, additional: usize) {
        let len = self.len();
        // SAFETY: `out` is borrowed for as long as there is a cursor, and this is the only reference to it in use; by
        // Room, `len` bytes are initialised and in the allocation.
        (self.at, self.limit) = unsafe { grown(self.out, len, additional) };
    }

    /// Appends text, escaped for a JSON string.
    ///
    /// # Safety
    ///
    /// `text.len()` bytes are free in front of `limit`.
    #[inline(always)]
    unsafe fn escaped<const LINE_SAFE: bool>(&mut self, text: &[u8]) {
        // SAFETY: that is what the caller promises.
        let rest = unsafe { self.clean_prefix::<LINE_SAFE>(text) };
        if !rest.is_empty() {
            // It leaves nothing ahead; without another number, this one can stay a constant.
            *self = Self { ahead: self.ahead, ..escaped_rest::<LINE_SAFE>(*self, rest) };
        }
    }

    /// Copies text up to the first byte to escape, or to the four blocks that hold it, and returns the rest from there
    /// on: nothing if there is no such byte. A rest of less than four blocks begins with that byte.
    ///
    /// The last blocks of a text may overlap the ones before them: what is copied twice is the same.
    ///
    /// # Safety
    ///
    /// `text.len()` bytes are free in front of `limit`.
    #[inline(always)]
    unsafe fn clean_prefix<'t, const LINE_SAFE: bool>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let clean = if text.len() >= 4 * BLOCK {
            // SAFETY: there is room for the text, which can't overlap the exclusively borrowed buffer.
            unsafe { copy_clean::<LINE_SAFE>(text, self.at) }
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            // SAFETY: both pairs end in the text, for which there is room.
            unsafe { self.both_ends::<LINE_SAFE, { 2 * BLOCK }>(first, last, text.len()) }
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            // SAFETY: both blocks end in the text, for which there is room.
            unsafe { self.both_ends::<LINE_SAFE, BLOCK>(first, last, text.len()) }
        } else {
            let block = short_block(text);
            // SAFETY: ROOM bytes are free, which is more than a block.
            unsafe { self.at.cast::<[u8; BLOCK]>().write_unaligned(block) };
            // The zeros after the text are special, so that there is always a bit.
            special::<LINE_SAFE, BLOCK>(&block).trailing_zeros() as usize
        };
        // SAFETY: that many bytes of the text were written, in front of `limit`.
        self.at = unsafe { self.at.add(clean) };
        &text[clean..]
    }

    /// Copies a text of `len` bytes, at most twice `N`, by its first and its last `N`, and returns how many come before
    /// the first byte to escape.
    ///
    /// # Safety
    ///
    /// There is room for `len` bytes, and `len` is at least `N`.
    #[inline(always)]
    unsafe fn both_ends<const LINE_SAFE: bool, const N: usize>(
        &mut self,
        first: &[u8; N],
        last: &[u8; N],
        len: usize,
    ) -> usize {
        let start = len - N;
        let special = u64::from(special::<LINE_SAFE, N>(first)) | u64::from(special::<LINE_SAFE, N>(last)) << start;
        // SAFETY: both end within `len` bytes, for which there is room.
        unsafe {
            self.at.cast::<[u8; N]>().write_unaligned(*first);
            self.at.add(start).cast::<[u8; N]>().write_unaligned(*last);
        }
        (special.trailing_zeros() as usize).min(len)
    }

    /// Copies `bytes`, and moves over the first `len` of them.
    ///
    /// # Safety
    ///
    /// There is room for `bytes`, `len` is at most `N`, and the caller restores Room.
    #[inline(always)]
    unsafe fn copy<const N: usize>(&mut self, bytes: &[u8; N], len: usize) {
        const { assert!(N <= ROOM) };
        // SAFETY: that is what the caller promises.
        unsafe {
            self.at.cast::<[u8; N]>().write_unaligned(*bytes);
            self.at = self.at.add(len);
        }
    }
}

/// Commits the first `len` bytes of a buffer and makes [`room`] after them.
///
/// It ends the process instead of unwinding, as a failed allocation does: if the capacity overflows, which takes a
/// buffer of more than 1 GiB on a 32-bit target, Room does not hold, and copies of the place are stale.
///
/// # Safety
///
/// No other reference to `out` is in use, and its first `len` bytes are initialised and in its allocation.
#[cold]
#[inline(never)]
unsafe fn grown(out: *mut BytesMut, len: usize, additional: usize) -> (*mut u8, *mut u8) {
    abort_on_unwind(|| {
        // SAFETY: that is what the caller promises.
        unsafe {
            (*out).set_len(len);
            room(&mut *out, additional)
        }
    })
}

/// Makes room for `additional` bytes and what Room requires, and returns `at` and `limit`.
#[inline]
fn room(out: &mut BytesMut, additional: usize) -> (*mut u8, *mut u8) {
    out.reserve(additional + MOST_AHEAD + ROOM);
    let free = out.spare_capacity_mut().as_mut_ptr_range();
    (free.start.cast(), free.end.wrapping_sub(MOST_AHEAD + ROOM).cast())
}

/// Appends a JSON string, and returns `at` and `limit`, for which Room holds with nothing ahead. All that goes in and
/// comes out is in registers.
///
/// # Safety
///
/// `out`, `at` and `limit` are of a place for which Room holds.
#[inline(never)]
unsafe fn string<const LINE_SAFE: bool>(
    out: *mut BytesMut,
    at: *mut u8,
    limit: *mut u8,
    text: &[u8],
) -> (*mut u8, *mut u8) {
    // All calls come last, so that short ones without escapes save no registers for them.
    let mut place = Place { out, at, limit, ahead: 0 };
    if text.len() >= 4 * BLOCK || place.lacks(1 + text.len()) {
        // SAFETY: that is what the caller promises.
        return unsafe { any_string::<LINE_SAFE>(out, at, limit, text) };
    }
    // SAFETY: a byte is free, and as many as the text has after it, in front of `limit`.
    let rest = unsafe {
        place.copy(b"\"", 1);
        place.clean_prefix::<LINE_SAFE>(text)
    };
    if !rest.is_empty() {
        // SAFETY: Room holds, since all that was written is in front of `limit`.
        return unsafe { rest_of_string::<LINE_SAFE>(out, place.at, limit, rest) };
    }
    // SAFETY: ROOM bytes are free.
    unsafe { place.copy(b"\"", 1) };
    if place.lacks(0) {
        // SAFETY: all that was written is initialised and in the allocation of `out`, to which nothing else refers.
        return unsafe { grown(out, place.len(), 0) };
    }
    (place.at, limit)
}

/// Appends a JSON string that is long, or for which there may be no room, as [`string`] does.
///
/// # Safety
///
/// That of [`string`].
#[inline(never)]
unsafe fn any_string<const LINE_SAFE: bool>(
    out: *mut BytesMut,
    at: *mut u8,
    limit: *mut u8,
    text: &[u8],
) -> (*mut u8, *mut u8) {
    // The caller's cursor is the one that ends the buffer.
    let mut cursor = ManuallyDrop::new(Cursor { place: Place { out, at, limit, ahead: 0 }, buffer: PhantomData });
    cursor.quoted::<LINE_SAFE>(text);
    cursor.place.ensure(0);
    (cursor.place.at, cursor.place.limit)
}

/// Appends the rest of a JSON string, from a byte on that has to be escaped, as [`string`] does with all of one.
///
/// # Safety
///
/// That of [`string`].
#[inline(never)]
unsafe fn rest_of_string<const LINE_SAFE: bool>(
    out: *mut BytesMut,
    at: *mut u8,
    limit: *mut u8,
    rest: &[u8],
) -> (*mut u8, *mut u8) {
    let mut place = escaped_rest::<LINE_SAFE>(Place { out, at, limit, ahead: 0 }, rest);
    // SAFETY: ROOM bytes are free.
    unsafe { place.copy(b"\"", 1) };
    place.ensure(0);
    (place.at, place.limit)
}

/// Appends text that holds a byte to escape, at its start or further on.
#[inline(never)]
fn escaped_rest<const LINE_SAFE: bool>(place: Place, text: &[u8]) -> Place {
    let (place, text) = escaped_windows::<LINE_SAFE, { 2 * BLOCK }, { 4 * BLOCK }>(place, text);
    let (mut place, mut text) = escaped_windows::<LINE_SAFE, BLOCK, { 2 * BLOCK }>(place, text);
    loop {
        place.ensure(text.len());
        // SAFETY: `ensure` left `text.len()` bytes free in front of `limit`.
        text = unsafe { place.clean_prefix::<LINE_SAFE>(text) };
        if text.is_empty() {
            return place;
        }
        let escape = Escape::of::<LINE_SAFE>(text);
        // SAFETY: ROOM bytes are free, an escape is no longer than its bytes, and the next round checks.
        unsafe { place.copy(&escape.bytes(), escape.len()) };
        text = &text[escape.stands_for::<LINE_SAFE>()..];
    }
}

/// Appends the text except for less than `WHOLE` bytes at its end, and returns those.
///
/// It scans `HALF` bytes at a time, with as many more after them, so that what follows an escape can be copied at fixed
/// size. Where the next ones begin does not depend on what is found in these, so that the processor can run ahead.
#[inline(always)]
fn escaped_windows<const LINE_SAFE: bool, const HALF: usize, const WHOLE: usize>(
    mut place: Place,
    mut text: &[u8],
) -> (Place, &[u8]) {
    while let Some(window) = text.first_chunk::<WHOLE>() {
        place.ensure(text.len() + HALF * Escape::GROWTH);
        let behind = |from: usize| window[from..].first_chunk::<HALF>().expect("as much is behind the first half");
        let mut special = special::<LINE_SAFE, HALF>(window.first_chunk().expect("half of it"));
        let mut from = 0;
        while special != 0 {
            let escaped = special.trailing_zeros() as usize;
            special &= special - 1;
            let escape = Escape::of::<LINE_SAFE>(&window[escaped..]);
            // SAFETY: `from <= escaped < HALF`; `ensure` made room for the longest escape of every byte of the half.
            unsafe {
                place.copy(behind(from), escaped - from);
                place.copy(&escape.bytes(), escape.len());
            }
            from = escaped + escape.stands_for::<LINE_SAFE>();
        }
        if LINE_SAFE && from > HALF {
            // The last escape replaces bytes beyond the end of the half.
            text = &text[from..];
            continue;
        }
        // SAFETY: there is room for all of `text`.
        unsafe { place.copy(behind(from), HALF - from) };
        text = &text[HALF..];
    }
    (place, text)
}

//! Numbers, as a writer appends them.

use super::number_text;
use super::writer::Writer;

impl Writer<'_> {
    /// Appends an integer in decimal digits.
    #[inline(always)]
    pub fn unsigned(&mut self, value: u64) {
        number_text::unsigned(value, &mut self.cursor);
    }

    /// Appends an integer in decimal digits, with a sign if it is negative.
    #[inline(always)]
    pub fn signed(&mut self, value: i64) {
        number_text::signed(value, &mut self.cursor);
    }

    /// Appends an integer as [`unsigned`](Self::unsigned) does, out of line.
    #[cfg(feature = "serde")]
    #[inline(always)]
    pub(super) fn unsigned_by_call(&mut self, value: u64) {
        self.cursor.number(value, |value, out| number_text::unsigned(value, out));
    }

    /// Appends an integer as [`signed`](Self::signed) does, out of line.
    #[cfg(feature = "serde")]
    #[inline(always)]
    pub(super) fn signed_by_call(&mut self, value: i64) {
        self.cursor.number(value, |value, out| number_text::signed(value, out));
    }

    /// Appends the shortest decimal number that reads back as `value`, in ryu's notation, or `null` if it is not finite.
    #[inline(always)]
    pub(super) fn f64(&mut self, value: f64) {
        // Most floats of records are such, and a call takes longer than they do.
        if !number_text::tiny_float(value, &mut self.cursor) {
            self.cursor.number(value, |value, out| number_text::float(value, out));
        }
    }

    /// Appends a float as [`f64`](Self::f64) does, out of line.
    #[cfg(feature = "serde")]
    #[inline(always)]
    pub(super) fn f64_by_call(&mut self, value: f64) {
        self.cursor.number(value, |value, out| number_text::float(value, out));
    }

    /// Appends the shortest decimal number that reads back as `value`, in ryu's notation, or `null` if it is not finite.
    #[inline]
    pub(super) fn f32(&mut self, value: f32) {
        if value.is_finite() { self.cursor.ryu_f32(value) } else { self.raw("null") }
    }
}

//! Ranges, as objects with their ends.

use std::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo};

use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;
use crate::object;

impl<T: Encode> Encode for Range<T> {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "start": self.start, "end": self.end });
    }
}

impl<T: Encode> Encode for RangeInclusive<T> {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "start": self.start(), "end": self.end() });
    }
}

impl<T: Encode> Encode for RangeFrom<T> {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "start": self.start });
    }
}

impl<T: Encode> Encode for RangeTo<T> {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "end": self.end });
    }
}

impl<T: Encode> Encode for Bound<T> {
    fn encode(&self, out: &mut Writer<'_>) {
        match self {
            Self::Included(end) => object!(out, { "Included": end }),
            Self::Excluded(end) => object!(out, { "Excluded": end }),
            Self::Unbounded => out.raw("\"Unbounded\""),
        }
    }
}

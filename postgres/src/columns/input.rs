//! Bytes that are read from the front.

use super::malformed::Malformed;

const SHORT: Malformed = Malformed("the value is shorter than it says or than its type is");
const LONG: Malformed = Malformed("the value is longer than it says or than its type is");

/// Returns the bytes of a type that always has as many.
pub(super) fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Malformed> {
    bytes.try_into().map_err(|_| if bytes.len() < N { SHORT } else { LONG })
}

/// What has not been read yet.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Malformed> {
        self.take().map(i32::from_be_bytes)
    }

    /// Returns a value that has its length before it, or `None` for NULL, whose length is -1.
    pub(super) fn value(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        let len = self.i32()?;
        if len == -1 {
            return Ok(None);
        }
        let len = usize::try_from(len).map_err(|_| Malformed("a length is negative"))?;
        let (value, rest) = self.0.split_at_checked(len).ok_or(SHORT)?;
        self.0 = rest;
        Ok(Some(value))
    }

    /// Fails if there is more.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(LONG) }
    }
}

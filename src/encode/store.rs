//! Where short texts of known size are stored: at a cursor, or in what it has set aside.

/// Takes a few bytes at a time, of which some are kept.
pub(super) trait Store {
    /// Appends the first `len` of a few bytes by storing all of them. A larger `len` appends all.
    fn store<const N: usize>(&mut self, bytes: [u8; N], len: usize);

    /// The same, but leaves it to what follows to check the room.
    fn store_ahead<const N: usize>(&mut self, bytes: [u8; N], len: usize);
}

/// Takes floats as well.
pub(super) trait StoreFloat: Store {
    /// Appends the shortest decimal number that reads back as a finite float, in ryu's notation.
    fn long_float(&mut self, value: f64);
}

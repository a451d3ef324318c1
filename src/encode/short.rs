//! Short texts that are known at compile time.

/// A text of at most 15 bytes that needs no escape, stored so that appending it is one store of fixed size.
///
/// It is for texts that are chosen at run time from tables made at compile time: the names of an enum's variants, or
/// the parts of a generated value.
///
/// # Examples
///
/// ```
/// use chunkwire::{Encode, Short, Writer};
///
/// enum Level {
///     Info,
///     Warning,
/// }
///
/// impl Encode for Level {
///     fn encode(&self, out: &mut Writer<'_>) {
///         const NAMES: [Short; 2] = [Short::new("\"info\""), Short::new("\"warning\"")];
///         out.short(&NAMES[match self {
///             Self::Info => 0,
///             Self::Warning => 1,
///         }]);
///     }
/// }
///
/// assert_eq!(chunkwire::to_vec(&[Level::Warning, Level::Info]), br#"["warning","info"]"#);
/// ```
#[derive(Clone, Copy, Debug)]
// Aligned, so that no load crosses the lines of a cache.
#[repr(C, align(16))]
pub struct Short {
    bytes: [u8; Self::MAX],
    /// At most [`MAX`](Self::MAX), on which the cursor rests.
    len: u8,
}

impl Short {
    /// The length of the longest short text, in bytes: 15.
    pub const MAX: usize = 15;

    /// Creates a short text.
    ///
    /// # Panics
    ///
    /// Panics if `text` is longer than [`MAX`](Self::MAX) bytes; in a constant, this is a compile error.
    pub const fn new(text: &str) -> Self {
        Self::joined(&[text])
    }

    /// Creates a short text of several pieces, as [`concat!`] does with literals.
    ///
    /// # Panics
    ///
    /// Panics if the pieces are longer than [`MAX`](Self::MAX) bytes together; in a constant, this is a compile error.
    pub const fn joined(pieces: &[&str]) -> Self {
        let mut bytes = [0; Self::MAX];
        let mut len = 0;
        let mut piece = 0;
        while piece < pieces.len() {
            let text = pieces[piece].as_bytes();
            assert!(len + text.len() <= Self::MAX, "a short text has at most 15 bytes");
            let mut at = 0;
            while at < text.len() {
                bytes[len] = text[at];
                len += 1;
                at += 1;
            }
            piece += 1;
        }
        Self { bytes, len: len as u8 }
    }

    /// Returns the length in bytes, at most [`MAX`](Self::MAX).
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }
}

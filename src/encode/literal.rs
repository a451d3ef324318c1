//! Texts of the source code.

use super::short::Short;

/// A text that is known at compile time, and how it is appended with the fewest stores.
#[doc(hidden)]
#[derive(Debug)]
pub enum Literal {
    /// As one block, where more than one store of its size would be needed.
    Short(Short),
    /// At its own size.
    Sized(&'static str),
}

impl Literal {
    #[doc(hidden)]
    pub const fn new(text: &'static str) -> Self {
        match text.len() {
            9..=Short::MAX => Self::Short(Short::new(text)),
            _ => Self::Sized(text),
        }
    }
}

//! Texts of the source code.

use super::short::Short;

/// A text that is known at compile time, and how it is appended with the fewest stores.
#[doc(hidden)]
#[derive(Debug)]
pub enum Literal {
    /// As one block, where more than one store of its size would be needed.
    Short(Short),
    /// As the first bytes of one word, for the same reason.
    Word([u8; 8], usize),
    /// At its own size.
    Sized(&'static str),
}

impl Literal {
    #[doc(hidden)]
    pub const fn new(text: &'static str) -> Self {
        match text.len() {
            3 | 5..=7 => {
                let mut word = [0; 8];
                word.split_at_mut(text.len()).0.copy_from_slice(text.as_bytes());
                Self::Word(word, text.len())
            }
            9..=Short::MAX => Self::Short(Short::new(text)),
            _ => Self::Sized(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::Writer;

    #[test]
    fn every_length_is_written_as_often_as_it_is_asked_for() {
        const TEXT: &str = "abcdefghijklmnopqrst";
        for len in 0..=TEXT.len() {
            let literal: &'static Literal = Box::leak(Box::new(Literal::new(&TEXT[..len])));
            let mut bytes = BytesMut::new();
            let mut out = Writer::new(&mut bytes);
            for _ in 0..100 {
                out.literal(literal);
            }
            drop(out);
            assert_eq!(bytes, TEXT[..len].repeat(100));
        }
    }
}

//! Pointers and wrappers, which encode as what they hold.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::marker::PhantomData;
use std::num::{Saturating, Wrapping};
use std::rc::Rc;
use std::sync::Arc;

use super::encode_key::EncodeKey;
use super::encode_trait::Encode;
use super::writer::Writer;

macro_rules! encode_as_target {
    ($($pointer:ty),*) => {$(
        impl<T: Encode + ?Sized> Encode for $pointer {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                (**self).encode(out);
            }
        }

        impl<T: EncodeKey + ?Sized> EncodeKey for $pointer {
            #[inline]
            fn encode_key(&self, out: &mut Writer<'_>) {
                (**self).encode_key(out);
            }
        }
    )*};
}

encode_as_target!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: Encode + ToOwned + ?Sized> Encode for Cow<'_, T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        (**self).encode(out);
    }
}

impl<T: EncodeKey + ToOwned + ?Sized> EncodeKey for Cow<'_, T> {
    #[inline]
    fn encode_key(&self, out: &mut Writer<'_>) {
        (**self).encode_key(out);
    }
}

macro_rules! encode_as_content {
    ($($wrapper:ident),*) => {$(
        impl<T: Encode> Encode for $wrapper<T> {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                self.0.encode(out);
            }
        }

        impl<T: EncodeKey> EncodeKey for $wrapper<T> {
            #[inline]
            fn encode_key(&self, out: &mut Writer<'_>) {
                self.0.encode_key(out);
            }
        }
    )*};
}

encode_as_content!(Reverse, Saturating, Wrapping);

impl<T: Encode> Encode for Option<T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        match self {
            Some(value) => value.encode(out),
            None => out.raw("null"),
        }
    }
}

impl Encode for () {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw("null");
    }
}

impl<T: ?Sized> Encode for PhantomData<T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw("null");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::to_vec;

    #[test]
    fn pointers_encode_as_what_they_point_to() {
        assert_eq!(to_vec(&&1), b"1");
        assert_eq!(to_vec(&&mut 1), b"1");
        assert_eq!(to_vec(&Box::new(1)), b"1");
        assert_eq!(to_vec(&Rc::new(1)), b"1");
        assert_eq!(to_vec(&Arc::<str>::from("a")), b"\"a\"");
        assert_eq!(to_vec(&Cow::Borrowed("a")), b"\"a\"");
        assert_eq!(to_vec(&Cow::<[u8]>::Owned(vec![1, 2])), b"[1,2]");
    }

    #[test]
    fn nothing_is_null() {
        assert_eq!(to_vec(&None::<u8>), b"null");
        assert_eq!(to_vec(&Some(())), b"null");
        assert_eq!(to_vec(&Some(3)), b"3");
    }
}

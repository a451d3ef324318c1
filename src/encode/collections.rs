//! Sequences as arrays, maps as objects.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::encode_trait::Encode;
use super::writer::Writer;

fn array<T: Encode>(items: impl IntoIterator<Item = T>, out: &mut Writer<'_>) {
    out.raw("[");
    for (index, item) in items.into_iter().enumerate() {
        out.byte_if(b',', index > 0);
        item.encode(out);
    }
    out.raw("]");
}

fn object<K: AsRef<str>, V: Encode>(entries: impl IntoIterator<Item = (K, V)>, out: &mut Writer<'_>) {
    out.raw("{");
    for (index, (key, value)) in entries.into_iter().enumerate() {
        out.byte_if(b',', index > 0);
        out.string(key.as_ref());
        out.raw(":");
        value.encode(out);
    }
    out.raw("}");
}

impl<T: Encode> Encode for [T] {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        array(self, out);
    }
}

impl<T: Encode, const N: usize> Encode for [T; N] {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        array(self, out);
    }
}

impl<T: Encode> Encode for Vec<T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        array(self, out);
    }
}

impl<T: Encode> Encode for VecDeque<T> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        array(self, out);
    }
}

impl<K: AsRef<str>, V: Encode> Encode for BTreeMap<K, V> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        object(self, out);
    }
}

impl<K: AsRef<str>, V: Encode, S> Encode for HashMap<K, V, S> {
    #[inline]
    fn encode(&self, out: &mut Writer<'_>) {
        object(self, out);
    }
}

macro_rules! encode_tuple {
    ($first:ident $($rest:ident)*) => {
        impl<$first: Encode $(, $rest: Encode)*> Encode for ($first, $($rest,)*) {
            #[inline]
            #[allow(non_snake_case, reason = "the type parameters name the fields too")]
            fn encode(&self, out: &mut Writer<'_>) {
                let ($first, $($rest,)*) = self;
                out.raw("[");
                $first.encode(out);
                $(
                    out.raw(",");
                    $rest.encode(out);
                )*
                out.raw("]");
            }
        }
    };
}

encode_tuple!(A);
encode_tuple!(A B);
encode_tuple!(A B C);
encode_tuple!(A B C D);
encode_tuple!(A B C D E);
encode_tuple!(A B C D E F);
encode_tuple!(A B C D E F G);
encode_tuple!(A B C D E F G H);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::to_vec;

    #[test]
    fn sequences() {
        assert_eq!(to_vec(&Vec::<u8>::new()), b"[]");
        assert_eq!(to_vec(&[1u8][..]), b"[1]");
        assert_eq!(to_vec(&[vec![1], vec![], vec![2, 3]]), b"[[1],[],[2,3]]");
        assert_eq!(to_vec(&VecDeque::from([1, 2])), b"[1,2]");
        assert_eq!(to_vec(&(1, "a", (None::<u8>,))), b"[1,\"a\",[null]]");
    }

    #[test]
    fn maps_escape_their_keys() {
        assert_eq!(to_vec(&BTreeMap::<String, u8>::new()), b"{}");
        assert_eq!(to_vec(&BTreeMap::from([("a\"b", 1), ("c", 2)])), br#"{"a\"b":1,"c":2}"#);
        assert_eq!(to_vec(&HashMap::from([("k".to_owned(), [true])])), br#"{"k":[true]}"#);
    }
}

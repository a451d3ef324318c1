//! Sequences as arrays.

use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};

use bytes::{Bytes, BytesMut};

use super::encode_trait::Encode;
use super::writer::Writer;

pub(super) fn array<T: Encode>(items: impl IntoIterator<Item = T>, out: &mut Writer<'_>) {
    out.raw("[");
    for (index, item) in items.into_iter().enumerate() {
        out.byte_if(b',', index > 0);
        item.encode(out);
    }
    out.raw("]");
}

/// Encodes what can be iterated as an array.
macro_rules! encode_arrays {
    ($(<$($parameter:ident $(: $bound:path)?),* $(; const $n:ident)?> $collection:ty),* $(,)?) => {$(
        impl<$($parameter $(: $bound)?,)* $(const $n: usize)?> Encode for $collection {
            #[inline]
            fn encode(&self, out: &mut Writer<'_>) {
                $crate::encode::collections::array(self, out);
            }
        }
    )*};
}

#[cfg(feature = "indexmap")]
pub(super) use encode_arrays;

encode_arrays! {
    <T: Encode> [T],
    <T: Encode; const N> [T; N],
    <T: Encode> Vec<T>,
    <T: Encode> VecDeque<T>,
    <T: Encode> LinkedList<T>,
    <T: Encode> BinaryHeap<T>,
    <T: Encode> BTreeSet<T>,
    <T: Encode, S> HashSet<T, S>,
    <> Bytes,
    <> BytesMut,
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
encode_tuple!(A B C D E F G H I);
encode_tuple!(A B C D E F G H I J);
encode_tuple!(A B C D E F G H I J K);
encode_tuple!(A B C D E F G H I J K L);
encode_tuple!(A B C D E F G H I J K L M);
encode_tuple!(A B C D E F G H I J K L M N);
encode_tuple!(A B C D E F G H I J K L M N O);
encode_tuple!(A B C D E F G H I J K L M N O P);

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
}

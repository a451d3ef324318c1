//! Maps and sets of `indexmap`, in their order.

use indexmap::{IndexMap, IndexSet};

use crate::encode::collections::{array, encode_collections, object};
use crate::encode::encode_key::EncodeKey;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

encode_collections!(array: <T: Encode, S> IndexSet<T, S>);
encode_collections!(object: <K: EncodeKey, V: Encode, S> IndexMap<K, V, S>);

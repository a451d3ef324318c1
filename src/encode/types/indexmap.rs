//! Maps and sets of `indexmap`, in their order.

use indexmap::{IndexMap, IndexSet};

use crate::encode::collections::encode_arrays;
use crate::encode::encode_fields::encode_maps;
use crate::encode::encode_key::EncodeKey;
use crate::encode::encode_trait::Encode;
use crate::encode::writer::Writer;

encode_arrays!(<T: Encode, S> IndexSet<T, S>);
encode_maps!(<K, V, S> IndexMap<K, V, S>);

//! Promise: every type of the table in the docs of `Encode` is what serde_json makes of it, to the byte, as a value and
//! as a key. One file for each crate.

mod bigdecimal;
mod chrono;
mod indexmap;
mod jiff;
mod rust_decimal;
mod serde_json;
mod std;
mod time;
mod url;
mod uuid;

use chunkwire::{Encode, EncodeKey, Writer};
use serde::{Serialize, Serializer};

use chunkwire_test_support::canary::encoded_in;
use chunkwire_test_support::tree::{encoded, line_safe};

/// Checks that this crate and serde_json write the same, in both formats and wherever a buffer ends.
#[track_caller]
fn check<T: Encode + Serialize + ?Sized>(value: &T) {
    let expected = ::serde_json::to_string(value).unwrap();
    assert_eq!(encoded(value, false), expected);
    assert_eq!(encoded(value, true), line_safe(&expected));
    for capacity in [0, 7, 40] {
        assert_eq!(encoded_in(capacity, capacity, value, false), expected.as_bytes());
    }
}

/// Checks the same of a value, and of it as the key of a map.
#[track_caller]
fn check_key<K: EncodeKey + Serialize + ?Sized>(key: &K) {
    check(key);
    check(&Keyed(key));
}

/// Checks the text as well, so that a test can be read.
#[track_caller]
fn check_is<T: Encode + Serialize + ?Sized>(value: &T, expected: &str) {
    assert_eq!(encoded(value, false), expected);
    check(value);
}

/// An object with one key.
struct Keyed<'a, K: ?Sized>(&'a K);

impl<K: EncodeKey + ?Sized> Encode for Keyed<'_, K> {
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw("{");
        self.0.encode_key(out);
        out.raw(":1}");
    }
}

impl<K: Serialize + ?Sized> Serialize for Keyed<'_, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, 1)])
    }
}

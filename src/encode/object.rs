//! The macro that encodes a struct.

/// Writes a JSON object whose keys are literals.
///
/// Each key is joined with its punctuation at compile time, so that `,"age":` is one store of fixed size. A value is
/// any expression whose type is [`Encode`](crate::Encode); it is taken by reference.
///
/// A key that needs an escape does not compile:
///
/// ```compile_fail
/// # use chunkwire::{Writer, object};
/// # let mut bytes = bytes::BytesMut::new();
/// object!(&mut Writer::new(&mut bytes), { "a\"b": 1 });
/// ```
///
/// # Examples
///
/// ```
/// use chunkwire::{Encode, Writer, object};
///
/// struct Point<T> {
///     x: T,
///     y: T,
///     label: Option<&'static str>,
/// }
///
/// impl<T: Encode> Encode for Point<T> {
///     fn encode(&self, out: &mut Writer<'_>) {
///         object!(out, {
///             "x": self.x,
///             "y": self.y,
///             "label": self.label.unwrap_or("none"),
///         });
///     }
/// }
///
/// assert_eq!(
///     chunkwire::to_vec(&Point { x: 1.5, y: -2.0, label: None }),
///     br#"{"x":1.5,"y":-2.0,"label":"none"}"#,
/// );
/// ```
#[macro_export]
macro_rules! object {
    ($out:expr, {}) => {
        $crate::Writer::raw($out, "{}")
    };
    ($out:expr, { $key:literal: $value:expr $(, $more_keys:literal: $more_values:expr)* $(,)? }) => {{
        const {
            $crate::__private::assert_plain_key($key);
            $($crate::__private::assert_plain_key($more_keys);)*
        }
        let out: &mut $crate::Writer<'_> = $out;
        out.raw(concat!("{\"", $key, "\":"));
        $crate::Encode::encode(&$value, out);
        $(
            out.raw(concat!(",\"", $more_keys, "\":"));
            $crate::Encode::encode(&$more_values, out);
        )*
        out.raw("}");
    }};
}

/// Fails to compile if a literal key needs an escape.
#[doc(hidden)]
pub const fn assert_plain_key(key: &str) {
    let key = key.as_bytes();
    let mut at = 0;
    while at < key.len() {
        assert!(
            key[at] >= 0x20 && key[at] != b'"' && key[at] != b'\\',
            "a key of object! must not need an escape: no quote, backslash or control character"
        );
        assert!(
            !(key[at] == 0xC2 && key[at + 1] == 0x85
                || key[at] == 0xE2 && key[at + 1] == 0x80 && key[at + 2] & 0xFE == 0xA8),
            "a key of object! must not need an escape: no U+0085, U+2028 or U+2029"
        );
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use crate::{Encode, Writer, to_vec};

    struct Empty;

    impl Encode for Empty {
        fn encode(&self, out: &mut Writer<'_>) {
            object!(out, {});
        }
    }

    struct Nested(u8);

    impl Encode for Nested {
        fn encode(&self, out: &mut Writer<'_>) {
            object!(out, { "value": self.0, "ключ": [self.0; 2], "empty": Empty });
        }
    }

    #[test]
    fn objects() {
        assert_eq!(to_vec(&Empty), b"{}");
        assert_eq!(to_vec(&Nested(7)), "{\"value\":7,\"ключ\":[7,7],\"empty\":{}}".as_bytes());
    }
}

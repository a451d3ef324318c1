//! The macros that encode a struct.

/// Writes a JSON object whose keys are literals.
///
/// Each key is joined with its punctuation at compile time, so that `,"age":` is one store of fixed size. A value is
///
/// - any expression whose type is [`Encode`](crate::Encode); it is taken by reference;
/// - an object in braces, `"position": { "x": 1, "y": 2 }`, of the same form. Braces that are empty or begin with a
///   literal are an object, others a block;
/// - after `?:`, as in `"label"?: self.label`, an [`Option`]; without a value the field is left out.
///
/// If a value fails, such as a `Serde`, the record does; [`try_object!`](crate::try_object) takes `Result`s as well, and
/// its error names the field. Every field is a step of the macro's recursion, so that an object of more than about 100
/// fields needs a higher `recursion_limit`.
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
/// struct City {
///     name: &'static str,
///     mayor: Option<&'static str>,
///     latitude: f64,
///     longitude: f64,
/// }
///
/// impl Encode for City {
///     fn encode(&self, out: &mut Writer<'_>) {
///         object!(out, {
///             "name": self.name,
///             "mayor"?: self.mayor,
///             "position": { "lat": self.latitude, "lon": self.longitude },
///         });
///     }
/// }
///
/// assert_eq!(
///     chunkwire::to_vec(&City { name: "Lund", mayor: None, latitude: 55.7, longitude: 13.2 }),
///     br#"{"name":"Lund","position":{"lat":55.7,"lon":13.2}}"#,
/// );
/// ```
#[macro_export]
macro_rules! object {
    ($out:expr, { $($fields:tt)* }) => {{
        let out: &mut $crate::Writer<'_> = $out;
        $crate::__fields!([encode] out first { $($fields)* });
    }};
}

/// Writes a JSON object as [`object!`](crate::object) does, of values that can fail; returns a
/// `Result<(), `[`Error`](crate::Error)`>`.
///
/// A value is any [`Record`](crate::Record), such as a serde value in a `Serde` or a `Result`; it is taken as it is,
/// not by reference. It ends with the first that fails, whose error names the field.
///
/// # Examples
///
/// ```
/// use chunkwire::{Error, Format, JsonBody, Record, Serde, Writer, try_object};
/// use http_body_util::BodyExt;
///
/// #[derive(serde::Serialize)]
/// struct Tags {
///     new: bool,
/// }
///
/// struct Row {
///     id: u32,
///     price: Result<f64, std::num::ParseFloatError>,
///     tags: Option<Tags>,
/// }
///
/// impl Record for Row {
///     fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
///         try_object!(out, { "id": self.id, "price": self.price, "tags"?: self.tags.map(Serde) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let row = |price: &str| Row { id: 7, price: price.parse(), tags: Some(Tags { new: true }) };
/// let body = JsonBody::new(Format::Lines, [row("9.5")]).collect().await.unwrap();
/// assert_eq!(body.to_bytes(), "{\"id\":7,\"price\":9.5,\"tags\":{\"new\":true}}\n");
///
/// let error = JsonBody::new(Format::Lines, [row("much")]).collect().await.unwrap_err();
/// assert_eq!(error.to_string(), "the field `price` failed");
/// # }
/// ```
#[macro_export]
macro_rules! try_object {
    ($out:expr, { $($fields:tt)* }) => {{
        #[allow(unused_labels, clippy::let_and_return, reason = "without fields, nothing fails")]
        let written = 'object: {
            let out: &mut $crate::Writer<'_> = $out;
            $crate::__fields!([try 'object] out first { $($fields)* });
            ::core::result::Result::Ok::<(), $crate::Error>(())
        };
        written
    }};
}

/// Writes the fields of an object, one by one, and its brackets.
///
/// The mode is `[encode]`, or `[try 'label …]` with the keys of the objects around it. The third argument says what was
/// written: nothing (`first`), a field (`rest`), or a field if the variable is true.
#[doc(hidden)]
#[macro_export]
macro_rules! __fields {
    ($mode:tt $out:ident first {}) => {
        $out.raw("{}");
    };
    ($mode:tt $out:ident rest {}) => {
        $out.raw("}");
    };
    ($mode:tt $out:ident $any:ident {}) => {
        $out.raw(if $any { "}" } else { "{}" });
    };

    ($mode:tt $out:ident first { $key:literal?: $value:expr $(, $($fields:tt)*)? }) => {
        let mut any = false;
        $crate::__fields!($mode $out any { $key?: $value, $($($fields)*)? });
    };
    ($mode:tt $out:ident $before:ident { $key:literal?: $value:expr $(, $($fields:tt)*)? }) => {
        if let ::core::option::Option::Some(value) = $crate::__value!($mode $value) {
            $crate::__key!($out $before $key);
            $crate::__write!($mode $out $key value);
            $crate::__key!($before);
        }
        $crate::__fields!($mode $out $before { $($($fields)*)? });
    };

    ($mode:tt $out:ident $before:ident { $key:literal: {} $(, $($fields:tt)*)? }) => {
        $crate::__key!($out $before $key);
        $out.raw("{}");
        $crate::__fields!($mode $out rest { $($($fields)*)? });
    };
    ([$($mode:tt)*] $out:ident $before:ident { $key:literal: { $first:literal $($inner:tt)* } $(, $($fields:tt)*)? }) => {
        $crate::__key!($out $before $key);
        $crate::__inner!([$($mode)*] $out $key { $first $($inner)* });
        $crate::__fields!([$($mode)*] $out rest { $($($fields)*)? });
    };

    ($mode:tt $out:ident $before:ident { $key:literal: $value:expr $(, $($fields:tt)*)? }) => {
        $crate::__key!($out $before $key);
        $crate::__write!($mode $out $key $crate::__value!($mode $value));
        $crate::__fields!($mode $out rest { $($($fields)*)? });
    };
}

/// Writes an object in an object.
#[doc(hidden)]
#[macro_export]
macro_rules! __inner {
    ([encode] $out:ident $key:literal $fields:tt) => {
        $crate::__fields!([encode] $out first $fields);
    };
    ([try $label:lifetime $($keys:literal)*] $out:ident $key:literal $fields:tt) => {
        $crate::__fields!([try $label $($keys)* $key] $out first $fields);
    };
}

/// Writes a key with what comes before it, or notes that a field was written.
#[doc(hidden)]
#[macro_export]
macro_rules! __key {
    ($out:ident first $key:literal) => {
        const { $crate::__private::assert_plain_key($key) };
        $out.literal(const { &$crate::__private::Literal::new(concat!("{\"", $key, "\":")) });
    };
    ($out:ident rest $key:literal) => {
        const { $crate::__private::assert_plain_key($key) };
        $out.literal(const { &$crate::__private::Literal::new(concat!(",\"", $key, "\":")) });
    };
    ($out:ident $any:ident $key:literal) => {
        const { $crate::__private::assert_plain_key($key) };
        $out.raw(if $any { "," } else { "{" });
        $out.literal(const { &$crate::__private::Literal::new(concat!("\"", $key, "\":")) });
    };
    (rest) => {};
    ($any:ident) => {
        $any = true;
    };
}

/// A value as it is written: by reference, unless it can fail.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ([encode] $value:expr) => {
        &$value
    };
    ([try $($mode:tt)*] $value:expr) => {
        $value
    };
}

/// Writes a value.
#[doc(hidden)]
#[macro_export]
macro_rules! __write {
    ([encode] $out:ident $key:literal $value:expr) => {
        $crate::Encode::encode($value, $out);
    };
    ([try $label:lifetime $($keys:literal)*] $out:ident $key:literal $value:expr) => {
        if let ::core::result::Result::Err(error) = $crate::Record::write($value, $out) {
            break $label ::core::result::Result::Err($crate::__private::in_field(
                error,
                concat!($($keys, ".",)* $key),
            ));
        }
    };
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
    use bytes::BytesMut;

    use crate::{Encode, Error, Record, Writer, to_vec};

    /// What `object!` writes.
    macro_rules! written {
        ($fields:tt) => {{
            let mut bytes = BytesMut::new();
            object!(&mut Writer::new(&mut bytes), $fields);
            // What can't fail is the same in both.
            let mut tried = BytesMut::new();
            let ok: Result<(), Error> = try_object!(&mut Writer::new(&mut tried), $fields);
            assert!(ok.is_ok());
            assert_eq!(tried, bytes);
            let text = String::from_utf8(bytes.into()).unwrap();
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
            text
        }};
    }

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

    #[test]
    fn values_are_taken_by_reference() {
        let text = String::from("text");
        let mut bytes = BytesMut::new();
        object!(&mut Writer::new(&mut bytes), { "a": text, "b"?: Some(&text), "c": text });
        assert_eq!(bytes, r#"{"a":"text","b":"text","c":"text"}"#);
    }

    #[test]
    fn optional_fields_are_left_out() {
        for a in [None, Some(1)] {
            for b in [None, Some("b")] {
                for c in [None, Some(Some(3))] {
                    let member = |name: &str, value: Option<String>| value.map(|value| format!("\"{name}\":{value}"));
                    let [a_text, b_text, c_text] = [
                        member("a", a.map(|a| a.to_string())),
                        member("b", b.map(|b| format!("\"{b}\""))),
                        member("c", c.flatten().map(|c: u8| c.to_string())),
                    ];
                    let expected = |members: &[&Option<String>]| {
                        let members: Vec<&str> = members.iter().filter_map(|member| member.as_deref()).collect();
                        format!("{{{}}}", members.join(","))
                    };
                    let x = Some("\"x\":0".to_owned());
                    assert_eq!(written!({ "a"?: a }), expected(&[&a_text]));
                    assert_eq!(written!({ "a"?: a, "b"?: b, "c"?: c }), expected(&[&a_text, &b_text, &c_text]));
                    assert_eq!(written!({ "a"?: a, "x": 0, "b"?: b }), expected(&[&a_text, &x, &b_text]));
                    assert_eq!(written!({ "x": 0, "a"?: a, "b"?: b, }), expected(&[&x, &a_text, &b_text]));
                    assert_eq!(written!({ "a"?: a, "b"?: b, "x": 0 }), expected(&[&a_text, &b_text, &x]));
                }
            }
        }
        assert_eq!(written!({ "a"?: Some(None::<u8>), "b"?: None::<u8> }), r#"{"a":null}"#, "a value that is null");
    }

    #[test]
    fn objects_in_objects() {
        assert_eq!(written!({ "a": {} }), r#"{"a":{}}"#);
        assert_eq!(written!({ "a": {}, "b": 1 }), r#"{"a":{},"b":1}"#);
        assert_eq!(
            written!({ "a": { "b": { "c": 1, "d"?: None::<u8> }, "e"?: Some(2), }, "f": { "g"?: None::<u8> } }),
            r#"{"a":{"b":{"c":1},"e":2},"f":{}}"#
        );
        let none = None::<u8>;
        assert_eq!(written!({ "a"?: none, "b": { "c"?: none, "d": {} }, }), r#"{"b":{"d":{}}}"#);
        let block = 3;
        assert_eq!(written!({ "a": { block + 1 }, "b": { let x = block; [x; 2] } }), r#"{"a":4,"b":[3,3]}"#);
    }

    #[test]
    fn a_value_that_fails_is_named_and_ends_the_object() {
        struct Fails(&'static str);
        impl Record for Fails {
            fn write(self, _: &mut Writer<'_>) -> Result<(), Error> {
                Err(Error::new(self.0))
            }
        }
        fn written(out: &mut Writer<'_>, depth: u8) -> Result<(), Error> {
            let fails = |at| if at == depth { Err("no") } else { Ok(at) };
            try_object!(out, {
                "a": fails(0),
                "b"?: Some(fails(1)),
                "c": { "d": fails(2), "e": { "f"?: Some(fails(3)), "g": fails(4) } },
                "h": fails(5),
            })
        }
        for (depth, field) in ["a", "b", "c.d", "c.e.f", "c.e.g", "h"].into_iter().enumerate() {
            let mut bytes = BytesMut::new();
            let error = written(&mut Writer::new(&mut bytes), depth as u8).unwrap_err();
            assert_eq!(error.to_string(), format!("the field `{field}` failed"));
        }
        let mut bytes = BytesMut::new();
        written(&mut Writer::new(&mut bytes), 9).unwrap();
        assert_eq!(bytes, r#"{"a":0,"b":1,"c":{"d":2,"e":{"f":3,"g":4}},"h":5}"#);
        let failed: Result<(), Error> = try_object!(&mut Writer::new(&mut bytes), { "x": { "y": Fails("z") } });
        assert_eq!(std::error::Error::source(&failed.unwrap_err()).unwrap().to_string(), "z");
    }
}

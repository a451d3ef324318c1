//! What a derived type writes, beside what serde_json writes of it.

use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use chunkwire::{Encode, Format, JsonBody, Record, Writer};
use http_body::Body;
use serde::Serialize;
use serde_json::Value;

thread_local! {
    static TYPES: Cell<usize> = const { Cell::new(0) };
}

/// Returns how many types this thread has compared.
pub(crate) fn types() -> usize {
    TYPES.get()
}

/// Panics if a value of the type is not what serde_json writes: alone, in an array and in lines. What fails there has to
/// fail here.
pub(crate) fn same<T: Serialize + Encode>(values: impl IntoIterator<Item = T>) {
    let values: Vec<T> = values.into_iter().collect();
    compare(std::any::type_name::<T>(), &values.iter().map(|value| value as &dyn Both).collect::<Vec<_>>());
}

/// A value of any type, so that what compares is compiled once.
trait Both {
    fn by_serde_json(&self) -> serde_json::Result<String>;
    fn by_encode(&self, out: &mut Writer<'_>);
}

impl<T: Serialize + Encode> Both for T {
    fn by_serde_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    fn by_encode(&self, out: &mut Writer<'_>) {
        self.encode(out);
    }
}

impl Encode for dyn Both + '_ {
    fn encode(&self, out: &mut Writer<'_>) {
        self.by_encode(out);
    }
}

fn compare(name: &str, values: &[&dyn Both]) {
    TYPES.set(TYPES.get() + 1);
    let (mut texts, mut whole) = (Vec::new(), Vec::new());
    for &value in values {
        let mut bytes = BytesMut::new();
        let written = value.write(&mut Writer::new(&mut bytes));
        match (value.by_serde_json(), written) {
            (Ok(expected), Ok(())) => {
                assert_eq!(String::from_utf8_lossy(&bytes), expected, "{name}");
                texts.push(expected);
                whole.push(value);
            }
            (Err(_), Err(_)) => {}
            (expected, written) => panic!("{name}: serde_json has {expected:?}, where this has {bytes:?}, {written:?}"),
        }
    }
    assert_eq!(body(Format::Array, &whole), format!("[{}]", texts.join(",")), "{name}");
    // Lines have escapes that serde_json does not write.
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let lines = body(Format::Lines, &whole);
    assert!(!lines.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']), "{name}: {lines:?}");
    let lines: Vec<_> = lines.lines().map(parsed).collect();
    assert_eq!(lines, texts.iter().map(|text| parsed(text)).collect::<Vec<_>>(), "{name}");
}

/// Reads a body that never waits.
fn body(format: Format, values: &[&dyn Both]) -> String {
    let (mut body, mut bytes) = (pin!(JsonBody::new(format, values)), Vec::new());
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
        bytes.extend(frame.unwrap().into_data().unwrap());
    }
    assert!(body.is_end_stream());
    String::from_utf8(bytes).unwrap()
}

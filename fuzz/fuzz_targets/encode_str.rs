//! Arbitrary text on the vector path and the portable path, line safe and not, from 16 alignments into tight buffers.
//!
//! The text is exactly as long as its allocation, so that AddressSanitizer sees a byte read after it.
#![no_main]

use bytes::BytesMut;
use chunkwire::Writer;
use chunkwire_test_support::tree::{line_safe, reference};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text: Box<str> = String::from_utf8_lossy(data).into();
    let starts = text.char_indices().map(|(start, _)| start).take(16);
    for start in starts.chain([text.len()]) {
        let text = &text[start..];
        let json = reference(text);
        check(text, &json, start, false);
        check(text, &line_safe(&json), start, true);
    }
});

fn check(text: &str, expected: &str, start: usize, for_lines: bool) {
    // From no room at all to more than is needed.
    let capacity = (text.len() + 7 * start) % 200;
    for portably in [false, true] {
        #[cfg(fuzzing)]
        chunkwire::__private::take_portable(portably);
        let mut bytes = BytesMut::with_capacity(capacity);
        let mut out = if for_lines { Writer::for_lines(&mut bytes) } else { Writer::new(&mut bytes) };
        out.string(text);
        drop(out);
        assert!(bytes == expected, "{text:?} is {bytes:?}, portably: {portably}, for lines: {for_lines}");
    }
    if start == 0 {
        let read: String = serde_json::from_str(expected).expect("a JSON string");
        assert_eq!(read, text);
    }
    if for_lines {
        assert!(!expected.contains(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']));
    }
}

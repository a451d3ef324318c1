//! Promise: the response does not depend on where chunks fall, on how slowly it is read, or on pauses of the source.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use chunkwire_test_support::records::{Pausing, document, texts, texts_of};
use chunkwire_test_support::{Woken, frames};
use futures_core::Stream;
use http_body::{Body, SizeHint};

const FORMATS: [Format; 2] = [Format::Array, Format::Lines];

/// Returns the lengths of a document around the ends of its first four chunks.
fn lengths() -> impl Iterator<Item = usize> {
    (1..=4).flat_map(|chunks| chunks * CHUNK_SIZE - 2..=chunks * CHUNK_SIZE + 2)
}

/// A body read to its end, with what it said about itself before each poll and after the last.
struct Account {
    bytes: Vec<u8>,
    said: Vec<Said>,
    frames: usize,
}

/// What a body said when it had sent `sent` bytes.
struct Said {
    sent: usize,
    is_end: bool,
    size: SizeHint,
}

/// Polls a body to its end; a pending body must have woken its task.
fn account<S: Stream<Item = String>>(body: JsonBody<S>) -> Account {
    let mut body = pin!(body);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut account = Account { bytes: Vec::new(), said: Vec::new(), frames: 0 };
    loop {
        let sent = account.bytes.len();
        account.said.push(Said { sent, is_end: body.is_end_stream(), size: body.size_hint() });
        match body.as_mut().poll_frame(&mut Context::from_waker(&waker)) {
            Poll::Ready(Some(frame)) => {
                account.bytes.extend(frame.unwrap().into_data().unwrap());
                account.frames += 1;
            }
            Poll::Ready(None) => return account,
            Poll::Pending => assert!(woken.take(), "nobody wakes a body that is pending"),
        }
    }
}

impl Account {
    /// Checks what the body said against what followed.
    #[track_caller]
    fn assert_true(&self, of: &str) {
        for Said { sent, is_end, size } in &self.said {
            let left = (self.bytes.len() - sent) as u64;
            assert!(!is_end || left == 0, "{of}: said that it ended {left} bytes before its end");
            assert!(size.lower() <= left, "{of}: said at least {} and sent {left}", size.lower());
            assert!(size.upper().is_none_or(|upper| upper >= left), "{of}: said at most {size:?} and sent {left}");
        }
    }

    /// Checks that the body also reported its end as soon as it was reached, unless the last chunk was just full.
    #[track_caller]
    fn assert_knew_its_end(&self, format: Format, of: &str) {
        if format == Format::Lines && self.bytes.len().is_multiple_of(CHUNK_SIZE) {
            return;
        }
        let last = self.said.last().unwrap();
        assert!(last.is_end && last.size.exact() == Some(0), "{of}: did not know that its last frame was the last");
    }
}

/// Compares bytes without printing all of them.
#[track_caller]
fn assert_same(actual: &[u8], expected: &[u8], of: &str) {
    let difference = actual.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(difference, None, "{of}: other bytes from there on");
    assert_eq!(actual.len(), expected.len(), "{of}");
}

#[test]
fn a_document_is_the_same_wherever_its_chunks_end() {
    for format in FORMATS {
        for length in lengths() {
            let records = texts_of(format, length);
            let expected = document(format, &records);
            assert_eq!(expected.len(), length);

            let of = format!("{format:?} of {length} bytes");
            let account = account(JsonBody::new(format, records));
            assert_same(&account.bytes, &expected, &of);
            assert_eq!(account.frames, length.div_ceil(CHUNK_SIZE), "{of}");
            account.assert_true(&of);
            account.assert_knew_its_end(format, &of);
        }
    }
}

/// A body whose source can't tell how much is left says nothing wrong either.
#[test]
fn a_document_is_the_same_from_a_source_that_does_not_know_its_length() {
    for format in FORMATS {
        for length in lengths() {
            let records = texts_of(format, length);
            let expected = document(format, &records);
            let of = format!("{format:?} of {length} bytes");
            let account = account(JsonBody::new(format, records.into_iter().filter(|_| true)));
            assert_same(&account.bytes, &expected, &of);
            account.assert_true(&of);
        }
    }
}

#[test]
fn pauses_of_the_source_change_nothing() {
    let scripts = [1, 0b10, 0x5555_5555_5555_5555, u64::MAX, 1 << 63, 0xFFFF_0000_FFFF_0000, 0xDEAD_BEEF_1234_5678];
    for format in FORMATS {
        for length in lengths() {
            let records = texts_of(format, length);
            let expected = document(format, &records);
            for script in scripts {
                let of = format!("{format:?} of {length} bytes with pauses {script:#x}");
                let body = JsonBody::from_stream(format, Pausing::new(records.clone().into_iter(), script));
                let account = account(body);
                assert_same(&account.bytes, &expected, &of);
                account.assert_true(&of);
            }
        }
    }
}

#[test]
fn a_pause_sends_what_is_there() {
    let records = texts(99, 3).collect::<Vec<_>>();
    let mut body = pin!(JsonBody::from_stream(Format::Lines, Pausing::new(records.into_iter(), u64::MAX)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(body.as_mut().poll_frame(&mut cx).is_pending(), "nothing is there yet");
    for _ in 0..3 {
        let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(&mut cx) else { panic!("a record is there") };
        assert_eq!(frame.into_data().unwrap().len(), 100);
    }
    assert!(matches!(body.as_mut().poll_frame(&mut cx), Poll::Ready(None)));
}

#[test]
fn a_record_may_be_longer_than_chunks() {
    for format in FORMATS {
        for long in [CHUNK_SIZE - 3, CHUNK_SIZE - 2, CHUNK_SIZE, 3 * CHUNK_SIZE, 10 * CHUNK_SIZE + 1, 1_000_000] {
            let records: Vec<String> = ["before", &"long ".repeat(long / 5), "between", &"x".repeat(long), "after"]
                .map(str::to_owned)
                .into_iter()
                .chain(texts(99, 400))
                .collect();
            let of = format!("{format:?} with records of {long} bytes");
            let expected = document(format, &records);
            let account = account(JsonBody::new(format, records));
            assert_same(&account.bytes, &expected, &of);
            assert_eq!(account.frames, expected.len().div_ceil(CHUNK_SIZE), "{of}");
            account.assert_true(&of);
            account.assert_knew_its_end(format, &of);
        }
    }
}

#[test]
fn without_records_an_array_is_empty_and_lines_are_nothing() {
    for (format, expected) in [(Format::Array, "[]"), (Format::Lines, "")] {
        let nothing = || std::iter::empty::<String>();
        let known = account(JsonBody::new(format, nothing()));
        assert_eq!(known.bytes, expected.as_bytes());
        known.assert_true("nothing");
        assert_eq!(known.said[0].size.exact(), None, "the source was not polled");

        let paused = account(JsonBody::from_stream(format, Pausing::new(nothing(), u64::MAX)));
        assert_eq!(paused.bytes, expected.as_bytes());
        paused.assert_true("nothing after a pause");
    }
}

/// After `ready`, the end has been polled, and the length is known.
#[tokio::test]
async fn a_body_that_is_ready_and_empty_knows_its_length() {
    for (format, expected) in [(Format::Array, "[]"), (Format::Lines, "")] {
        let body = JsonBody::new(format, std::iter::empty::<String>()).ready().await.unwrap();
        assert_eq!(body.size_hint().exact(), Some(expected.len() as u64));
        assert_eq!(body.is_end_stream(), expected.is_empty());
    }
}

/// An iterator that says that nothing is left, from some number of records on.
struct Denies<I>(I, usize);

impl<I: Iterator> Iterator for Denies<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.1 = self.1.saturating_sub(1);
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, (self.1 == 0).then_some(0))
    }
}

#[test]
fn a_source_that_says_too_early_that_nothing_is_left_is_sent_whole() {
    for format in FORMATS {
        for length in lengths() {
            let records = texts_of(format, length);
            let expected = document(format, &records);
            for after in [0, 1, 163, 164, 165] {
                let of = format!("{format:?} of {length} bytes, denied after {after}");
                let account = account(JsonBody::new(format, Denies(records.clone().into_iter(), after)));
                assert_same(&account.bytes, &expected, &of);
                account.assert_true(&of);
            }
        }
    }
}

#[tokio::test]
async fn no_line_holds_a_line_break_of_any_kind() {
    let breaks = ["\n", "\r", "\r\n", "\u{b}", "\u{c}", "\u{1c}", "\u{1d}", "\u{1e}", "\u{85}", "\u{2028}", "\u{2029}"];
    // At every offset of a block, across the ends of chunks too.
    let records: Vec<String> =
        (0..4000).map(|number| format!("{}{}é€", "·".repeat(number % 40), breaks[number % breaks.len()])).collect();
    let lines: Bytes = frames(JsonBody::new(Format::Lines, records.clone())).await.concat().into();
    let lines = str::from_utf8(&lines).unwrap();

    let only_at_ends = |character: char| breaks.iter().any(|text| text.contains(character)) && character != '\n';
    assert!(!lines.contains(only_at_ends));
    assert!(lines.ends_with('\n') && lines.matches('\n').count() == records.len());
    for (line, record) in lines.lines().zip(&records) {
        assert_eq!(serde_json::from_str::<String>(line).unwrap(), *record);
    }

    let array = frames(JsonBody::new(Format::Array, records.clone())).await.concat();
    assert_eq!(serde_json::from_slice::<Vec<String>>(&array).unwrap(), records);
}

mod over_http {
    use chunkwire::OneChunk;

    use super::*;
    use chunkwire_test_support::client::Response;
    use chunkwire_test_support::connection::{ByHand, GET, connection};
    use chunkwire_test_support::transport::Pipe;

    #[tokio::test]
    async fn a_wrong_size_of_a_source_is_no_length() {
        for format in FORMATS {
            let pipe = Pipe::new(GET, 1000);
            pipe.make_room(usize::MAX);
            let body = OneChunk::new(JsonBody::new(format, Denies(1..=3, 0)));
            assert!(ByHand::new(connection(pipe.clone(), body)).settle().is_ready());
            let wire = pipe.wire().to_vec();
            let response = Response::read(&mut &*wire).await;
            let expected = if format == Format::Array { "[1,2,3]" } else { "1\n2\n3\n" };
            assert_eq!((response.complete, &response.body[..]), (true, expected.as_bytes()));
        }
    }

    #[tokio::test]
    async fn a_reader_of_single_bytes_gets_the_same() {
        for format in FORMATS {
            for length in lengths() {
                let records = texts_of(format, length);
                let expected = document(format, &records);
                let pipe = Pipe::new(GET, length + 1000);
                let body = OneChunk::new(JsonBody::new(format, records));
                let mut connection = ByHand::new(connection(pipe.clone(), body));
                while connection.settle().is_pending() {
                    pipe.make_room(1);
                }
                let wire = pipe.wire().to_vec();
                let response = Response::read(&mut &*wire).await;
                assert!(response.complete);
                assert_same(&response.body, &expected, &format!("{format:?} of {length} bytes"));
            }
        }
    }
}

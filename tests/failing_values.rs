//! Promise: a value that can't be JSON ends its body as a failing source does, wherever it stands in a record. A value
//! fails where serde_json fails.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use chunkwire::{
    Encode, Envelope, Error, Finite, Format, JsonBody, Layout, Record, Records, Serde, Source, Stopped, Writer,
    display, object, to_vec, try_object,
};
use http_body::Body;
use serde::Serialize;

/// What `Serialize` refuses, and so do `display` and `Finite`.
struct Refuses;

impl fmt::Display for Refuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        Err(fmt::Error)
    }
}

/// A record that may hold what fails, and does not look.
enum Row {
    Good(u32),
    Bad,
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        match self {
            Self::Good(id) => object!(out, { "id": id, "pairs": Serde(BTreeMap::from([(id, "x")])) }),
            Self::Bad => object!(out, { "id": 0, "pairs": Serde(BTreeMap::from([((1, 2), "x")])), "more": [1, 2] }),
        }
    }
}

/// A record whose `write` returns no error of the value that it encodes.
struct Unaware(Row);

impl Record for Unaware {
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        self.0.encode(out);
        Ok(())
    }
}

/// Returns what a body sends, and how it fails.
fn sent(body: JsonBody<impl Source>) -> (String, Option<Error>) {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    loop {
        match body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) => bytes.extend(frame.into_data().expect("there are no trailers")),
            Poll::Ready(end) => return (String::from_utf8(bytes).unwrap(), end.map(Result::unwrap_err)),
        }
    }
}

/// Returns why a value fails.
#[track_caller]
fn cause(value: impl Record) -> String {
    let error = value.write(&mut Writer::new(&mut BytesMut::new())).unwrap_err();
    error.source().unwrap().to_string()
}

/// Checks that a value fails for a reason, as it does in serde_json, and leaves nothing that could be taken for JSON.
#[track_caller]
fn check(value: &(impl Encode + Serialize), reason: &str) {
    assert!(serde_json::to_string(value).is_err());
    assert_eq!(cause(value), reason);
    assert_eq!(cause([Some(value)]), reason);
    assert_eq!(to_vec(&(1, value)), b"");
}

#[test]
fn what_serde_json_refuses() {
    let cell = RefCell::new(1);
    let borrowed = cell.borrow_mut();
    check(&cell, "a `RefCell` is mutably borrowed");
    drop(borrowed);
    assert_eq!(to_vec(&cell), b"1");

    let mutex = Mutex::new(1);
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let _held = mutex.lock();
        std::panic::resume_unwind(Box::new("on purpose"));
    }));
    check(&mutex, "a `Mutex` is poisoned: a thread panicked that held it");

    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    check(&before, "a `SystemTime` is before the Unix epoch; allowed are those from 1970 on");
}

#[cfg(unix)]
#[test]
fn paths_that_are_not_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::{Path, PathBuf};

    let path = Path::new(OsStr::from_bytes(b"/tmp/\xFF"));
    check(&path, "the path \"/tmp/\\xFF\" is not UTF-8; allowed are paths that are");
    check(&path.to_owned(), "the path \"/tmp/\\xFF\" is not UTF-8; allowed are paths that are");
    check(&BTreeMap::from([(PathBuf::from("a"), 1), (path.to_owned(), 2)]), &cause(path));
}

#[test]
fn values_in_wrappers() {
    assert_eq!(cause(display(Refuses)), "a value could not be formatted as text");
    assert_eq!(cause(BTreeMap::from([(1, [Finite(f64::NAN)])])), "a float is NaN; allowed are finite numbers");
    let keys = "a map key was a tuple; allowed are strings, characters, numbers, booleans and unit variants";
    assert_eq!(cause(Serde(BTreeMap::from([((1, 2), 3)]))), keys);
    assert_eq!(cause(Row::Bad), keys);
    assert_eq!(cause((Row::Bad, display(Refuses))), keys, "the first counts");
}

#[test]
fn a_body_ends_as_if_its_source_had_failed() {
    let rows = || [Row::Good(1), Row::Good(2), Row::Bad, Row::Good(4)];
    let failing = || [Ok(Row::Good(1)), Ok(Row::Good(2)), Err("as a source"), Ok(Row::Good(4))];
    for layout in [|| Layout::from(Format::Array), || Format::Lines.into(), || Envelope::new("rows").into()] {
        let (expected, failed) = sent(JsonBody::new(layout(), failing()));
        let failed = failed.unwrap().to_string();
        assert_eq!(failed, "the source of the records failed after 2 records");
        let (written, error) = sent(JsonBody::new(layout(), rows()));
        assert_eq!((written, error.unwrap().to_string()), (expected.clone(), failed.clone()));
        let (written, error) = sent(JsonBody::new(layout(), rows().map(Unaware)));
        assert_eq!((written, error.unwrap().to_string()), (expected, failed));
    }
}

/// Fails, and then writes something else to a buffer of its own.
struct Distracted<T>(T);

impl<T: Encode> Encode for Distracted<T> {
    fn encode(&self, out: &mut Writer<'_>) {
        out.fail("on purpose");
        let _ = to_vec(&self.0);
    }
}

#[test]
fn what_another_writer_does_is_no_failure_and_hides_none() {
    Finite(f64::NAN).encode(&mut Writer::new(&mut BytesMut::new()));
    assert_eq!(sent(JsonBody::new(Format::Array, [1, 2])).0, "[1,2]");
    assert_eq!(to_vec(&1), b"1");

    assert_eq!(cause(Distracted(1)), "on purpose");
    assert_eq!(cause(Distracted(Finite(f64::NAN))), "a value could not be written as JSON");
    assert_eq!(cause(Distracted(Distracted(1))), "a value could not be written as JSON");
}

/// Leaves out what fails.
struct Lenient(Option<Vec<Row>>, Vec<String>);

impl Source for Lenient {
    fn poll_fill(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        for row in self.0.take().into_iter().flatten() {
            if let Err(error) = records.write(row) {
                self.1.push(error.source().unwrap().to_string());
            }
        }
        assert_eq!(self.1.len(), 1);
        Poll::Ready(Ok(Stopped::Ended))
    }
}

#[test]
fn a_source_may_leave_a_record_out() {
    let rows = vec![Row::Good(1), Row::Bad, Row::Good(3)];
    let (written, error) = sent(JsonBody::from_source(Format::Array, Lenient(Some(rows), Vec::new())));
    assert!(error.is_none());
    assert_eq!(written, r#"[{"id":1,"pairs":{"1":"x"}},{"id":3,"pairs":{"3":"x"}}]"#);
}

#[test]
fn fields_are_named() {
    struct Order(Finite<f64>);
    impl Record for Order {
        fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
            try_object!(out, { "id": 1, "price": { "net": self.0 }, "more": [1] })
        }
    }
    let (_, error) = sent(JsonBody::new(Format::Array, [Order(Finite(f64::INFINITY))]));
    assert_eq!(error.unwrap().to_string(), "the field `price.net` failed");

    let (_, error) = sent(JsonBody::new(Envelope::new("rows").before("meta", Unaware(Row::Bad)), [1]));
    assert_eq!(error.unwrap().to_string(), "the field `meta` failed");
    let envelope = Envelope::new("rows").after(|_, fields| fields.field("rate", Finite(f32::NAN)));
    let (written, error) = sent(JsonBody::new(envelope, [1]));
    assert_eq!(error.unwrap().to_string(), "the field `rate` failed after 1 record");
    assert_eq!(written, r#"{"rows":[1"#);
}

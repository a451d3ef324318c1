//! Sources that fill chunks by themselves: all promises hold for them, whatever they do. That their documents and
//! frames are those of a stream is tested with all others, by `body_properties.rs`.

use std::cell::Cell;
use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chunkwire::{
    CHUNK_SIZE, Envelope, Error, Format, JsonBody, Layout, Outcome, Record, Records, Source, Stopped, Writer,
};
use chunkwire_test_support::Woken;
use http_body::Body;
use http_body_util::BodyExt;

/// What a source that is made of a closure does.
struct Fill<F>(F);

impl<F: FnMut(&mut Context<'_>, &mut Records<'_>) -> Poll<Result<Stopped, Error>> + Unpin> Source for Fill<F> {
    fn poll_fill(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        self.0(cx, records)
    }
}

/// A record that panics or fails after it has written its beginning.
enum Breaks {
    Panics,
    Fails,
}

impl Record for Breaks {
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        out.raw("\"half of a re");
        match self {
            Self::Panics => panic!("a record"),
            Self::Fails => Err(Error::new("no such column")),
        }
    }
}

fn layouts() -> [(Layout, &'static str); 3] {
    [
        (Format::Array.into(), "[1,2]"),
        (Format::Lines.into(), "1\n2\n"),
        (
            Envelope::new("rows").before("total", 2).after(|records, fields| fields.field("sent", records)).into(),
            r#"{"total":2,"rows":[1,2],"sent":2}"#,
        ),
    ]
}

fn poll<B: Body<Data = Bytes>>(body: Pin<&mut B>, waker: &Waker) -> Poll<Option<Result<Bytes, B::Error>>> {
    let polled = body.poll_frame(&mut Context::from_waker(waker));
    polled.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().ok().unwrap())))
}

#[tokio::test]
async fn a_record_that_fails_can_be_left_out() {
    for (layout, whole) in layouts() {
        let mut steps = [None, Some(1), None, None, Some(2), None].into_iter();
        let source = Fill(move |_: &mut Context<'_>, records: &mut Records<'_>| {
            while !records.is_full() {
                match steps.next() {
                    Some(Some(record)) => records.write(record)?,
                    Some(None) => assert!(records.write(Breaks::Fails).is_err()),
                    None => return Poll::Ready(Ok(Stopped::Ended)),
                }
            }
            Poll::Ready(Ok(Stopped::Full))
        });
        assert_eq!(JsonBody::from_source(layout, source).collect().await.unwrap().to_bytes(), whole);
    }
}

#[tokio::test]
async fn a_record_that_panics_can_be_left_out() {
    for (layout, whole) in layouts() {
        let source = Fill(|_: &mut Context<'_>, records: &mut Records<'_>| {
            for record in [1, 2] {
                assert!(catch_unwind(AssertUnwindSafe(|| records.write(Breaks::Panics))).is_err());
                records.write(record)?;
            }
            Poll::Ready(Ok(Stopped::Ended))
        });
        assert_eq!(JsonBody::from_source(layout, source).collect().await.unwrap().to_bytes(), whole);
    }
}

#[test]
fn a_source_that_fails_or_panics_ends_after_what_it_wrote_and_is_not_asked_again() {
    for panics in [false, true] {
        let asked = Cell::new(0);
        let source = Fill(|_: &mut Context<'_>, records: &mut Records<'_>| {
            asked.set(asked.get() + 1);
            records.write(1)?;
            records.write(if panics { Breaks::Panics } else { Breaks::Fails })?;
            unreachable!("a failure was written");
        });
        let (told, ends) = mpsc::channel();
        let body = JsonBody::from_source(Format::Lines, source)
            .on_end(move |end| told.send((end.outcome, end.records)).unwrap());
        let mut body = pin!(body);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let first = catch_unwind(AssertUnwindSafe(|| poll(body.as_mut(), &waker)));
        assert_eq!(first.is_err(), panics, "only a panic goes through");
        let frame = first.unwrap_or_else(|_| poll(body.as_mut(), &waker));
        let Poll::Ready(Some(Ok(frame))) = frame else { panic!("what was whole is lost: {frame:?}") };
        assert_eq!(frame, "1\n{");
        assert!(poll(body.as_mut(), &waker).is_pending() && woken.take(), "no pause before the error");
        let Poll::Ready(Some(Err(error))) = poll(body.as_mut(), &waker) else { panic!("no error") };
        assert_eq!(error.is_panic(), panics);
        assert!(error.to_string().ends_with(" after 1 record"), "{error}");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), (!panics).then_some("no such column"));
        assert_eq!(ends.recv().unwrap(), (Outcome::SourceFailed, 1));
        assert_eq!(asked.get(), 1);
    }
}

/// A source that says that a chunk is full when it is not must not make the body wait for ever.
#[tokio::test]
async fn a_chunk_that_is_not_full_is_a_pause_that_ends_at_once() {
    let mut left = 3;
    let mut source = move |_: &mut Context<'_>, records: &mut Records<'_>| {
        // Now it writes one record, now none.
        left -= 1;
        if left % 2 == 0 {
            records.write(left)?;
        }
        Poll::Ready(Ok(if left == 0 { Stopped::Ended } else { Stopped::Full }))
    };
    let mut body = JsonBody::from_source(Format::Lines, Fill(&mut source));
    let mut frames = Vec::new();
    while let Some(frame) = body.frame().await {
        frames.push(frame.unwrap().into_data().unwrap());
    }
    assert_eq!(frames, ["2\n", "0\n"]);
}

#[test]
fn more_than_a_chunk_goes_out_in_frames_of_one_size() {
    let asked = Cell::new(0);
    let source = Fill(|_: &mut Context<'_>, records: &mut Records<'_>| {
        asked.set(asked.get() + 1);
        let mut written = 0;
        while written < 3 * CHUNK_SIZE {
            records.write("x".repeat(97))?;
            written += 100;
        }
        assert!(records.is_full());
        Poll::Ready(Ok(Stopped::Full))
    });
    let mut body = pin!(JsonBody::from_source(Format::Lines, source));
    for _ in 0..3 {
        let Poll::Ready(Some(Ok(frame))) = poll(body.as_mut(), Waker::noop()) else { panic!("no frame") };
        assert_eq!(frame.len(), CHUNK_SIZE);
    }
    assert_eq!(asked.get(), 1);
}

#[tokio::test]
async fn only_one_record_is_asked_for_before_the_head() {
    let written = Rc::new(Cell::new(0));
    let counted = Rc::clone(&written);
    let source = Fill(move |_: &mut Context<'_>, records: &mut Records<'_>| {
        while !records.is_full() {
            records.write(counted.get())?;
            counted.set(counted.get() + 1);
        }
        Poll::Ready(Ok(Stopped::Full))
    });
    let mut body = JsonBody::from_source(Format::Lines, source).ready().await.unwrap();
    assert_eq!(written.get(), 1);
    let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(frame.starts_with(b"0\n1\n2\n"));
}

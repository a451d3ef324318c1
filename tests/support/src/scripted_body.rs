//! A body whose source follows a script, and every promise that can be checked while it is read.
//!
//! The fuzz targets use this file too; it depends only on [`Tree`].

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error as _;
use std::future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::slice;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use chunkwire::{
    CHUNK_SIZE, Encode, Envelope, Error, Format, JsonBody, Layout, OneChunk, Record, Records, Source, Stopped, Writer,
};
use futures_core::Stream;
use http_body::{Body, SizeHint};

use crate::Woken;
use crate::tree::{Tree, line_safe, reference};

/// What a source does when it is polled for its next record.
#[derive(Clone, Debug)]
pub enum Step {
    Yield(Tree),
    /// It pauses, and wakes the body at once.
    Pause,
    Fail,
    /// It fails after a part of the record is written.
    FailInside(Tree),
}

/// What surrounds the records.
#[derive(Clone, Debug)]
pub enum Shape {
    Plain(Format),
    /// An object with fields around the array; the last of those after it is the number of records.
    Envelope {
        before: Vec<(String, Tree)>,
        key: String,
        after: Option<Vec<(String, Tree)>>,
    },
}

/// The key of the number of records.
const COUNT: &str = "how \"many\"";

impl Shape {
    fn layout(&self) -> Layout {
        let (before, key, after) = match self {
            Self::Plain(format) => return (*format).into(),
            Self::Envelope { before, key, after } => (before, key, after),
        };
        let mut envelope = Envelope::new(key);
        for (key, value) in before {
            envelope = envelope.before(key, value);
        }
        if let Some(after) = after.clone() {
            envelope = envelope.after(move |records, fields| {
                for (key, value) in &after {
                    fields.field(key, value);
                }
                fields.field(COUNT, records);
            });
        }
        envelope.into()
    }

    fn is_lines(&self) -> bool {
        matches!(self, Self::Plain(Format::Lines))
    }

    /// Returns what comes before the first record.
    fn opening(&self) -> String {
        match self {
            Self::Plain(Format::Array) => "[".to_owned(),
            Self::Plain(_) => String::new(),
            Self::Envelope { before, key, .. } => {
                let mut text = "{".to_owned();
                for (key, value) in before {
                    text.push_str(&format!("{}:{},", reference(key), reference(value)));
                }
                text + &format!("{}:[", reference(key))
            }
        }
    }

    /// Returns what comes after the last record.
    fn closing(&self, records: usize) -> String {
        match self {
            Self::Plain(Format::Array) => "]".to_owned(),
            Self::Plain(_) => String::new(),
            Self::Envelope { after, .. } => {
                let mut text = "]".to_owned();
                for (key, value) in after.iter().flatten() {
                    text.push_str(&format!(",{}:{}", reference(key), reference(value)));
                }
                if after.is_some() {
                    text.push_str(&format!(",{}:{records}", reference(COUNT)));
                }
                text + "}"
            }
        }
    }
}

/// What happens to the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Each is dropped before the next is polled for, so that the body can use its memory again.
    Drops,
    /// All stay alive to the end, so that the body can't.
    Keeps,
    /// The body is in a [`OneChunk`] and is polled for the next frame while one is alive.
    OneChunk,
}

const FAILURE: &str = "the script said so";

/// How a body is made and read.
#[derive(Clone, Debug)]
pub struct Case {
    pub shape: Shape,
    /// Whether the source says all the time that nothing is left.
    pub denies: bool,
    /// Whether a chunk waits until it is full when the source pauses.
    pub full_chunks: bool,
    pub reader: Reader,
}

/// Reads a body to its end and twice beyond it, and panics if it breaks a promise. So does it with a source that fills,
/// and, if the source never pauses, with the body of an iterator that is offloaded.
pub fn check(case: &Case, steps: &[Step]) {
    check_body(case, steps, JsonBody::from_stream);
    check_body(case, steps, |layout, script| JsonBody::from_source(layout, Filling(script)));
    if !steps.iter().any(|step| matches!(step, Step::Pause)) {
        check_body(case, steps, |layout, script| {
            JsonBody::new(layout, script).offload(|job| future::ready(Ok::<_, Infallible>(job.run())))
        });
    }
}

fn check_body<'a, S: Source>(case: &Case, steps: &'a [Step], body: impl FnOnce(Layout, Script<'a>) -> JsonBody<S>) {
    let Case { shape, denies, full_chunks, reader } = case;
    let log = Rc::new(Log::default());
    let script = Script { steps: steps.iter(), denies: *denies, log: Rc::clone(&log) };
    let mut body = body(shape.layout(), script);
    if *full_chunks {
        body = body.full_chunks();
    }
    let mut reading = Reading {
        document: Document::new(shape, steps),
        log,
        full_chunks: *full_chunks,
        reader: *reader,
        sent: Vec::new(),
        frames: Vec::new(),
        hints: Vec::new(),
    };
    match reader {
        Reader::OneChunk => reading.run(pin!(OneChunk::new(body))),
        Reader::Drops | Reader::Keeps => reading.run(pin!(body)),
    }
    reading.check_frames(steps);
    reading.check_hints(!shape.is_lines());
}

/// What was pulled from the source so far.
#[derive(Debug, Default)]
struct Log {
    /// Records, failures, and the end.
    pulled: Cell<usize>,
    pauses: Cell<usize>,
}

fn count(counter: &Cell<usize>) {
    counter.set(counter.get() + 1);
}

#[derive(Debug)]
struct Script<'a> {
    steps: slice::Iter<'a, Step>,
    denies: bool,
    log: Rc<Log>,
}

impl<'a> Stream for Script<'a> {
    type Item = Scripted<'a>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Scripted<'a>>> {
        let step = self.steps.next();
        if let Some(Step::Pause) = step {
            count(&self.log.pauses);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        count(&self.log.pulled);
        Poll::Ready(step.map(Scripted))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.denies.then_some(0))
    }
}

/// A script as a source that fills.
#[derive(Debug)]
struct Filling<'a>(Script<'a>);

impl Source for Filling<'_> {
    fn poll_fill(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        records: &mut Records<'_>,
    ) -> Poll<Result<Stopped, Error>> {
        while !records.is_full() {
            match ready!(Pin::new(&mut self.0).poll_next(cx)) {
                Some(record) => records.write(record)?,
                None => return Poll::Ready(Ok(Stopped::Ended)),
            }
        }
        Poll::Ready(Ok(Stopped::Full))
    }
}

impl<'a> Iterator for Script<'a> {
    type Item = Scripted<'a>;

    fn next(&mut self) -> Option<Scripted<'a>> {
        count(&self.log.pulled);
        self.steps.next().map(Scripted)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        Stream::size_hint(self)
    }
}

#[derive(Debug)]
struct Scripted<'a>(&'a Step);

impl Record for Scripted<'_> {
    fn write(self, out: &mut Writer<'_>) -> Result<(), Error> {
        match self.0 {
            Step::Yield(tree) => tree.write(out),
            Step::Fail => Err::<(), _>(FAILURE).write(out),
            Step::FailInside(tree) => {
                tree.encode(out);
                Err::<(), _>(FAILURE).write(out)
            }
            Step::Pause => unreachable!("a pause is no record"),
        }
    }
}

/// What the body has to send.
#[derive(Debug)]
struct Document {
    bytes: Vec<u8>,
    /// Where each record ends.
    ends: Vec<usize>,
    fails: bool,
}

impl Document {
    fn new(shape: &Shape, steps: &[Step]) -> Self {
        let mut text = shape.opening();
        let mut ends = Vec::new();
        let mut fails = false;
        for step in steps {
            match step {
                Step::Yield(tree) => {
                    let json = reference(tree);
                    if shape.is_lines() {
                        text.push_str(&line_safe(&json));
                        text.push('\n');
                    } else {
                        text.push_str(if ends.is_empty() { "" } else { "," });
                        text.push_str(&json);
                    }
                    ends.push(text.len());
                }
                Step::Pause => {}
                Step::Fail | Step::FailInside(_) => {
                    fails = true;
                    break;
                }
            }
        }
        if !fails {
            text.push_str(&shape.closing(ends.len()));
        } else if shape.is_lines() {
            text.push('{');
        } else if ends.is_empty() {
            text.truncate(1);
        }
        Self { bytes: text.into_bytes(), ends, fails }
    }

    /// Returns how many bytes the first `records` records make.
    fn end_of(&self, records: usize) -> usize {
        if records == 0 { 0 } else { self.ends[records - 1] }
    }
}

#[derive(Debug)]
struct Reading {
    document: Document,
    log: Rc<Log>,
    full_chunks: bool,
    reader: Reader,
    sent: Vec<u8>,
    /// The length of each frame, and whether the source paused while it was made.
    frames: Vec<(usize, bool)>,
    /// What the body said at a number of bytes sent.
    hints: Vec<(usize, SizeHint, bool)>,
}

impl Reading {
    fn run<B: Body<Data = Bytes, Error = Error>>(&mut self, mut body: Pin<&mut B>) {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut cx = Context::from_waker(&waker);
        let mut kept = Vec::new();
        let mut pauses_before_failure = 0;

        loop {
            self.hints.push((self.sent.len(), body.size_hint(), body.is_end_stream()));
            let pauses = self.log.pauses.get();
            let polled = body.as_mut().poll_frame(&mut cx);
            let paused = self.log.pauses.get() > pauses;
            match polled {
                Poll::Pending => {
                    assert!(woken.take(), "a body that is pending is woken");
                    if !paused {
                        assert!(self.document.fails, "a source that does not pause makes no body that does");
                        assert_eq!(self.sent.len(), self.document.bytes.len(), "a failure holds nothing back");
                        pauses_before_failure += 1;
                    } else if !self.full_chunks {
                        self.check_nothing_held_back();
                    }
                }
                Poll::Ready(Some(Ok(frame))) => {
                    let bytes = frame.into_data().expect("there are no trailers");
                    self.check_lazy();
                    self.sent.extend_from_slice(&bytes);
                    self.frames.push((bytes.len(), paused));
                    if paused {
                        self.check_nothing_held_back();
                    }
                    woken.take();
                    match self.reader {
                        Reader::Drops => drop(bytes),
                        Reader::Keeps => kept.push(bytes),
                        // A poll after the last frame returns that nothing follows.
                        Reader::OneChunk if body.is_end_stream() => drop(bytes),
                        Reader::OneChunk => {
                            let pulled = self.log.pulled.get();
                            assert!(body.as_mut().poll_frame(&mut cx).is_pending(), "one frame at a time");
                            assert!(!woken.take(), "a frame that is alive wakes nobody");
                            assert_eq!(self.log.pulled.get(), pulled, "no record is pulled while a frame is alive");
                            drop(bytes);
                            assert!(woken.take(), "a frame that is gone wakes the task that waits for the next");
                        }
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    assert!(self.document.fails, "{error}");
                    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some(FAILURE));
                    assert_eq!(pauses_before_failure, 1, "a connection gets one chance to write before a failure");
                    break;
                }
                Poll::Ready(None) => {
                    assert!(!self.document.fails, "a failure is no end");
                    break;
                }
            }
        }

        for _ in 0..2 {
            assert!(matches!(body.as_mut().poll_frame(&mut cx), Poll::Ready(None)), "an end is an end");
            assert!(body.is_end_stream());
            assert_eq!(body.size_hint().exact(), Some(0));
        }
        assert!(self.sent == self.document.bytes, "the body is not the plain encoding of its records");
        if self.reader == Reader::Keeps {
            assert!(kept.concat() == self.document.bytes, "a frame was written to after it was given away");
        }
    }

    /// Checks that no record was pulled before there was room for it in the chunk of the next frame.
    fn check_lazy(&self) {
        let before_last = self.document.end_of(self.log.pulled.get().saturating_sub(1));
        assert!(before_last < self.sent.len() + CHUNK_SIZE, "a record was pulled too early");
    }

    /// Checks that everything that was pulled is sent when the source pauses.
    fn check_nothing_held_back(&self) {
        let whole_records = self.log.pulled.get().min(self.document.ends.len());
        assert_eq!(self.sent.len(), self.document.end_of(whole_records), "a pause holds nothing back");
    }

    fn check_frames(&self, steps: &[Step]) {
        let never_pauses = !steps.iter().any(|step| matches!(step, Step::Pause));
        for (index, (len, paused)) in self.frames.iter().copied().enumerate() {
            let last = index + 1 == self.frames.len();
            assert!((1..=CHUNK_SIZE).contains(&len), "frame {index} has {len} bytes");
            assert!(len == CHUNK_SIZE || last || paused, "frame {index} has {len} bytes without a reason");
            assert!(!(paused && (never_pauses || self.full_chunks)));
        }
    }

    fn check_hints(&self, end_is_known: bool) {
        for (sent, hint, is_end_stream) in &self.hints {
            let rest = (self.document.bytes.len() - sent) as u64;
            let upper = hint.upper().unwrap_or(u64::MAX);
            // A failure makes a document shorter than was promised, never longer.
            let kept = rest <= upper && (self.document.fails || hint.lower() <= rest);
            assert!(kept, "{hint:?} at {sent}, and {rest} bytes came");
            assert!(!is_end_stream || rest == 0 && !self.document.fails, "not the end of the stream at {sent}");
            if rest == 0 && *sent > 0 && end_is_known && !self.document.fails {
                assert!(is_end_stream, "the last frame is known to be the last");
            }
        }
    }
}

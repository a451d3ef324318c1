//! Arbitrary frames through `Compressed`, from a body that pauses, fails and has trailers by an arbitrary script.
//!
//! The first byte is the level. Then come steps, a letter each: `p` is a pause, `!` a failure, `t` the end with trailers,
//! `f` a frame that is a byte for its length and then its bytes, `n` and `r` longer ones of two bytes for their length,
//! of noise and of the text that follows as in `f`, repeated. All else is nothing. After the last step comes the end.
#![no_main]

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Compressed};
use flate2::{Decompress, FlushDecompress, Status};
use http::{HeaderMap, HeaderValue};
use http_body::{Body, Frame};
use libfuzzer_sys::fuzz_target;

/// Enough for some chunks, compressed or not.
const MOST_BYTES: usize = 32 * CHUNK_SIZE;

fuzz_target!(|data: &[u8]| {
    let Some((level, script)) = data.split_first() else { return };
    let script = steps(script);
    // Another body of the same level in between has to make no difference.
    let mut readers = [(); 2].map(|()| Reader::new(&script));
    let mut bodies = readers
        .each_ref()
        .map(|reader| Box::pin(Compressed::gzip(Script::new(&script, Rc::clone(&reader.goes_on))).level(*level)));
    while readers.iter().any(|reader| reader.end.is_none()) {
        for (body, reader) in bodies.iter_mut().zip(&mut readers).filter(|(_, reader)| reader.end.is_none()) {
            reader.poll(body.as_mut());
        }
    }
    let fails = script.contains(&Step::Failure);
    for reader in readers {
        assert_eq!(reader.end, Some(!fails));
        assert_eq!((reader.is_whole, reader.has_trailers), (!fails, script.last() == Some(&Step::Trailers)));
        assert!(reader.decoded == reader.source, "{} of {} bytes", reader.decoded.len(), reader.source.len());
    }
});

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Frame(Bytes),
    Pause,
    Failure,
    Trailers,
}

/// The steps of an input, up to what ends the body.
fn steps(mut input: &[u8]) -> Vec<Step> {
    fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
        let (taken, rest) = input.split_at(most.min(input.len()));
        *input = rest;
        taken
    }
    let length = |bytes: &[u8]| bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let (mut steps, mut left) = (Vec::new(), MOST_BYTES);
    while let [letter, ..] = take(&mut input, 1) {
        let long = if matches!(letter, b'n' | b'r') { length(take(&mut input, 2)) } else { 0 };
        let short = if matches!(letter, b'f' | b'r') { length(take(&mut input, 1)) } else { 0 };
        let text = take(&mut input, short);
        let mut frame = match letter {
            b'p' => {
                steps.push(Step::Pause);
                continue;
            }
            b'!' => {
                steps.push(Step::Failure);
                break;
            }
            b't' => {
                steps.push(Step::Trailers);
                break;
            }
            b'f' => text.to_vec(),
            b'n' => noise(long),
            b'r' => text.iter().copied().cycle().take(long).collect(),
            _ => continue,
        };
        frame.truncate(left);
        left -= frame.len();
        steps.push(Step::Frame(frame.into()));
    }
    steps
}

/// Bytes that no encoder makes shorter.
fn noise(length: usize) -> Vec<u8> {
    let mut state = length as u64 | 1;
    let byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(byte).take(length).collect()
}

/// A body that does what its steps say.
struct Script {
    steps: std::vec::IntoIter<Step>,
    /// Whether it had a frame when it was asked last.
    goes_on: Rc<Cell<bool>>,
}

impl Script {
    fn new(steps: &[Step], goes_on: Rc<Cell<bool>>) -> Self {
        Self { steps: Vec::from(steps).into_iter(), goes_on }
    }
}

impl Body for Script {
    type Data = Bytes;
    type Error = ();

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ()>>> {
        let step = self.steps.next();
        self.goes_on.set(matches!(step, Some(Step::Frame(_))));
        Poll::Ready(match step {
            None => None,
            Some(Step::Frame(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Step::Failure) => Some(Err(())),
            Some(Step::Trailers) => {
                Some(Ok(Frame::trailers(HeaderMap::from_iter([(http::header::ETAG, HeaderValue::from_static("1"))]))))
            }
            Some(Step::Pause) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }
}

/// Whether the body woke its task.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Decodes frame by frame.
struct Reader {
    decoder: Decompress,
    decoded: Vec<u8>,
    /// All that the source yields.
    source: Vec<u8>,
    /// How much of it comes before each pause.
    pauses: Vec<usize>,
    /// Whether it may have more for now.
    goes_on: Rc<Cell<bool>>,
    has_trailers: bool,
    /// Whether gzip's own end came.
    is_whole: bool,
    /// How it ended: true without a failure.
    end: Option<bool>,
}

impl Reader {
    fn new(steps: &[Step]) -> Self {
        let (mut source, mut pauses) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Frame(bytes) => source.extend_from_slice(bytes),
                Step::Pause => pauses.push(source.len()),
                Step::Failure | Step::Trailers => {}
            }
        }
        let decoder = Decompress::new_gzip(15);
        let (decoded, goes_on) = (Vec::new(), Rc::default());
        Self { decoder, decoded, source, pauses, goes_on, has_trailers: false, is_whole: false, end: None }
    }

    /// Checks that what was sent is all that the source yielded before a pause or its end, unless it was not asked to
    /// that point.
    fn has_all(&self) {
        let sent = self.decoded.len();
        let is_all = sent == self.source.len() || self.pauses.contains(&sent);
        assert!(is_all || self.goes_on.get(), "something waits after {sent} bytes");
    }

    fn poll(&mut self, body: Pin<&mut Compressed<Script>>) {
        let woken = Arc::new(Woken::default());
        match body.poll_frame(&mut Context::from_waker(&Waker::from(Arc::clone(&woken)))) {
            Poll::Pending => {
                assert!(woken.0.load(Ordering::Relaxed), "nobody wakes the body");
                self.has_all();
            }
            Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => {
                    assert!(!data.is_empty() && data.len() <= CHUNK_SIZE);
                    self.read(&data);
                    if data.len() < CHUNK_SIZE {
                        self.has_all();
                    }
                }
                Err(_) => self.has_trailers = true,
            },
            Poll::Ready(Some(Err(()))) => self.end = Some(false),
            Poll::Ready(None) => self.end = Some(true),
        }
    }

    fn read(&mut self, mut frame: &[u8]) {
        loop {
            self.decoded.reserve(CHUNK_SIZE);
            let before = self.decoder.total_in();
            let status = self.decoder.decompress_vec(frame, &mut self.decoded, FlushDecompress::Sync);
            frame = &frame[(self.decoder.total_in() - before) as usize..];
            match status.expect("it decodes") {
                Status::StreamEnd => {
                    assert!(frame.is_empty() && !self.is_whole, "something follows the end");
                    self.is_whole = true;
                    return;
                }
                _ if frame.is_empty() && self.decoded.len() < self.decoded.capacity() => return,
                _ => {}
            }
        }
    }
}

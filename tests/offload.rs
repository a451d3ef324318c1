//! Promise: an iterator that blocks stalls nobody else, and no thread waits for a client; all other promises hold.

use std::convert::Infallible;
use std::error::Error as _;
use std::future::{Ready, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::routing::get;
use bytes::Bytes;
use chunkwire::{
    CHUNK_SIZE, ChunkGauge, End, Envelope, Error, Filled, Format, Job, JsonBody, Layout, OneChunk, Outcome, Record,
    Source,
};
use chunkwire_test_support::allocations::{CountChunks, Tally};
use chunkwire_test_support::axum::serve_router;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::connection::{ByHand, GET, connection};
use chunkwire_test_support::frames;
use chunkwire_test_support::records::{cut_document, texts};
use chunkwire_test_support::time::soon;
use chunkwire_test_support::transport::{Pipe, Watched};
use chunkwire_test_support::zero_copy::{Counts, Noted, check, counted};
use http_body::Body;
use http_body_util::BodyExt;
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::sync::{mpsc as unbounded, oneshot};
use tokio::task::{JoinError, JoinHandle, spawn_blocking, yield_now};
use tokio::time::timeout;

#[global_allocator]
static ALLOCATOR: CountChunks = CountChunks;

/// Runs a job on another thread.
fn elsewhere<I>(job: Job<I>) -> JoinHandle<Filled<I>>
where
    I: Iterator<Item: Record> + Send + 'static,
{
    spawn_blocking(|| job.run())
}

/// Runs a job at once.
fn here<I: Iterator<Item: Record>>(job: Job<I>) -> Ready<Result<Filled<I>, Infallible>> {
    ready(Ok(job.run()))
}

type Polled = Poll<Option<Result<Bytes, Error>>>;

fn poll<B: Body<Data = Bytes, Error = Error>>(body: Pin<&mut B>) -> Polled {
    let polled = body.poll_frame(&mut Context::from_waker(Waker::noop()));
    polled.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
}

/// Asks a server with one thread for records that don't come, and returns whether another client is answered.
async fn another_client_is_answered(offloads: bool) -> bool {
    let (release, released) = mpsc::channel::<&str>();
    let (blocks, mut blocked) = unbounded::unbounded_channel();
    let records = std::iter::from_fn(move || {
        blocks.send(()).unwrap();
        released.recv().ok()
    });
    let records = Mutex::new(Some(records));
    let respond = move || {
        let body = JsonBody::new(Format::Array, records.lock().unwrap().take().unwrap());
        ready(if offloads { AxumBody::new(body.offload(elsewhere)) } else { AxumBody::new(body) })
    };
    let respond = Arc::new(respond);
    let router = Router::new().route("/records", get(move || respond())).route("/other", get(async || "a response"));

    let (told, address) = oneshot::channel();
    let (_stop, stopped) = oneshot::channel::<()>();
    thread::spawn(move || {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            told.send(serve_router(router).await).unwrap();
            let _ = stopped.await;
        });
    });
    let address = soon(address).await.unwrap();

    let mut waiting = Client::connect(address).await;
    waiting.ask("GET", "/records", "").await;
    soon(blocked.recv()).await.unwrap();
    let mut other = Client::connect(address).await;
    other.ask("GET", "/other", "").await;
    let patience = if offloads { Duration::from_secs(60) } else { Duration::from_millis(200) };
    let is_answered = timeout(patience, other.wait_for_data()).await.is_ok();

    release.send("a record").unwrap();
    drop(release);
    assert_eq!(waiting.response().await.body, br#"["a record"]"#);
    assert_eq!(other.response().await.body, b"a response");
    is_answered
}

#[tokio::test]
async fn an_iterator_that_blocks_stalls_no_other_client() {
    assert!(another_client_is_answered(true).await);
}

/// Shows why: without it, everybody waits for the record of one.
#[tokio::test]
async fn an_iterator_that_is_not_offloaded_stalls_its_thread() {
    assert!(!another_client_is_answered(false).await);
}

#[test]
fn clients_that_do_not_read_hold_no_thread() {
    const STALLED: usize = 600;
    rlimit::increase_nofile_limit(4096).unwrap();

    // Each record is waited for: the thread that makes them hands them over one by one.
    let (hand_over, records) = mpsc::sync_channel::<String>(0);
    thread::spawn(move || texts(99, usize::MAX).all(|text| hand_over.send(text).is_ok()));
    let records = Arc::new(Mutex::new(records));
    let records = move || {
        let records = Arc::clone(&records);
        std::iter::from_fn(move || records.lock().unwrap().recv().ok())
    };

    let [running, most] = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let gauge = Arc::new(ChunkGauge::default());
    let counts = (Arc::clone(&running), Arc::clone(&most), Arc::clone(&gauge));
    let respond = move |size: usize| {
        let (running, most, gauge) = counts.clone();
        let body = JsonBody::new(Format::Lines, records().take(size)).offload(move |job| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            spawn_blocking(move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let filled = job.run();
                running.fetch_sub(1, Ordering::SeqCst);
                filled
            })
        });
        ready(AxumBody::new(OneChunk::counted(body, gauge)))
    };
    let endless = respond.clone();
    let router = Router::new()
        .route("/endless", get(move || endless(usize::MAX)))
        .route("/thousand", get(move || respond(1000)));

    let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(4).build().unwrap();
    runtime.block_on(async {
        let address = serve_router(router).await;
        let mut stalled = Vec::new();
        for _ in 0..STALLED {
            let mut client = Client::with_little_room(address).await;
            client.ask("GET", "/endless", "").await;
            stalled.push(client);
        }
        // From time to time a socket takes some more, but in the end each has a chunk that does not leave.
        let all_stall = async || {
            soon(async {
                while gauge.alive() < STALLED {
                    yield_now().await;
                }
            })
            .await;
            assert_eq!(running.load(Ordering::SeqCst), 0, "a thread waits for a client");
        };
        all_stall().await;

        let response = Client::connect(address).await.get("/thousand").await;
        assert!(response.complete);
        assert_eq!(response.body.len(), 100_000);

        all_stall().await;
        assert!((1..=4).contains(&most.load(Ordering::SeqCst)), "{most:?}");
    });
}

/// Returns the frames of a body, and its error.
async fn frames_and_error<B: Body<Data = Bytes, Error = Error>>(body: B) -> (Vec<Bytes>, Option<String>) {
    let mut body = pin!(body);
    let mut frames = Vec::new();
    while let Some(frame) = soon(body.frame()).await {
        match frame {
            Ok(frame) => frames.push(frame.into_data().unwrap()),
            Err(error) => return (frames, Some(format!("{error}: {:?}", error.source().map(ToString::to_string)))),
        }
    }
    (frames, None)
}

fn layout(number: u8) -> Layout {
    match number {
        0 => Format::Array.into(),
        1 => Format::Lines.into(),
        _ => Envelope::new("rows").before("x", "y").after(|records, object| object.field("count", records)).into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What each of them is, is checked by `body_properties.rs`.
    #[test]
    fn the_frames_are_those_of_a_body_that_is_not_offloaded(
        sizes in vec(prop_oneof![20 => 0..300_usize, 1 => CHUNK_SIZE - 9..CHUNK_SIZE + 9, 1 => 0..5 * CHUNK_SIZE], 0..500),
        failing in proptest::option::of(0..500_usize),
        number in 0..3_u8,
        is_ready in any::<bool>(),
    ) {
        let records = sizes.into_iter().enumerate().map(move |(number, size)| {
            if failing == Some(number) { Err("no such table") } else { Ok("x".repeat(size)) }
        });
        let plain = JsonBody::new(layout(number), records.clone());
        let offloaded = JsonBody::new(layout(number), records).offload(elsewhere);
        prop_assert_eq!(plain.size_hint().lower(), offloaded.size_hint().lower());
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            if !is_ready {
                prop_assert_eq!(frames_and_error(plain).await, frames_and_error(offloaded).await);
                return Ok(());
            }
            match (plain.ready().await, soon(offloaded.ready()).await) {
                (Ok(plain), Ok(offloaded)) => {
                    let hints = [plain.size_hint(), offloaded.size_hint()].map(|hint| (hint.lower(), hint.upper()));
                    prop_assert_eq!(hints[0], hints[1]);
                    prop_assert_eq!(frames_and_error(plain).await, frames_and_error(offloaded).await);
                }
                (Err(plain), Err(offloaded)) => prop_assert_eq!(plain.to_string(), offloaded.to_string()),
                (plain, offloaded) => prop_assert!(false, "{:?} is not {:?}", plain, offloaded),
            }
            Ok(())
        })?;
    }
}

/// An iterator that tells on which threads it is pulled and dropped.
struct Watching<I> {
    records: I,
    seen: mpsc::Sender<(&'static str, ThreadId)>,
}

impl<I: Iterator> Iterator for Watching<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.seen.send(("pulled", thread::current().id())).unwrap();
        self.records.next()
    }
}

impl<I> Drop for Watching<I> {
    fn drop(&mut self) {
        let _ = self.seen.send(("dropped", thread::current().id()));
    }
}

#[tokio::test]
async fn all_that_may_block_is_elsewhere() {
    let (seen, all_seen) = mpsc::channel();
    let after = seen.clone();
    let envelope = Envelope::new("rows").after(move |_, _| after.send(("after", thread::current().id())).unwrap());
    let records = Watching { records: texts(99, 400), seen };
    let body = soon(JsonBody::new(envelope, records).offload(elsewhere).ready()).await.unwrap();
    assert_eq!(all_seen.try_iter().count(), 1, "one record makes it ready");
    drop(frames(body).await);

    let seen: Vec<_> = all_seen.try_iter().collect();
    assert!(seen.iter().all(|(_, thread)| *thread != thread::current().id()));
    let [pulled @ .., (after, _), (dropped, _)] = &*seen else { panic!("{seen:?}") };
    assert_eq!((pulled.len(), *after, *dropped), (400, "after", "dropped"));
}

#[tokio::test]
async fn no_record_is_pulled_while_a_chunk_is_on_its_way() {
    let (seen, all_seen) = mpsc::channel();
    let records = Watching { records: texts(99, usize::MAX), seen };
    let mut body = pin!(OneChunk::new(JsonBody::new(Format::Lines, records).offload(elsewhere)));
    let mut pulled = 0;
    for frames in 1..=20_usize {
        let on_its_way = soon(body.frame()).await.unwrap().unwrap();
        for _ in 0..3 {
            assert!(poll(body.as_mut()).is_pending(), "a second frame");
        }
        pulled += all_seen.try_iter().count();
        assert_eq!(pulled, (frames * CHUNK_SIZE).div_ceil(100));
        drop(on_its_way);
    }
}

#[tokio::test]
async fn one_buffer_is_enough_for_both_threads() {
    let made_elsewhere = Arc::new(AtomicUsize::new(0));
    let made = Arc::clone(&made_elsewhere);
    let mut body = JsonBody::new(Format::Array, texts(99, 10_000)).offload(move |job| {
        let made = Arc::clone(&made);
        spawn_blocking(move || {
            Tally::restart();
            let filled = job.run();
            made.fetch_add(Tally::now().made, Ordering::SeqCst);
            filled
        })
    });
    Tally::restart();
    while let Some(frame) = soon(body.frame()).await {
        drop(frame.unwrap());
    }
    assert_eq!((Tally::now().made, made_elsewhere.load(Ordering::SeqCst)), (1, 0));
}

#[test]
fn the_transport_is_given_the_memory_that_was_encoded_into() {
    const RECORDS: usize = 1000;
    let pipe = Pipe::new(GET, 8 * CHUNK_SIZE);
    pipe.make_room(usize::MAX);
    Tally::restart();
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(98, RECORDS).map(Noted)).offload(here));
    assert!(ByHand::new(connection(Watched::new(pipe, check), body)).settle().is_ready());
    // One at the end of each full chunk spans two.
    let spanning = 99 * RECORDS / CHUNK_SIZE;
    assert_eq!(counted(), Counts { in_place: RECORDS - spanning, elsewhere: 0 });
}

/// Reads a body that fails, and returns all that it sent before one pause, and the error.
async fn cut<B: Body<Data = Bytes, Error = Error>>(body: B) -> (Vec<u8>, Error) {
    let mut body = pin!(body);
    let mut sent = Vec::new();
    let mut paused = false;
    loop {
        let polled = soon(poll_fn(|cx| match body.as_mut().poll_frame(cx) {
            Poll::Pending => {
                paused = true;
                Poll::Pending
            }
            polled => polled,
        }));
        match polled.await.expect("a clean end") {
            Ok(frame) => sent.extend(frame.into_data().unwrap()),
            Err(error) => {
                assert!(paused, "a connection has no chance to write before the error");
                assert!(matches!(poll(body.as_mut()), Poll::Ready(None)));
                break (sent, error);
            }
        }
        paused = false;
    }
}

/// How a body ended, after how many records, and why.
type Told = (Outcome, u64, Option<String>);

/// Returns a body that tells how it ended.
fn telling<S: Source>(body: JsonBody<S>) -> (impl Body<Data = Bytes, Error = Error>, mpsc::Receiver<Told>) {
    let (tell, told) = mpsc::channel();
    let hook = move |end: &End<'_>| {
        let cause = end.error.map(|error| error.source().map_or_else(|| error.to_string(), ToString::to_string));
        tell.send((end.outcome, end.records, cause)).unwrap();
    };
    (body.on_end(hook), told)
}

#[tokio::test]
async fn a_panic_fails_the_body_after_all_before_it() {
    for good in [0, 1, 163, 164, 165, 2000] {
        let records = texts(99, good).chain(std::iter::once_with(|| panic!("a panic, on purpose")));
        let (body, told) = telling(JsonBody::new(Format::Lines, records).offload(elsewhere));
        let (sent, error) = cut(body).await;
        assert!(error.is_panic(), "{error}");
        assert!(sent == cut_document(Format::Lines, &texts(99, good).collect::<Vec<_>>()), "{good} records");
        let (outcome, records, cause) = told.try_recv().unwrap();
        assert_eq!((outcome, records), (Outcome::SourceFailed, good as u64));
        assert!(cause.unwrap().starts_with("a record panicked"));
    }
}

/// A job that fails is lost, and its chunk with it.
#[tokio::test]
async fn a_job_that_is_not_run_fails_the_body() {
    for run in 0..4 {
        let mut jobs = 0..run;
        let body = JsonBody::new(Format::Lines, texts(99, 10_000))
            .offload(move |job| ready(if jobs.next().is_some() { Ok(job.run()) } else { Err("no thread is left") }));
        let (body, told) = telling(body);
        let (sent, error) = cut(body).await;
        assert_eq!((sent.len(), sent.last()), (run * CHUNK_SIZE + 1, Some(&b'{')));
        assert_eq!(error.source().unwrap().to_string(), "no thread is left");
        let records = (run * CHUNK_SIZE).div_ceil(100) as u64;
        assert_eq!(told.try_recv().unwrap(), (Outcome::SourceFailed, records, Some("no thread is left".to_owned())));
    }
    let body = JsonBody::new(Format::Lines, texts(99, 1)).offload(|_| ready(Err("no thread is left")));
    let error = body.ready().await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "no thread is left");
}

/// The first record is in the chunk that is lost. Nothing at all would pass for an array or an envelope without records.
#[tokio::test]
async fn a_job_that_is_lost_with_the_first_record_leaves_more_than_nothing() {
    for number in 0..3 {
        let mut jobs = 0;
        let body = JsonBody::new(layout(number), [1, 2]).offload(move |job| {
            jobs += 1;
            let filled = (jobs == 1).then(|| job.run());
            Box::pin(async { filled.ok_or("no thread is left") })
        });
        let (sent, _) = cut(body.ready().await.unwrap()).await;
        assert!(!sent.is_empty(), "{number}: nothing was sent");
    }
}

#[tokio::test]
async fn a_runtime_that_shuts_down_does_not_end_a_body_as_if_it_were_complete() {
    let pool = Builder::new_current_thread().build().unwrap();
    let handle = pool.handle().clone();
    let mut body =
        JsonBody::new(Format::Lines, texts(99, 10_000)).offload(move |job| handle.spawn_blocking(|| job.run()));
    assert!(soon(body.frame()).await.unwrap().is_ok());
    pool.shutdown_background();
    let (sent, error) = cut(body).await;
    assert_eq!(sent, b"{");
    assert!(error.source().unwrap().downcast_ref::<JoinError>().unwrap().is_cancelled(), "{error:?}");
}

#[test]
fn what_should_run_a_job_may_panic_itself() {
    let mut body = pin!(JsonBody::new(Format::Lines, 0..3).offload(|job| -> Ready<Result<_, Infallible>> {
        drop(job);
        panic!("a panic, on purpose");
    }));
    let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| poll(body.as_mut())));
    assert!(panics.is_err());
    assert!(matches!(poll(body.as_mut()), Poll::Ready(Some(Ok(frame))) if frame == "{"));
    assert!(poll(body.as_mut()).is_pending());
    assert!(matches!(poll(body.as_mut()), Poll::Ready(Some(Err(error))) if error.is_panic()));
}

#[tokio::test]
async fn a_body_that_is_dropped_ends_its_job_at_the_record_that_is_pulled() {
    let (release, released) = mpsc::channel::<&str>();
    let (seen, all_seen) = mpsc::channel();
    let records = Watching { records: released.into_iter(), seen };
    let (body, told) = telling(JsonBody::new(Format::Lines, records).offload(elsewhere));
    let mut body = Box::pin(body);
    assert!(poll(body.as_mut()).is_pending());
    let patience = Duration::from_secs(60);
    assert_eq!(all_seen.recv_timeout(patience).unwrap().0, "pulled");

    drop(body);
    assert_eq!(told.try_recv().unwrap(), (Outcome::ClientGone, 0, None), "told at once");
    release.send("one").unwrap();
    // The iterator may be dropped already.
    let _ = release.send("another");
    let (what, thread) = all_seen.recv_timeout(patience).unwrap();
    assert_eq!(what, "dropped", "no other record is pulled");
    assert_ne!(thread, thread::current().id());
}

#[test]
fn a_job_that_waits_for_a_thread_is_not_run_for_nobody() {
    let (seen, all_seen) = mpsc::channel();
    let (queue, jobs) = mpsc::channel();
    let records = Watching { records: texts(99, 1000), seen };
    let body = JsonBody::new(Format::Lines, records).offload(move |job| {
        queue.send(job).unwrap();
        std::future::pending::<Result<_, Infallible>>()
    });
    let mut body = Box::pin(body);
    assert!(poll(body.as_mut()).is_pending());
    assert!(!body.is_end_stream());
    drop(body);
    drop(jobs.recv().unwrap().run());
    assert_eq!(all_seen.try_iter().map(|(what, _)| what).collect::<Vec<_>>(), ["dropped"]);
}

#[test]
fn a_body_that_nobody_asks_for_makes_no_job() {
    let never = |_: Job<_>| -> Ready<Result<_, Infallible>> { panic!("a job") };
    let (body, told) = telling(JsonBody::new(Format::Array, 1..=3).offload(never));
    assert_eq!((body.is_end_stream(), body.size_hint().lower()), (false, 2));
    drop(body);
    assert_eq!(told.try_recv().unwrap(), (Outcome::Unpolled, 0, None));
}

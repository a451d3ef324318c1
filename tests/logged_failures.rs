//! Promise: with the feature `tracing`, a body that fails is logged with its cause, and no other is.
//!
//! It is alone in its process: another test that met the event first would decide whether it is wanted.

use std::future::ready;
use std::io;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chunkwire::{Format, JsonBody, LeastRate, OneChunk};
use chunkwire_test_support::records::texts;
use http_body_util::BodyExt;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_body_that_fails_is_logged_with_its_cause() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || written.clone()).with_ansi(false).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let logged = || String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();

    assert!(JsonBody::new(Format::Array, texts(99, 500)).collect().await.is_ok());
    assert_eq!(logged(), "", "nothing went wrong");
    drop(JsonBody::new(Format::Array, texts(99, 500)));
    assert_eq!(logged(), "", "its client went away");
    assert!(JsonBody::new(Format::Array, [Err::<u8, _>("no such table")]).ready().await.is_err());
    assert_eq!(logged(), "", "the caller has the error before anything is sent");

    let is_told = |parts: &[&str]| {
        let line = logged();
        assert_eq!(line.lines().count(), 1, "{line}");
        for part in [" WARN ", "a response was cut"].iter().chain(parts) {
            assert!(line.contains(part), "{part}: {line}");
        }
    };
    let records = || texts(99, 500).map(Ok).chain([Err("the database went away")]);
    assert!(JsonBody::new(Format::Array, records()).collect().await.is_err());
    is_told(&["after 500 records", "the database went away"]);
    let offloaded = JsonBody::new(Format::Array, records()).offload(|job| spawn_blocking(|| job.run()));
    assert!(offloaded.collect().await.is_err());
    is_told(&["after 500 records", "the database went away"]);
    let lost = JsonBody::new(Format::Array, records()).offload(|_| ready(Err("no thread is left")));
    assert!(lost.collect().await.is_err());
    is_told(&["the source of the records failed", "no thread is left"]);
    let rate = LeastRate::new(Duration::ZERO, NonZeroU32::MAX);
    let body = OneChunk::new(JsonBody::new(Format::Array, texts(99, 500))).timeout(rate, sleep);
    assert!(body.collect().await.is_err());
    is_told(&["its client does not read"]);
}

//! Promise: a body can be read as a stream by reqwest, and by tokio's readers, record by record, to an honest end.

use std::io;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::get;
use bytes::Bytes;
use chunkwire::{Format, JsonBody, LeastRate, OneChunk};
use chunkwire_test_support::axum::serve;
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::io::StreamReader;

/// Returns `tokio_util`'s reader of a body.
fn reader<E>(stream: impl Stream<Item = Result<Bytes, E>>) -> impl AsyncBufRead + Unpin
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    Box::pin(StreamReader::new(stream.map(|chunk| chunk.map_err(io::Error::other))))
}

fn failing() -> impl Iterator<Item = Result<String, &'static str>> {
    texts(99, 5000).map(Ok).chain([Err("the database went away")])
}

/// Reads 5,000 lines, and returns what comes after them.
async fn after_the_lines(reader: impl AsyncBufRead + Unpin) -> io::Result<Option<String>> {
    let mut lines = reader.lines();
    for text in texts(99, 5000) {
        let line = soon(lines.next_line()).await.unwrap().unwrap();
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
    soon(lines.next_line()).await
}

#[tokio::test]
async fn a_body_is_read_line_by_line() {
    let complete = JsonBody::new(Format::Lines, texts(99, 5000)).into_data_stream();
    assert_eq!(after_the_lines(reader(complete)).await.unwrap(), None);
    let cut = JsonBody::new(Format::Lines, failing()).into_data_stream();
    let error = after_the_lines(reader(cut)).await.unwrap_err();
    assert!(error.to_string().starts_with("the source of the records failed after "), "{error}");
}

/// A reader keeps a chunk that it has read until it gets the next.
#[tokio::test]
async fn one_chunk_under_a_reader_gives_up_and_does_not_hang() {
    let rate = LeastRate::new(Duration::ZERO, NonZeroU32::MAX);
    let body = OneChunk::new(JsonBody::new(Format::Lines, texts(99, 5000))).timeout(rate, sleep);
    let mut lines = reader(body.into_data_stream()).lines();
    let error = loop {
        match soon(lines.next_line()).await {
            Ok(line) => assert!(line.is_some(), "an end without an error"),
            Err(error) => break error,
        }
    };
    assert!(error.get_ref().unwrap().downcast_ref::<chunkwire::Error>().unwrap().is_stalled());
}

/// Starts a service that responds once, with a body.
async fn get_once<B>(body: B) -> reqwest::Response
where
    B: Body<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    let body = Arc::new(Mutex::new(Some(axum::body::Body::new(body))));
    let handler = async move || body.lock().unwrap().take().unwrap();
    let server = serve(get(handler)).await;
    soon(reqwest::get(format!("http://{server}"))).await.unwrap()
}

#[tokio::test]
async fn reqwest_reads_line_by_line() {
    let response = get_once(OneChunk::new(JsonBody::new(Format::Lines, texts(99, 5000)))).await;
    assert_eq!(after_the_lines(reader(response.bytes_stream())).await.unwrap(), None);
}

#[tokio::test]
async fn reqwest_reads_all_lines_before_a_failure() {
    let response = get_once(OneChunk::new(JsonBody::new(Format::Lines, failing()))).await;
    after_the_lines(reader(response.bytes_stream())).await.unwrap_err();
}

#[tokio::test]
async fn reqwest_has_a_record_before_the_next_one_exists() {
    let (sender, records) = mpsc::unbounded_channel();
    let body = JsonBody::from_stream(Format::Lines, UnboundedReceiverStream::new(records));
    sender.send(0).unwrap();
    let mut lines = reader(get_once(OneChunk::new(body)).await.bytes_stream()).lines();
    for number in 0..3 {
        assert_eq!(soon(lines.next_line()).await.unwrap().unwrap(), number.to_string());
        sender.send(number + 1).unwrap();
    }
    drop(sender);
    assert_eq!(soon(lines.next_line()).await.unwrap().as_deref(), Some("3"));
    assert_eq!(soon(lines.next_line()).await.unwrap(), None);
}

//! Promise: clients that don't read are seen while they don't, over HTTP/1.1 and HTTP/2, and so is what sockets took.

mod support;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::Client as Http2;
use support::server::{config, metric, metric_becomes, serve};

const STALLED: &str = "chunkwire_responses_stalled";
const SENT: &str = "chunkwire_sent_bytes_total";

#[tokio::test]
async fn a_client_that_does_not_read_is_stalled_until_it_does() {
    let address = serve(&config());
    let mut idle = Client::connect(address).await;
    idle.get("/api/v1/users").await;
    let mut reader = Client::with_little_room(address).await;
    reader.ask("GET", "/api/v1/users?limit=100000", "").await;
    reader.wait_for_data().await;
    metric_becomes(address, STALLED, 1.0).await;
    assert!(reader.response().await.complete);
    assert_eq!(metric(address, STALLED).await, 0.0);

    let mut gone = Client::with_little_room(address).await;
    gone.ask("GET", "/api/v1/users?limit=100000", "").await;
    metric_becomes(address, STALLED, 1.0).await;
    drop(gone);
    metric_becomes(address, STALLED, 0.0).await;
}

#[tokio::test]
async fn a_stream_whose_window_is_closed_is_stalled() {
    let address = serve(&config());
    let mut client = Http2::connect(address, 0).await;
    let mut responses = vec![client.get("/api/v1/users").await, client.get("/api/v1/users").await];
    metric_becomes(address, STALLED, 2.0).await;
    responses.pop();
    metric_becomes(address, STALLED, 1.0).await;
    client.end.abort();
    metric_becomes(address, STALLED, 0.0).await;
}

#[tokio::test]
async fn what_sockets_took_is_counted_as_it_goes() {
    let address = serve(&config());
    let before = metric(address, SENT).await;
    let mut reader = Client::with_little_room(address).await;
    reader.ask("GET", "/api/v1/users?limit=100000", "").await;
    metric_becomes(address, STALLED, 1.0).await;
    let unread = metric(address, SENT).await;
    assert!(unread > before + 10_000.0, "the response has not ended: {before}, {unread}");
    let body = reader.response().await.body.len() as f64;
    let read = metric(address, SENT).await;
    drop(reader);
    metric_becomes(address, "chunkwire_connections_open", 1.0).await;
    let gone = metric(address, SENT).await;
    // The responses that were looked at are a part of it.
    let is_once = (before + body..before + 1.5 * body).contains(&read) && gone >= read;
    assert!(is_once && gone < before + 1.5 * body, "{before}, {body}, {read}, {gone}");
}

//! Streams, and what is told of them.

use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::Client as Http2;
use chunkwire_test_support::time::soon;
use h2::RecvStream;
use http::Response;

use crate::support::server::metric_over;

/// How many streams a client opens that holds as many as it may.
pub(crate) const STREAMS: usize = 100;

/// More than any socket and any window of a test holds.
pub(crate) const ENDLESS: &str = "/api/v1/users?limit=1000000";

/// Opens streams whose windows are closed.
pub(crate) async fn stall(client: &mut Http2) -> Vec<Response<RecvStream>> {
    let mut stalled = Vec::new();
    for _ in 0..STREAMS {
        stalled.push(client.get(ENDLESS).await);
    }
    stalled
}

/// Awaits that a metric has a value, asked for over a connection that is there.
pub(crate) async fn becomes(client: &mut Client, name: &str, expected: usize) {
    soon(async { while metric_over(client, name).await != expected as f64 {} }).await;
}

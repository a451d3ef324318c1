//! An axum service over an asynchronous source: serde types from a channel, as an array or as lines and compressed or
//! not, as clients ask for it.
//!
//! ```sh
//! cargo run --example axum
//! curl -N localhost:3000/readings
//! curl -N localhost:3000/readings -H 'accept: application/jsonl'
//! curl -N localhost:3000/readings --compressed -v
//! ```
//!
//! The port is the first argument. Three things wait for the slowest client and none of them grows: its chunk, the
//! channel, and the task that fills it.

use std::io;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Format, JsonBody, NO_PROXY_BUFFERING, OneChunk, Serde, VARY_ACCEPT, tune};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tower_http::compression::CompressionLayer;
use tower_http::map_response_body::MapResponseBodyLayer;

/// Records that may be ready before there is room for them in a chunk.
const AHEAD: usize = 16;

#[derive(Serialize)]
struct Reading {
    sensor: String,
    celsius: f64,
}

/// Reads the rows in a task of its own, as a driver for a database or a queue does.
fn readings() -> mpsc::Receiver<Result<Reading, io::Error>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        for number in 0..100_000_u32 {
            let reading = Reading { sensor: format!("hall {}", number % 7), celsius: f64::from(number % 400) / 10.0 };
            if sender.send(Ok(reading)).await.is_err() {
                return; // The client is gone.
            }
        }
    });
    receiver
}

type Refusal = (StatusCode, [(HeaderName, HeaderValue); 1], String);

async fn respond(headers: HeaderMap) -> Result<impl IntoResponse, Refusal> {
    let accepted = Format::accepted(&headers, &[Format::Array, Format::Lines])
        .map_err(|error| (StatusCode::NOT_ACCEPTABLE, [VARY_ACCEPT], error.to_string()))?;
    let records = ReceiverStream::new(readings()).map(|reading| reading.map(Serde));
    let body = JsonBody::from_stream(accepted.format(), records).full_chunks();
    Ok((accepted.headers(), [NO_PROXY_BUFFERING], body))
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    // At the edge, around whatever stands between: a compressor keeps a chunk until it has the next.
    let app = Router::new()
        .route("/readings", get(respond))
        .layer(CompressionLayer::new())
        .layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    let tuned = listener.tap_io(|socket| drop(tune::socket(&*socket)));
    axum::serve(tuned, app).await
}

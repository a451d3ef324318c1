//! Lines from an asynchronous source that ticks: each is sent at once, however empty its chunk is.
//!
//! ```sh
//! cargo run --example tail
//! curl -N localhost:3000/ticks                    # five lines a second, forever
//! curl -N localhost:3000/ticks | jq --unbuffered .number
//! ```
//!
//! The port is the first argument. Between two ticks a connection holds no chunk at all.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Encode, Format, JsonBody, OneChunk, Writer, object, tune};
use tokio::net::TcpListener;
use tokio::time::{Instant, interval_at};
use tokio_stream::wrappers::IntervalStream;
use tokio_stream::{Stream, StreamExt};
use tower_http::map_response_body::MapResponseBodyLayer;

/// The time between two lines.
const TICK: Duration = Duration::from_millis(200);

struct Tick {
    number: u64,
    elapsed: Duration,
}

impl Encode for Tick {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "number": self.number, "elapsed_ms": self.elapsed.as_millis() as u64 });
    }
}

/// This could just as well be a channel, a change feed or a log: any `Stream`.
fn ticks() -> impl Stream<Item = Tick> {
    let start = Instant::now();
    let mut number = 0;
    IntervalStream::new(interval_at(start, TICK)).map(move |now| {
        number += 1;
        Tick { number, elapsed: now - start }
    })
}

async fn respond() -> impl IntoResponse {
    JsonBody::from_stream(Format::Lines, ticks())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    // At the edge, around whatever stands between.
    let app = Router::new().route("/ticks", get(respond)).layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    let tuned = listener.tap_io(|socket| drop(tune::socket(&*socket)));
    axum::serve(tuned, app).await
}

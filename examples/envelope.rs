//! The array as a field of an object, with fields before it, and fields after it that are known only at its end.
//!
//! ```sh
//! cargo run --example envelope
//! curl localhost:3000/primes/1000000  # {"after":1000000,"primes":[1000003,…],"count":1000,"next":"/primes/1013501"}
//! ```
//!
//! The port is the first argument.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Envelope, JsonBody, OneChunk, tune};
use tokio::net::TcpListener;
use tower_http::map_response_body::MapResponseBodyLayer;

/// Returns a page of primes.
const PAGE: usize = 1000;

fn primes_after(number: u64) -> impl Iterator<Item = u64> {
    let is_prime = |n: &u64| *n > 1 && (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    (number + 1..).filter(is_prime).take(PAGE)
}

async fn respond(Path(after): Path<u64>) -> impl IntoResponse {
    let last = Arc::new(AtomicU64::new(after));
    let seen = Arc::clone(&last);
    let primes = primes_after(after).inspect(move |prime| seen.store(*prime, Ordering::Relaxed));

    let envelope = Envelope::new("primes").before("after", after).after(move |count, object| {
        object.field("count", count);
        object.field("next", format!("/primes/{}", last.load(Ordering::Relaxed)));
    });
    JsonBody::new(envelope, primes)
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    // At the edge, around whatever stands between.
    let app =
        Router::new().route("/primes/{after}", get(respond)).layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    let tuned = listener.tap_io(|socket| drop(tune::socket(&*socket)));
    axum::serve(tuned, app).await
}

//! A source that fails, before its first record and in the middle, and what clients see.
//!
//! ```sh
//! cargo run --example errors
//! curl -i localhost:3000/no-table  # HTTP/1.1 500: nothing was sent before the first record had come
//! curl -N localhost:3000/orders    # 20,000 orders, no `]`, and: curl: (18) transfer closed with outstanding read data
//! curl -N localhost:3000/orders -H 'accept: application/x-ndjson'  # whole lines, a lone `{`, and the same end
//! curl -i localhost:3000/orders -H 'accept: text/html'  # HTTP/1.1 406, which names what there is
//! ```
//!
//! The port is the first argument. What other clients report is in the README, under "Clients".

use std::io;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Encode, Format, JsonBody, OneChunk, VARY_ACCEPT, Writer, object, tune};
use tokio::net::TcpListener;
use tower_http::map_response_body::MapResponseBodyLayer;

struct Order {
    id: u32,
    name: String,
}

impl Encode for Order {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "id": self.id, "name": self.name });
    }
}

/// Like a driver's cursor: rows, until the connection is lost.
fn orders(before_the_failure: u32) -> impl Iterator<Item = Result<Order, &'static str>> {
    let rows = (1..=before_the_failure).map(|id| Ok(Order { id, name: format!("order {id}") }));
    rows.chain([Err("the database went away")])
}

type Refusal = (StatusCode, [(HeaderName, HeaderValue); 1], String);

async fn respond(headers: HeaderMap, before_the_failure: u32) -> Result<impl IntoResponse, Refusal> {
    let accepted = Format::accepted(&headers, &[Format::Array, Format::Lines])
        .map_err(|error| (StatusCode::NOT_ACCEPTABLE, [VARY_ACCEPT], format!("{error}\n")))?;
    let body = JsonBody::new(accepted.format(), orders(before_the_failure)).ready().await;
    let failed = "There are no orders just now.\n";
    let body = body.map_err(|_| (StatusCode::INTERNAL_SERVER_ERROR, [VARY_ACCEPT], failed.to_owned()))?;
    let body = body.on_end(|end| println!("{:?} after {} orders", end.outcome, end.records));
    Ok((accepted.headers(), body))
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    // At the edge, around whatever stands between.
    let app = Router::new()
        .route("/no-table", get(|headers| respond(headers, 0)))
        .route("/orders", get(|headers| respond(headers, 20_000)))
        .layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    let tuned = listener.tap_io(|socket| drop(tune::socket(&*socket)));
    axum::serve(tuned, app).await
}

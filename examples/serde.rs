//! Types with serde's derive, and one word more: `Encode` writes them as serde's attributes say, and not by way of serde.
//!
//! Without that word, `Serde` makes records of them: `shipments().map(Serde)`.
//!
//! ```sh
//! cargo run --example serde
//! curl -N localhost:3000/shipments
//! ```
//!
//! The port is the first argument.

use std::collections::BTreeMap;
use std::io;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Encode, Format, JsonBody, OneChunk, tune};
use serde::Serialize;
use tokio::net::TcpListener;
use tower_http::map_response_body::MapResponseBodyLayer;

#[derive(Serialize, Encode)]
#[serde(rename_all = "camelCase")]
struct Shipment {
    tracking_number: u64,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<&'static str, f32>,
}

#[derive(Serialize, Encode)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum State {
    OnTheWay { stops_left: u64 },
    Delivered,
}

/// Made one at a time, when there is room for the next.
fn shipments() -> impl Iterator<Item = Shipment> {
    (0..10_000).map(|number| Shipment {
        tracking_number: 4_000_000 + number,
        state: if number % 3 == 0 { State::Delivered } else { State::OnTheWay { stops_left: number % 3 } },
        note: (number % 100 == 0).then(|| format!("leave it at no. {number}, \"round the back\"")),
        more: BTreeMap::from([("kg", 0.25 * (number % 40) as f32)]),
    })
}

async fn respond() -> impl IntoResponse {
    JsonBody::new(Format::Array, shipments())
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    // At the edge, around whatever stands between.
    let app = Router::new().route("/shipments", get(respond)).layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    let tuned = listener.tap_io(|socket| drop(tune::socket(&*socket)));
    axum::serve(tuned, app).await
}

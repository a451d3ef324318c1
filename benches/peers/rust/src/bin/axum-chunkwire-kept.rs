//! axum with chunkwire's body over users that are made once, by the same server and sockets as axum-streams-kept.

use axum::routing::get;
use chunkwire::{Format, JsonBody, Serde};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let users = peers::kept();
    let answer = async move || JsonBody::new(Format::Array, users.iter().map(Serde)).into_response();
    peers::serve(get(answer), peers::no_delay).await
}

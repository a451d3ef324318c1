//! axum with chunkwire's body over users that are made once, so that only encoding and sending are left.

use axum::routing::get;
use chunkwire::{Format, JsonBody, Serde, tune};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let users = peers::kept();
    let handler = async move || JsonBody::new(Format::Array, users.iter().map(Serde)).into_response();
    peers::serve(get(handler), |stream| drop(tune::socket(&*stream))).await
}

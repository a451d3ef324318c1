//! axum-streams over users that are made once, so that only encoding and sending are left.

use axum::routing::get;
use axum_streams::StreamBodyAsOptions;
use futures_util::stream;
use peers::BUFFERED;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let users = peers::kept();
    let handler = async move || StreamBodyAsOptions::new().buffering_bytes(BUFFERED).json_array(stream::iter(users));
    peers::serve(get(handler), peers::no_delay).await
}

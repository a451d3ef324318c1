//! axum-streams: the array as a stream of records, sent in pieces of about 16 KiB.

use axum::extract::Query;
use axum::response::IntoResponse;
use axum::routing::get;
use axum_streams::StreamBodyAsOptions;
use futures_util::stream;
use peers::{BUFFERED, DEFAULT_LIMIT, Page};

async fn users(Query(page): Query<Page>) -> impl IntoResponse {
    let users = stream::iter(peers::users(page.limit.unwrap_or(DEFAULT_LIMIT)));
    StreamBodyAsOptions::new().buffering_bytes(BUFFERED).json_array(users)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    peers::serve(get(users), peers::no_delay).await
}

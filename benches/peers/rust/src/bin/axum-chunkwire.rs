//! axum with chunkwire's body: the same records through serde, on the same server as axum-streams.

use axum::extract::Query;
use axum::response::IntoResponse;
use axum::routing::get;
use chunkwire::{Format, JsonBody, Serde, tune};
use peers::{DEFAULT_LIMIT, Page};

async fn users(Query(page): Query<Page>) -> impl IntoResponse {
    let users = peers::users(page.limit.unwrap_or(DEFAULT_LIMIT)).map(Serde);
    JsonBody::new(Format::Array, users).into_response()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    peers::serve(get(users), |stream| drop(tune::socket(&*stream))).await
}

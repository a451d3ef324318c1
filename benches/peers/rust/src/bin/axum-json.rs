//! axum with `Json<Vec<User>>`: the whole array, then the whole JSON, then the response.

use axum::Json;
use axum::extract::Query;
use axum::routing::get;
use peers::{DEFAULT_LIMIT, Page, User};

async fn users(Query(page): Query<Page>) -> Json<Vec<User>> {
    Json(peers::users(page.limit.unwrap_or(DEFAULT_LIMIT)).collect())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    peers::serve(get(users), peers::no_delay).await
}

//! axum with `Json<Vec<Row>>` of rows that sqlx fetched from PostgreSQL: all rows, then the whole JSON, then the
//! response.

use axum::Json;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use peers::rows::{self, Row, SELECT};
use peers::{DEFAULT_LIMIT, Page};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = rows::pool().await?;
    let users = async move |Query(page): Query<Page>| {
        let users = sqlx::query_as::<_, Row>(SELECT).bind(rows::rows(page.limit.unwrap_or(DEFAULT_LIMIT)));
        users.fetch_all(pool).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
    };
    Ok(peers::serve(get(users), peers::no_delay).await?)
}

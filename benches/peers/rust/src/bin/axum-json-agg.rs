//! axum with the text that PostgreSQL makes by `json_agg`, in the statement that PostgREST sends.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use peers::{DEFAULT_LIMIT, Page, rows};

const SELECT: &str = "SELECT coalesce(json_agg(u), '[]')::text FROM (SELECT * FROM users ORDER BY id LIMIT $1) u";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = rows::pool().await?;
    let users = async move |Query(page): Query<Page>| {
        let json = sqlx::query_scalar::<_, String>(SELECT).bind(rows::rows(page.limit.unwrap_or(DEFAULT_LIMIT)));
        let json = json.fetch_one(pool).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok::<_, StatusCode>(([(CONTENT_TYPE, "application/json")], json))
    };
    Ok(peers::serve(get(users), peers::no_delay).await?)
}

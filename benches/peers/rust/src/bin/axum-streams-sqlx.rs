//! axum-streams with the rows of one query of sqlx, which is streamed.

use axum::extract::Query;
use axum::routing::get;
use axum_streams::StreamBodyAsOptions;
use futures_util::StreamExt;
use peers::rows::{self, Row, SELECT};
use peers::{BUFFERED, DEFAULT_LIMIT, Page};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = rows::pool().await?;
    let users = async move |Query(page): Query<Page>| {
        let users = sqlx::query_as::<_, Row>(SELECT).bind(rows::rows(page.limit.unwrap_or(DEFAULT_LIMIT))).fetch(pool);
        // An error is a row less: there is nobody to tell.
        StreamBodyAsOptions::new().buffering_bytes(BUFFERED).json_array(users.filter_map(|user| async { user.ok() }))
    };
    Ok(peers::serve(get(users), peers::no_delay).await?)
}

//! A service with a pool of its own, in which a client that leaves takes no connection with it.
//!
//! ```sh
//! cargo run --package chunkwire-postgres --example pool 3000 postgres://postgres@localhost/postgres
//! curl -N localhost:3000/numbers/1000000
//! ```
//!
//! The port is the first argument, and the URL of a database the second. One query is streamed for each response, so
//! that a client which does not read keeps its connection: limited here to 30 seconds and to as many as the pool has.

use std::error::Error;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Format, JsonBody, LeastRate, OneChunk, Outcome, tune};
use chunkwire_postgres::Rows;
use deadpool_postgres::{Manager, Object, Pool, Runtime};
use tokio::net::TcpListener;
use tokio_postgres::NoTls;
use tokio_postgres::types::ToSql;
use tower_http::map_response_body::MapResponseBodyLayer;

/// How many connections the pool has.
const CONNECTIONS: usize = 4;

/// A connection that goes back to the pool if all rows of its query were read, and is discarded otherwise.
///
/// By itself it would go back at once, and the next query would wait until the rest of these rows had been read.
struct Lease(Option<Object>);

impl Lease {
    fn give_back(mut self) {
        self.0.take();
    }
}

impl Drop for Lease {
    /// Also when a client leaves before the response began, and its handler is dropped.
    fn drop(&mut self) {
        let Some(connection) = self.0.take() else { return };
        let query = connection.cancel_token();
        // From here on the pool may open another in its place.
        let client = Object::take(connection);
        tokio::spawn(async move {
            // What has not sent a row yet does not see that its client is gone.
            let _ = query.cancel_query(NoTls).await;
            drop(client);
        });
    }
}

async fn rows(pool: &Pool, sql: &str, parameter: i64) -> Result<impl IntoResponse + use<>, Box<dyn Error>> {
    let lease = Lease(Some(pool.get().await?));
    let connection = lease.0.as_ref().ok_or("there always is one")?;
    let statement = connection.prepare_cached(sql).await?;
    let rows = connection.query_raw(&statement, [&parameter as &(dyn ToSql + Sync)]).await?;
    let body = JsonBody::from_stream(Format::Array, Rows::new(rows)).full_chunks().ready().await?;
    let body = body.on_end(move |end| {
        if end.outcome == Outcome::Complete {
            lease.give_back();
        }
    });
    Ok(body.into_response())
}

async fn respond(pool: &Pool, sql: &str, parameter: i64) -> Result<impl IntoResponse + use<>, StatusCode> {
    rows(pool, sql, parameter).await.map_err(|error| {
        eprintln!("{error}");
        StatusCode::SERVICE_UNAVAILABLE
    })
}

async fn numbers(State(pool): State<Pool>, Path(most): Path<i64>) -> impl IntoResponse {
    let sql = "SELECT n, md5(n::text) AS digest FROM (SELECT generate_series(1, $1::bigint) AS n) AS numbers";
    respond(&pool, sql, most).await
}

/// A report whose first row takes long.
async fn report(State(pool): State<Pool>, Path(seconds): Path<i64>) -> impl IntoResponse {
    respond(&pool, "SELECT now() AS made, pg_sleep($1::bigint) AS report", seconds).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(3000), |port| port.parse())?;
    let url = arguments.next().ok_or("the second argument is the URL of a database")?;

    let manager = Manager::new(url.parse()?, NoTls);
    let waits = Some(Duration::from_secs(30));
    let pool = Pool::builder(manager).max_size(CONNECTIONS).wait_timeout(waits).runtime(Runtime::Tokio1).build()?;

    let rate = LeastRate::new(Duration::from_secs(30), NonZeroU32::new(1000).ok_or("a rate is not 0")?);
    let app = Router::new()
        .route("/numbers/{most}", get(numbers))
        .route("/report/{seconds}", get(report))
        .layer(MapResponseBodyLayer::new(move |body: Body| {
            OneChunk::new(body).timeout(rate.clone(), tokio::time::sleep)
        }))
        .with_state(pool);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener.tap_io(|socket| drop(tune::socket(&*socket))), app).await?;
    Ok(())
}

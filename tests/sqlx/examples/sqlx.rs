//! A service whose rows come by sqlx from a pool of its own, in which a client that leaves takes no connection with it.
//!
//! ```sh
//! cargo run --example sqlx 3000 postgres://postgres@localhost/postgres
//! curl -N localhost:3000/numbers/1000000
//! ```
//!
//! The port is the first argument, and the URL of a database the second. As in `postgres/examples/pool.rs`, one query is
//! streamed for each response, so that a client which does not read keeps its connection: limited here to 30 seconds and
//! to as many as the pool has. The source of leased pages, which needs neither, is made for tokio-postgres.

use std::error::Error;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::time::Duration;

use async_stream::try_stream;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Encode, Format, JsonBody, LeastRate, OneChunk, Outcome, Writer, object, tune};
use futures_util::{Stream, TryStreamExt};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions, Postgres};
use tokio::net::TcpListener;
use tower_http::map_response_body::MapResponseBodyLayer;

/// How many connections the pool has.
const CONNECTIONS: u32 = 4;

const NUMBERS: &str = "SELECT n, md5(n::text) FROM (SELECT generate_series(1, $1::bigint) AS n) AS numbers";

/// A report whose first row takes long.
const REPORT: &str = "SELECT $1::bigint, done FROM (SELECT 'done' AS done FROM pg_sleep($1)) AS report";

/// A row.
struct Number(i64, String);

impl Encode for Number {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "n": self.0, "text": &self.1 });
    }
}

/// A connection that goes back to the pool if all rows of its query were read, and is closed otherwise.
///
/// By itself it would go back with its query under way, and the next one would wait until the rest of these rows had been
/// read.
struct Lease {
    connection: Option<PoolConnection<Postgres>>,
    /// The process of PostgreSQL that serves it.
    backend: i32,
    pool: PgPool,
}

impl Lease {
    async fn of(pool: &PgPool) -> Result<Self, sqlx::Error> {
        let mut connection = pool.acquire().await?;
        let (backend,) = sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut *connection).await?;
        Ok(Self { connection: Some(connection), backend, pool: pool.clone() })
    }
}

impl Drop for Lease {
    /// When the client leaves, with the body, or before the response began, with its handler.
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // From here on the pool may open another in its place.
        drop(connection.detach());
        let (backend, pool) = (self.backend, self.pool.clone());
        tokio::spawn(async move {
            // What has not sent a row yet does not see that its client is gone.
            let _ = sqlx::query("SELECT pg_terminate_backend($1)").bind(backend).execute(&pool).await;
        });
    }
}

/// The rows of a query, which own the connection that they come from.
fn rows(mut lease: Lease, sql: &'static str, parameter: i64) -> impl Stream<Item = Result<Number, sqlx::Error>> {
    try_stream! {
        if let Some(connection) = lease.connection.as_mut() {
            let mut rows = sqlx::query_as(sql).bind(parameter).fetch(&mut **connection);
            while let Some((n, text)) = rows.try_next().await? {
                yield Number(n, text);
            }
        }
        // It goes back.
        lease.connection.take();
    }
}

async fn body(pool: &PgPool, sql: &'static str, parameter: i64) -> Result<impl IntoResponse + use<>, Box<dyn Error>> {
    let rows: Pin<Box<dyn Stream<Item = _> + Send>> = Box::pin(rows(Lease::of(pool).await?, sql, parameter));
    let body = JsonBody::from_stream(Format::Array, rows).full_chunks().ready().await?;
    let body = body.on_end(|end| {
        if end.outcome != Outcome::Complete {
            eprintln!("a response ended after {} rows: {:?}", end.records, end.outcome);
        }
    });
    Ok(body.into_response().map(Body::new))
}

async fn respond(pool: &PgPool, sql: &'static str, parameter: i64) -> Result<impl IntoResponse + use<>, StatusCode> {
    body(pool, sql, parameter).await.map_err(|error| {
        eprintln!("{error}");
        StatusCode::SERVICE_UNAVAILABLE
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(3000), |port| port.parse())?;
    let url = arguments.next().ok_or("the second argument is the URL of a database")?;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(Duration::from_secs(30));
    let pool = pool.connect_lazy(&url)?;

    let rate = LeastRate::new(Duration::from_secs(30), NonZeroU32::new(1000).ok_or("a rate is not 0")?);
    let numbers = async |State(pool): State<PgPool>, Path(most)| respond(&pool, NUMBERS, most).await;
    let report = async |State(pool): State<PgPool>, Path(seconds)| respond(&pool, REPORT, seconds).await;
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

//! A service to copy: axum under the usual layers, served by the engine over connections that are bounded in every way.
//!
//! ```sh
//! cargo run --release --package chunkwire-engine --example service
//! curl -N localhost:3000/readings
//! curl -N localhost:3000/readings --compressed -o /dev/null
//! curl -N localhost:3000/readings --http2-prior-knowledge -o /dev/null
//! ```
//!
//! The port is the first argument. With `RUST_LOG=chunkwire_engine::response=debug,tower_http=debug` it logs requests and
//! how their responses end; without, only what fails. It ends by ctrl-c, and lets responses finish for ten seconds.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use chunkwire::{Encode, Format, JsonBody, Writer, object};
use chunkwire_engine::{Config, raise_open_files, serve};
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

struct Reading {
    number: u32,
}

impl Encode for Reading {
    fn encode(&self, out: &mut Writer<'_>) {
        let celsius = f64::from(self.number % 400) / 10.0;
        object!(out, { "number": self.number, "sensor": "hall", "celsius": celsius });
    }
}

/// A million records: 53 MB that are never in memory.
async fn readings() -> impl IntoResponse {
    JsonBody::new(Format::Array, (0..1_000_000).map(|number| Reading { number })).into_response()
}

/// The routes under their layers, the innermost first.
pub(crate) fn app() -> Router {
    Router::new()
        .route("/readings", get(readings))
        .layer(CompressionLayer::new())
        // How long a handler may take until it responds; the engine limits what comes after.
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(30)))
        .layer(CorsLayer::permissive())
        .layer(TraceLayer::new_for_http())
}

/// The limits of connections. Those that are not set here have the defaults that `Config` tells.
fn limits() -> Config {
    let mut config = Config::default();
    config.idle_timeout = Duration::from_secs(90);
    config.shutdown_timeout = Duration::from_secs(10);
    config
}

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(io::stderr)
        .init();
    // A connection is an open file, and the engine takes as many as there may be.
    raise_open_files()?;
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    let stop = async { ctrl_c().await.expect("signals can be listened to") };
    let cut = serve(listener, app()).config(limits()).with_graceful_shutdown(stop).await?;
    println!("stopped; {cut} responses were cut");
    Ok(())
}

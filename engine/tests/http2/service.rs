//! What is served.

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request};
use axum::http::{Method, StatusCode};
use axum::routing::{any, get, post};
use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use chunkwire_engine::Config;
use chunkwire_test_support::records::texts;

use crate::support::{self, Served, engine};

/// A hundred chunks.
pub(crate) const RECORDS: usize = 100 * CHUNK_SIZE / 100;

pub(crate) fn records() -> impl Iterator<Item = String> + Clone {
    texts(99, RECORDS)
}

pub(crate) fn router() -> Router {
    let failing = async || {
        let records = records().map(Ok).chain([Err("the database went away")]);
        JsonBody::new(Format::Array, records).into_response()
    };
    Router::new()
        .route("/records", get(async || JsonBody::new(Format::Array, records()).into_response()))
        .route("/few", get(async || JsonBody::new(Format::Array, 0..3).into_response()))
        .route("/failing", get(failing))
        .route("/never", get(async || pending::<String>().await))
        .route("/unread", post(unread))
        .route("/nothing", get(async || StatusCode::NO_CONTENT))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route("/method", any(async |method: Method| method.to_string()))
        .route("/who", get(async |ConnectInfo(who): ConnectInfo<SocketAddr>| who.to_string()))
        .route("/panic", get(async || -> Result<String, Infallible> { panic!("a panic, on purpose") }))
}

/// Keeps a request, and reads nothing of its body.
async fn unread(_request: Request) -> StatusCode {
    pending().await
}

pub(crate) fn serve(config: &Config) -> Served {
    support::serve(engine(config).connect_info(|peer| peer.tcp().map(ConnectInfo)), router())
}

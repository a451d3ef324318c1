//! A server with sources that fail.

use std::iter::once_with;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chunkwire::{Format, JsonBody};
use chunkwire_server::{Config, Server};
use chunkwire_test_support::records::texts;

use super::server::config;

type Row = Result<String, &'static str>;

/// Serves, beside the server's own routes, `/{how}/{records}`, where `how` says what comes after the records: `end`,
/// `failure` or `panic`. A `service` panics itself, and a `call` does before there is a future.
pub(crate) fn serve() -> SocketAddr {
    serve_with(&config())
}

/// The same with other settings than the default.
pub(crate) fn serve_with(config: &Config) -> SocketAddr {
    serve_router(config, |router| router)
}

/// The same with more routes.
pub(crate) fn serve_router(config: &Config, more: impl FnOnce(Router) -> Router) -> SocketAddr {
    let server = Server::bind(config).unwrap();
    let address = server.local_addr().unwrap();
    let router = server.router().route("/{how}/{records}", get(respond)).route("/call/1", get(panicking));
    tokio::spawn(server.serve_router(more(router), std::future::pending()));
    address
}

fn panicking() -> std::future::Ready<()> {
    panic!("a panic, on purpose")
}

async fn respond(Path((how, records)): Path<(String, usize)>) -> Result<Response, Problem> {
    assert_ne!(how, "service", "a panic, on purpose");
    let last: fn() -> Row = match &*how {
        "end" => || Ok("the end".to_owned()),
        "failure" => || Err("the database went away"),
        _ => || panic!("a panic, on purpose"),
    };
    let rows: Box<dyn Iterator<Item = Row> + Send> = Box::new(texts(99, records).map(Ok).chain(once_with(last)));
    let body = JsonBody::new(Format::Array, rows).ready().await.map_err(|_| problem())?;
    Ok(Response::new(Body::new(body)))
}

type Problem = (StatusCode, [(&'static str, &'static str); 1], &'static str);

fn problem() -> Problem {
    (StatusCode::INTERNAL_SERVER_ERROR, [("content-type", "application/problem+json")], r#"{"status":500}"#)
}

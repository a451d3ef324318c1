//! Responses that end in every way, for `tests/proxies/run`, which lets proxies pass them on.
//!
//! ```sh
//! cargo run --package chunkwire-engine --example ends 3000
//! curl -i localhost:3000/lines/failure/3
//! ```
//!
//! A path names the format (`array`, `envelope`, `lines`, or `unprotected`: lines that end between two, whatever ends
//! them; with `.gzip` behind it, in gzip), the end and how many records come before it. `whole` ends, the sources of
//! `failure`, `panic` and `stall` fail, and those of `pause` and `shutdown` pause for ever, which the engine has to end.
//! The first argument is the port, the second how many seconds a source may pause, and the third how many responses have
//! after SIGINT.

use std::error::Error;
use std::future::pending;
use std::io;
use std::iter::{once, once_with};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use chunkwire::{Compressed, Encode, Envelope, Format, JsonBody, Layout, Writer, object, to_vec};
use chunkwire_engine::{Config, serve};
use tokio_stream::{Stream, StreamExt, iter};

/// How long a source may pause before it has failed.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// The same of one that leaves that to the engine.
const NO_LIMIT: Duration = Duration::from_secs(3600);

#[derive(Debug)]
struct Row(u64);

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        object!(out, { "id": self.0, "name": "a name that is the same for all" });
    }
}

type Cause = Box<dyn Error + Send + Sync>;

/// The rows, and what comes after them; nothing does after whole ones.
fn rows(end: &str, count: u64) -> Option<impl Stream<Item = Result<Row, Cause>> + Send + 'static> {
    let rows = (1..=count).map(|id| Ok(Row(id)));
    let rows: Box<dyn Iterator<Item = _> + Send> = match end {
        "whole" | "stall" | "pause" | "shutdown" => Box::new(rows),
        "failure" => Box::new(rows.chain(once(Err("the database went away".into())))),
        "panic" => Box::new(rows.chain(once_with(|| panic!("a panic, on purpose")))),
        _ => return None,
    };
    let pauses = iter(matches!(end, "stall" | "pause" | "shutdown").then_some(())).then(|()| pending());
    let longest = if end == "stall" { LONGEST_PAUSE } else { NO_LIMIT };
    // A pause that is too long is a failure of the source, so that the body ends as one that failed.
    Some(iter(rows).chain(pauses).timeout(longest).map(|row| row.map_err(Cause::from)?))
}

/// Lines as they would be if nothing told a part from the whole but the transport.
fn unprotected(rows: impl Stream<Item = Result<Row, Cause>> + Send + 'static) -> Body {
    Body::from_stream(rows.map(|row| row.map(|row| Bytes::from([to_vec(&row), b"\n".to_vec()].concat()))))
}

async fn respond(Path((name, end, count)): Path<(String, String, u64)>) -> Response {
    let format = name.strip_suffix(".gzip").unwrap_or(&name);
    let layout: Option<Layout> = match format {
        "array" => Some(Format::Array.into()),
        "envelope" => {
            Some(Envelope::new("rows").before("version", 1).after(|n, fields| fields.field("count", n)).into())
        }
        "lines" | "unprotected" => Some(Format::Lines.into()),
        _ => None,
    };
    let (Some(layout), Some(rows)) = (layout, rows(&end, count)) else { return StatusCode::NOT_FOUND.into_response() };
    println!("asked for {name}/{end}/{count}");
    if format == "unprotected" {
        return ([("content-type", Format::Lines.content_type())], unprotected(rows)).into_response();
    }
    let response = JsonBody::from_stream(layout, rows).into_response();
    if format == name {
        return response.map(Body::new);
    }
    ([("content-encoding", "gzip")], response.map(|body| Body::new(Compressed::gzip(body)))).into_response()
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let argument = |at| std::env::args().nth(at).map(|number| number.parse().expect("all arguments are numbers"));
    let (port, mut config) = (argument(1).unwrap_or(3000), Config::default());
    config.pause_timeout = argument(2).map_or(config.pause_timeout, |pause: u16| Duration::from_secs(pause.into()));
    config.shutdown_timeout = argument(3).map_or(config.shutdown_timeout, |time: u16| Duration::from_secs(time.into()));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let app = Router::new().route("/{format}/{end}/{count}", get(respond));
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    serve(listener, app).config(config).with_graceful_shutdown(interrupted).await.map(drop)
}

//! Responses that end in every way, for `tests/proxies/run`, which lets proxies pass them on.
//!
//! ```sh
//! cargo run --package chunkwire-engine --example ends 3000
//! curl -i localhost:3000/lines/failure/3
//! ```
//!
//! A path names the format (`array`, `envelope`, `lines`, or `unprotected`: lines that a failure ends between two; with
//! `.gzip` behind it, in gzip), the end (`whole`, `failure`, `panic` or `stall`) and how many records come before it. The port is the first argument.

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
use tokio_stream::{Stream, StreamExt, iter};

/// How long a source may pause before it has failed.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

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
        "whole" | "stall" => Box::new(rows),
        "failure" => Box::new(rows.chain(once(Err("the database went away".into())))),
        "panic" => Box::new(rows.chain(once_with(|| panic!("a panic, on purpose")))),
        _ => return None,
    };
    let stalls = iter((end == "stall").then_some(())).then(|()| pending());
    // A pause that is too long is a failure of the source, so that the body ends as one that failed.
    Some(iter(rows).chain(stalls).timeout(LONGEST_PAUSE).map(|row| row.map_err(Cause::from)?))
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
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let app = Router::new().route("/{format}/{end}/{count}", get(respond));
    chunkwire_engine::serve(listener, app).await.map(drop)
}

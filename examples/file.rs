//! A CSV file of any size as a JSON array, which is never in memory.
//!
//! ```sh
//! cargo run --release --example file -- 3000 prices.csv
//! curl -N localhost:3000/rows > prices.json
//! ```
//!
//! Each row becomes an object whose keys are the fields of the file's first line. Reading a file blocks, so tokio's
//! threads for that do it. While the client does not read, the file is not read either, and no thread waits for that.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Encode, Format, JsonBody, OneChunk, Writer, tune};
use csv::StringRecord;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tower_http::map_response_body::MapResponseBodyLayer;

struct Row {
    keys: Arc<StringRecord>,
    values: StringRecord,
}

impl Encode for Row {
    fn encode(&self, out: &mut Writer<'_>) {
        out.raw("{");
        for (index, (key, value)) in self.keys.iter().zip(&self.values).enumerate() {
            out.raw(if index > 0 { "," } else { "" });
            out.string(key);
            out.raw(":");
            out.string(value);
        }
        out.raw("}");
    }
}

/// Returns the rows of a file, each read when it is pulled.
fn rows(path: &Path) -> csv::Result<impl Iterator<Item = csv::Result<Row>> + use<>> {
    let mut reader = csv::Reader::from_reader(File::open(path)?);
    let keys = Arc::new(reader.headers()?.clone());
    Ok(reader.into_records().map(move |values| Ok(Row { keys: Arc::clone(&keys), values: values? })))
}

async fn respond(State(path): State<PathBuf>) -> Result<impl IntoResponse, (StatusCode, String)> {
    let opened = spawn_blocking(move || {
        rows(&path).map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{}: {error}\n", path.display())))
    });
    let rows = opened.await.expect("opening a file does not panic")?;
    Ok(JsonBody::new(Format::Array, rows).offload(|job| spawn_blocking(|| job.run())))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().and_then(|port| port.parse().ok()).expect("the first argument is a port");
    let path = PathBuf::from(arguments.next().expect("the second argument is a CSV file"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    // At the edge, around whatever stands between.
    let app = Router::new()
        .route("/rows", get(respond))
        .with_state(path)
        .layer(MapResponseBodyLayer::new(OneChunk::<Body>::new));
    let tuned = listener.tap_io(|socket| drop(tune::socket(&*socket)));
    axum::serve(tuned, app).await
}

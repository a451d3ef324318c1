//! hyper alone: a service in about fifty lines that holds one chunk for each connection.
//!
//! ```sh
//! cargo run --example hyper
//! curl -N localhost:3000
//! ```
//!
//! The port is the first argument. `tune` limits what hyper and the kernel hold, which is more by default.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use chunkwire::{Format, JsonBody, OneChunk, tune};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::time::sleep;

/// The time between two attempts to accept a connection.
const PAUSE: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(3000, |port| port.parse().expect("the first argument is a port"));
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);

    let mut http = http1::Builder::new();
    tune::http1(&mut http).timer(TokioTimer::new());
    loop {
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            Err(error) => {
                // Mostly too many open files; a response that ends gives one back.
                eprintln!("no connection was accepted: {error}");
                sleep(PAUSE).await;
                continue;
            }
        };
        if tune::socket(&socket).is_err() {
            continue; // The client is gone already.
        }
        let squares = service_fn(async |_| {
            let squares = (0_u64..100_000).map(|number| number * number);
            Ok::<_, Infallible>(JsonBody::new(Format::Array, squares).into_response().map(OneChunk::new))
        });
        // An error means that the client went away.
        tokio::spawn(http.serve_connection(TokioIo::new(socket), squares));
    }
}

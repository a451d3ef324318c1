//! axum-streams: the array as a stream of records, sent in pieces of about 16 KiB.

use axum::Router;
use axum::extract::Query;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum_streams::StreamBodyAsOptions;
use futures_util::stream;
use peers::{BACKLOG, DEFAULT_LIMIT, Page};
use tokio::net::TcpSocket;

/// The size of a chunk of chunkwire.
const BUFFERED: usize = 16 * 1024;

async fn users(Query(page): Query<Page>) -> impl IntoResponse {
    let users = stream::iter(peers::users(page.limit.unwrap_or(DEFAULT_LIMIT)));
    StreamBodyAsOptions::new().buffering_bytes(BUFFERED).json_array(users)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(peers::address())?;
    let listener = socket.listen(BACKLOG)?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().route("/api/v1/users", get(users))).await
}

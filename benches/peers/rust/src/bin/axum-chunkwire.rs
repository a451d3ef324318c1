//! axum with chunkwire's body: the same records by way of serde, on the same server as axum-streams.

use axum::Router;
use axum::extract::Query;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use chunkwire::{Format, JsonBody, Serde, tune};
use peers::{BACKLOG, DEFAULT_LIMIT, Page};
use tokio::net::TcpSocket;

async fn users(Query(page): Query<Page>) -> impl IntoResponse {
    let users = peers::users(page.limit.unwrap_or(DEFAULT_LIMIT)).map(Serde);
    JsonBody::new(Format::Array, users).into_response()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(peers::address())?;
    let listener = socket.listen(BACKLOG)?.tap_io(|stream| {
        let _ = tune::socket(&*stream);
    });
    axum::serve(listener, Router::new().route("/api/v1/users", get(users))).await
}

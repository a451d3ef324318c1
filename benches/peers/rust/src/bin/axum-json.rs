//! axum with `Json<Vec<User>>`: the whole array, then the whole JSON, then the response.

use axum::extract::Query;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use peers::{BACKLOG, DEFAULT_LIMIT, Page, User};
use tokio::net::TcpSocket;

async fn users(Query(page): Query<Page>) -> Json<Vec<User>> {
    Json(peers::users(page.limit.unwrap_or(DEFAULT_LIMIT)).collect())
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

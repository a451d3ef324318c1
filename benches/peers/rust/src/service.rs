//! How the contenders on axum are served: one route on the same server, with the socket options of each.
//!
//! The route's response is their own.

use std::io;

use axum::Router;
use axum::routing::MethodRouter;
use axum::serve::ListenerExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::{BACKLOG, address};

/// Serves the users until the process is stopped; `prepare` is called with each connection first.
///
/// # Errors
///
/// Returns an error if it can't listen.
pub async fn serve(users: MethodRouter, prepare: fn(&mut TcpStream)) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(address())?;
    let listener = socket.listen(BACKLOG)?.tap_io(prepare);
    axum::serve(listener, Router::new().route("/api/v1/users", users)).await
}

/// Turns Nagle's algorithm off, and leaves the rest of a connection unchanged.
pub fn no_delay(stream: &mut TcpStream) {
    let _ = stream.set_nodelay(true);
}

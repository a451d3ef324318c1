//! An axum service in this process, set up as in the examples.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::MethodRouter;
use axum::serve::ListenerExt;
use chunkwire::tune;
use tokio::net::TcpListener;

/// Serves `/` on the runtime of the test until that ends.
pub async fn serve(handler: MethodRouter) -> SocketAddr {
    serve_router(Router::new().route("/", handler)).await
}

/// Serves routes on the runtime of the test until that ends.
pub async fn serve_router(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tuned = listener.tap_io(|socket| tune::socket(&*socket).unwrap());
    tokio::spawn(async { axum::serve(tuned, router).await });
    address
}

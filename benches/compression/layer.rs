//! The same users as tower-http's layer compresses them, under the same engine.

use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use chunkwire::{Format, JsonBody};
use chunkwire_server::users::Users;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tower_http::compression::CompressionLayer;

use super::{Result, memory};

/// Serves long responses, each compressed as its request prefers, until the process ends.
pub(crate) fn serve(port: u16) -> Result<()> {
    let handler = async || JsonBody::new(Format::Array, Users::range(0, memory::USERS)).into_response().map(Body::new);
    let app = Router::new().route("/api/v1/users", get(handler)).layer(CompressionLayer::new());
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        chunkwire_engine::serve(listener, app).await?;
        Ok(())
    })
}

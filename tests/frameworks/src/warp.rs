use std::net::SocketAddr;
use std::sync::mpsc::Sender;

use chunkwire::APPLICATION_JSON;
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use warp::path::FullPath;
use warp::reply::{Reply, stream, with_header};
use warp::{Filter, path};

use crate::source;

fn respond(target: FullPath) -> impl Reply {
    let body = source::body(target.as_str());
    // The line:
    with_header(stream(body.into_data_stream()), "content-type", APPLICATION_JSON)
}

pub async fn serve(listening: Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listening.send(listener.local_addr().unwrap()).unwrap();
    warp::serve(path::full().map(respond)).incoming(listener).run().await;
}

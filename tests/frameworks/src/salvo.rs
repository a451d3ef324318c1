use std::net::SocketAddr;
use std::sync::mpsc::Sender;

use http_body_util::BodyExt;
use salvo::conn::tcp::TcpAcceptor;
use salvo::http::ResBody;
use salvo::{Request, Response, Router, Server, handler};
use tokio::net::TcpListener;

use crate::source;

#[handler]
async fn respond(request: &mut Request, response: &mut Response) {
    let body = source::body(request.uri().path());
    // The line:
    *response = body.into_response().map(|body| ResBody::stream(body.into_data_stream())).into();
}

pub async fn serve(listening: Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listening.send(listener.local_addr().unwrap()).unwrap();
    let router = Router::with_path("{**rest}").goal(respond);
    Server::new(TcpAcceptor::try_from(listener).unwrap()).serve(router).await;
}

use std::net::SocketAddr;
use std::sync::mpsc::Sender;

use poem::http::Uri;
use poem::listener::TcpAcceptor;
use poem::{Response, Route, Server, handler};
use tokio::net::TcpListener;

use crate::source;

#[handler]
async fn respond(target: &Uri) -> Response {
    let body = source::body(target.path());
    // The line:
    body.into_response().into()
}

pub async fn serve(listening: Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listening.send(listener.local_addr().unwrap()).unwrap();
    let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
    Server::new_with_acceptor(acceptor).run(Route::new().at("/*rest", respond)).await.unwrap();
}

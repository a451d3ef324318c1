use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::mpsc::Sender;

use chunkwire::{OneChunk, tune};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::source;

async fn respond(
    request: Request<Incoming>,
) -> Result<Response<impl Body<Data = Bytes, Error = chunkwire::Error>>, Infallible> {
    let body = source::body(request.uri().path());
    // The line:
    Ok(body.into_response().map(OneChunk::new))
}

pub async fn serve(listening: Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listening.send(listener.local_addr().unwrap()).unwrap();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let mut http = http1::Builder::new();
        let connection = tune::http1(&mut http).serve_connection(TokioIo::new(socket), service_fn(respond));
        tokio::spawn(connection);
    }
}

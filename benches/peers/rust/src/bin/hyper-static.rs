//! The limit: hyper sending one static `Bytes` that was made before the first request.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use peers::BACKLOG;
use serde::Serializer;
use tokio::net::TcpSocket;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut json = Vec::new();
    serde_json::Serializer::new(&mut json).collect_seq(peers::users(peers::fixed_limit()))?;
    let json = Bytes::from(json);

    let socket = TcpSocket::new_v4()?;
    socket.bind(peers::address())?;
    let listener = socket.listen(BACKLOG)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let json = json.clone();
        tokio::spawn(async move {
            let handler = |_: Request<_>| {
                let mut response = Response::new(Full::new(json.clone()));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                async { Ok::<_, Infallible>(response) }
            };
            // It is no error of the server if a client goes away.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(handler)).await;
        });
    }
}

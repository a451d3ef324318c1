//! A client of HTTP/2 whose windows are open no further than the test wants.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http::{Request, Response};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::time::soon;

/// The largest window that there is (RFC 9113, section 6.9.1).
pub const WIDE: u32 = (1 << 31) - 1;

/// A connection, with the requests that can be sent on it and its end.
#[derive(Debug)]
pub struct Client {
    pub requests: SendRequest<Bytes>,
    pub end: JoinHandle<Result<(), h2::Error>>,
}

impl Client {
    /// Connects, with a window for each stream.
    pub async fn connect(server: SocketAddr, window: u32) -> Self {
        Self::over(soon(TcpStream::connect(server)).await.unwrap(), window).await
    }

    /// Begins over a connection that is there.
    pub async fn over(stream: TcpStream, window: u32) -> Self {
        let handshake = Builder::new()
            .initial_window_size(window)
            .initial_connection_window_size(WIDE)
            .max_concurrent_reset_streams(1000)
            .handshake(stream);
        let (requests, connection) = soon(handshake).await.unwrap();
        Self { requests, end: tokio::spawn(connection) }
    }

    /// Asks, and awaits the head of the response.
    pub async fn ask(&mut self, method: &str, path: &str) -> Response<RecvStream> {
        let uri = format!("http://localhost{path}");
        let request = Request::builder().method(method).uri(uri).body(()).unwrap();
        soon(self.requests.clone().ready()).await.unwrap();
        let (response, _) = self.requests.send_request(request, true).unwrap();
        soon(response).await.unwrap()
    }

    pub async fn get(&mut self, path: &str) -> Response<RecvStream> {
        self.ask("GET", path).await
    }
}

/// Reads a response as far as it comes: what came, and by which reason it was reset, if it was.
pub async fn read(response: Response<RecvStream>) -> (Vec<u8>, Option<Reason>) {
    let mut body = response.into_body();
    let mut read = Vec::new();
    loop {
        match soon(body.data()).await {
            None => return (read, None),
            Some(Ok(data)) => {
                body.flow_control().release_capacity(data.len()).unwrap();
                read.extend(data);
            }
            Some(Err(error)) => return (read, error.reason().filter(|_| error.is_reset() && error.is_remote())),
        }
    }
}

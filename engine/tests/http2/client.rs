//! A client of HTTP/2 whose windows are open no further than the test wants.

use std::net::SocketAddr;

use bytes::Bytes;
use chunkwire_test_support::time::soon;
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http::{Request, Response};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// The largest window that there is (RFC 9113, section 6.9.1).
pub(crate) const WIDE: u32 = (1 << 31) - 1;

/// A connection, with the requests that can be sent on it and its end.
pub(crate) struct Client {
    pub(crate) requests: SendRequest<Bytes>,
    pub(crate) end: JoinHandle<Result<(), h2::Error>>,
}

impl Client {
    /// Connects, with a window for each stream.
    pub(crate) async fn connect(server: SocketAddr, window: u32) -> Self {
        let stream = soon(TcpStream::connect(server)).await.unwrap();
        let handshake = Builder::new()
            .initial_window_size(window)
            .initial_connection_window_size(WIDE)
            .max_concurrent_reset_streams(1000)
            .handshake(stream);
        let (requests, connection) = soon(handshake).await.unwrap();
        Self { requests, end: tokio::spawn(connection) }
    }

    /// Asks, and awaits the head of the response.
    pub(crate) async fn ask(&mut self, method: &str, path: &str) -> Response<RecvStream> {
        let uri = format!("http://localhost{path}");
        let request = Request::builder().method(method).uri(uri).body(()).unwrap();
        soon(self.requests.clone().ready()).await.unwrap();
        let (response, _) = self.requests.send_request(request, true).unwrap();
        soon(response).await.unwrap()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response<RecvStream> {
        self.ask("GET", path).await
    }
}

/// Reads a response as far as it comes: what came, and by which reason it was reset, if it was.
pub(crate) async fn read(response: Response<RecvStream>) -> (Vec<u8>, Option<Reason>) {
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

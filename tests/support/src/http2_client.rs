//! A client of HTTP/2 whose windows are open no further than the test wants.

use std::io;

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use h2::{Reason, RecvStream};
use http::{Request, Response};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::remote::{Remote, Stream};
use crate::time::soon;

/// The largest window that there is (RFC 9113, section 6.9.1).
pub const WIDE: u32 = (1 << 31) - 1;

/// What a client begins with: a window for each stream, and one for the connection that is never closed.
pub fn settings(window: u32) -> Builder {
    let mut settings = Builder::new();
    settings.initial_window_size(window).initial_connection_window_size(WIDE).max_concurrent_reset_streams(1000);
    settings
}

/// A connection, with the requests that can be sent on it and its end.
#[derive(Debug)]
pub struct Client {
    pub requests: SendRequest<Bytes>,
    pub end: JoinHandle<Result<(), h2::Error>>,
}

impl Client {
    /// Connects, with a window for each stream.
    pub async fn connect(server: impl Into<Remote>, window: u32) -> Self {
        let server = server.into();
        Self::over(soon(TcpStream::connect(server.address)).await.unwrap(), &server, window).await
    }

    /// Begins over a connection that is there.
    pub async fn over(stream: TcpStream, server: &Remote, window: u32) -> Self {
        Self::try_over(stream, server, window).await.unwrap()
    }

    /// Begins over a connection that is there, if the other side does.
    pub async fn try_over(stream: TcpStream, server: &Remote, window: u32) -> io::Result<Self> {
        let stream = soon(Stream::over(stream, &server.http2())).await?;
        let handshake = soon(settings(window).handshake(stream)).await;
        let (requests, connection) = handshake.map_err(io::Error::other)?;
        Ok(Self { requests, end: tokio::spawn(connection) })
    }

    /// Asks, and awaits the head of the response.
    pub async fn ask(&mut self, method: &str, path: &str) -> Response<RecvStream> {
        ask(&self.requests, method, path).await.unwrap()
    }

    pub async fn get(&mut self, path: &str) -> Response<RecvStream> {
        self.ask("GET", path).await
    }

    /// Awaits the end, and asserts that the server has announced it (RFC 9113, section 6.8). What the client itself says
    /// last may find the connection closed.
    pub async fn is_dismissed(self) {
        let _ = soon(self.end).await.unwrap();
        let end = self.requests.ready().await.expect_err("an end");
        assert!(
            end.is_go_away() && end.is_remote() && end.reason() == Some(Reason::NO_ERROR),
            "not announced: {end:?}"
        );
    }
}

/// Asks, and awaits the head of the response, if there is one.
pub async fn ask(requests: &SendRequest<Bytes>, method: &str, path: &str) -> Result<Response<RecvStream>, h2::Error> {
    let uri = format!("http://localhost{path}");
    let request = Request::builder().method(method).uri(uri).body(()).unwrap();
    let mut requests = soon(requests.clone().ready()).await?;
    let (response, _) = requests.send_request(request, true)?;
    soon(response).await
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

//! A hyper connection as the server sets it up, which responds with any body, to be awaited or polled by hand.

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chunkwire::tune;
use http::Response;
use http_body::Body;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;

use crate::Woken;

/// A request after which the server closes the connection.
pub const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Responds to the one request on `transport` with `body`.
pub fn connection<T, B>(transport: T, body: B) -> impl Future<Output = hyper::Result<()>>
where
    T: Read + Write + Unpin,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + 'static,
{
    let body = Cell::new(Some(body));
    let service = service_fn(move |_| {
        let response = Response::new(body.take().expect("one request"));
        async { Ok::<_, Infallible>(response) }
    });
    tune::http1(&mut http1::Builder::new()).half_close(true).serve_connection(transport, service)
}

/// A connection that moves only when it is polled, so that a test sees every state in between.
pub struct ByHand<'a> {
    connection: Pin<Box<dyn Future<Output = hyper::Result<()>> + 'a>>,
    woken: Arc<Woken>,
}

impl<'a> ByHand<'a> {
    pub fn new(connection: impl Future<Output = hyper::Result<()>> + 'a) -> Self {
        let woken = Arc::new(Woken::default());
        Waker::from(Arc::clone(&woken)).wake();
        Self { connection: Box::pin(connection), woken }
    }

    /// Polls as long as something wakes it; after that, it waits for the transport or has ended.
    pub fn settle(&mut self) -> Poll<hyper::Result<()>> {
        let waker = Waker::from(Arc::clone(&self.woken));
        while self.woken.take() {
            if let Poll::Ready(result) = self.connection.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    }
}

//! Promise: an observer is told whom a request is of, and why a response could not be completed.

use std::future::IntoFuture;
use std::io::Error;

use axum::Router;
use axum::routing::get;
use chunkwire::{Format, JsonBody, Outcome};
use chunkwire_engine::{Observe, Peer, ResponseEnd, serve};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use http::{Request, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Tells a test what it is told: the peer, and the outcome with its cause.
struct Told(UnboundedSender<(String, String)>);

impl Observe for Told {
    type Kept = String;

    fn request<B>(&self, _: &Request<B>, peer: &Peer) -> String {
        peer.to_string()
    }

    fn response_end(&self, peer: String, end: &ResponseEnd) {
        let cause = end.cause.as_deref().unwrap_or("no cause");
        assert_eq!(end.cause.is_some(), end.outcome == Outcome::SourceFailed);
        self.0.send((peer, format!("{:?}: {cause}", end.outcome))).unwrap();
    }

    fn head_refused(&self, status: StatusCode, peer: &Peer) {
        self.0.send((peer.to_string(), status.to_string())).unwrap();
    }
}

#[tokio::test]
async fn peers_and_causes_are_told() {
    let nested = || Error::other(Error::other("the disk is full"));
    let router = Router::new()
        .route("/whole", get(async || JsonBody::new(Format::Array, 0..3).into_response()))
        .route("/plain", get(async || JsonBody::new(Format::Array, [Ok(1), Err("it went away")]).into_response()))
        .route(
            "/nested",
            get(async move || {
                let records = texts(99, 500).map(Ok).chain([Err(nested())]);
                JsonBody::new(Format::Array, records).into_response()
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (told, mut events) = unbounded_channel();
    tokio::spawn(serve(listener, router).observer(Told(told)).into_future());
    for (target, expected) in [
        ("/whole", "Complete: no cause"),
        ("/plain", "SourceFailed: it went away"),
        ("/nested", "SourceFailed: the disk is full"),
        ("/`", "400 Bad Request"),
    ] {
        let mut client = Client::connect(address).await;
        client.ask("GET", target, "").await;
        let peer = client.tcp().local_addr().unwrap().to_string();
        assert_eq!(soon(events.recv()).await.unwrap(), (peer, expected.to_owned()));
    }
}

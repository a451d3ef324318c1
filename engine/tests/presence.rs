//! Promise: a client that has left is noticed while a handler awaits or a source pauses, and no client is kept waiting
//! for ever.

mod support;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use chunkwire::{Format, JsonBody, Outcome};
use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::client::Client;
#[cfg(target_os = "linux")]
use chunkwire_test_support::tcp_table::{CLOSE_WAIT, tcp_table};
use chunkwire_test_support::time::soon;
use futures_core::Stream;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use socket2::SockRef;
use support::{Served, engine, next, serve};
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;
use tower::service_fn;

/// Something that a handler or a source holds, such as a connection to a database. Tells when it is dropped.
struct Held(Sender<()>);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// Yields a record, and pauses for ever.
struct Pausing(bool, #[allow(dead_code, reason = "it is held")] Held);

impl Stream for Pausing {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        if std::mem::replace(&mut self.0, true) { Poll::Pending } else { Poll::Ready(Some(1)) }
    }
}

/// A service whose `/handler` awaits until it is let go, whose `/source` pauses for ever, and what they hold.
struct Waiting {
    served: Served,
    dropped: Receiver<()>,
    go: Arc<Notify>,
}

fn waiting(config: &Config) -> Waiting {
    let (sender, dropped) = channel();
    let go = Arc::new(Notify::new());
    let service = {
        let go = Arc::clone(&go);
        move |request: Request<Incoming>| {
            let (held, go) = (sender.clone(), Arc::clone(&go));
            async move {
                let body: UnsyncBoxBody<_, chunkwire::Error> = match request.uri().path() {
                    "/handler" => {
                        let _held = Held(held);
                        go.notified().await;
                        Empty::new().map_err(|never: Infallible| match never {}).boxed_unsync()
                    }
                    "/source" => JsonBody::from_stream(Format::Lines, Pausing(false, Held(held))).boxed_unsync(),
                    _ => JsonBody::new(Format::Array, [1]).boxed_unsync(),
                };
                Ok::<_, Infallible>(Response::new(body))
            }
        }
    };
    Waiting { served: serve(engine(config), service_fn(service)), dropped, go }
}

const WAITS: [&str; 2] = ["/handler", "/source"];

/// A client that has asked and has what there is of a response.
async fn asked(waiting: &Waiting, path: &str) -> Client {
    let mut client = Client::connect(waiting.served.address).await;
    client.ask("GET", path, "").await;
    if path == "/source" {
        client.wait_for_data().await;
    }
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn clients_that_reset_leave_their_places_to_others_at_once() {
    const CAP: usize = 50;
    let mut config = Config::default();
    config.max_connections = NonZeroUsize::new(CAP);
    for path in WAITS {
        for pipelined in ["", "GET /more HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let waiting = waiting(&config);
            let mut clients = Vec::new();
            for _ in 0..CAP {
                let mut client = asked(&waiting, path).await;
                client.send(pipelined).await;
                clients.push(client);
            }
            let mut next_one = Client::connect(waiting.served.address).await;
            next_one.ask("GET", "/", "").await;
            let reset = Instant::now();
            for client in clients {
                SockRef::from(client.tcp()).set_linger(Some(Duration::ZERO)).unwrap();
            }
            assert_eq!(next_one.response().await.body, b"[1]");
            for _ in 0..CAP {
                next(&waiting.dropped);
            }
            assert!(reset.elapsed() < Duration::from_secs(1), "{path}: {:?}", reset.elapsed());
        }
    }
}

/// Ready when the server's end of a connection is in the state CLOSE_WAIT.
#[cfg(target_os = "linux")]
async fn server_has_seen_the_end(client: &Client) {
    let stream = client.tcp();
    let (server, client) = (stream.peer_addr().unwrap().port(), stream.local_addr().unwrap().port());
    let is_seen = || {
        let mut ends = tcp_table().into_iter();
        ends.any(|end| (end.local_port, end.remote_port, end.state) == (server, client, CLOSE_WAIT))
    };
    while !is_seen() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_client_that_has_ended_its_side_is_still_served() {
    let waiting = waiting(&Config::default());
    let mut client = asked(&waiting, "/handler").await;
    client.stream.shutdown().await.unwrap();
    #[cfg(target_os = "linux")]
    soon(server_has_seen_the_end(&client)).await;
    waiting.go.notify_one();
    assert_eq!(client.response().await.status, 200);
}

const SHORT: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_client_that_has_ended_its_side_is_not_served_for_ever() {
    let mut config = Config::default();
    config.half_close_timeout = SHORT;
    for path in WAITS {
        let waiting = waiting(&config);
        let start = Instant::now();
        let mut client = asked(&waiting, path).await;
        client.stream.shutdown().await.unwrap();
        next(&waiting.dropped);
        assert!(start.elapsed() >= SHORT, "{path}: {:?}", start.elapsed());
        assert_eq!(next(&waiting.served.connections), ConnectionEnd::Broken);

        let kept = asked(&waiting, path).await;
        let dropped = tokio::task::spawn_blocking(move || waiting.dropped.recv_timeout(4 * SHORT));
        assert!(dropped.await.unwrap().is_err(), "{path}: a client that is there lost its place");
        drop(kept);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_client_is_kept_waiting_for_ever() {
    let mut config = Config::default();
    config.pause_timeout = SHORT;
    for path in WAITS {
        let waiting = waiting(&config);
        let mut client = asked(&waiting, path).await;
        let asked = Instant::now();
        next(&waiting.dropped);
        assert!(asked.elapsed() >= SHORT / 2, "{path}: {:?}", asked.elapsed());
        assert_eq!(next(&waiting.served.connections), ConnectionEnd::Paused);
        if path == "/source" {
            let response = client.response().await;
            assert!(!response.complete && response.body == b"1\n{", "no parser takes it for the whole");
            let (_, _, bytes, outcome) = next(&waiting.served.responses);
            assert_eq!((bytes, outcome), (3, Outcome::SourceFailed));
        }
        assert!(soon(client.is_closed()).await);
    }
    // Waits that are not too long each are no wait that is too long.
    let (waiting, start) = (waiting(&config), Instant::now());
    let mut client = Client::connect(waiting.served.address).await;
    while start.elapsed() < 3 * SHORT {
        client.ask("GET", "/handler", "").await;
        tokio::time::sleep(SHORT / 4).await;
        waiting.go.notify_one();
        assert_eq!(client.response().await.status, 200);
    }
}

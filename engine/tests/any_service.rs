//! Promise: any tower service is served, whatever it does, and an observer is told how each response ended.

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, JsonBody, Outcome};
use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::client::{Client, Response as Received};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use support::{Served, engine, next};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};
use tokio::sync::Notify;
use tower_service::Service;

type Body = UnsyncBoxBody<Bytes, chunkwire::Error>;

/// Does what the path says. It is `Send` and not `Sync`, as a service may be.
#[derive(Clone)]
struct Scripted(PhantomData<Cell<()>>);

fn full(text: &'static str) -> Body {
    Full::new(Bytes::from_static(text.as_bytes())).map_err(|never: Infallible| match never {}).boxed_unsync()
}

impl Service<Request<Incoming>> for Scripted {
    type Response = Response<Body>;
    type Error = &'static str;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, &'static str>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        assert_ne!(request.uri().path(), "/panic-in-call", "a panic, on purpose");
        Box::pin(async move {
            let body = match request.uri().path() {
                "/records" => JsonBody::new(Format::Array, texts(99, 5000)).boxed_unsync(),
                "/failure" => {
                    let failing = texts(99, 5000).map(Ok).chain([Err("the database went away")]);
                    JsonBody::new(Format::Array, failing).boxed_unsync()
                }
                "/announced" => {
                    let mut response = Response::new(JsonBody::new(Format::Lines, texts(99, 400)).boxed_unsync());
                    response.headers_mut().insert("content-length", "40000".parse().unwrap());
                    return Ok(response);
                }
                "/short" => {
                    let mut response = Response::new(JsonBody::new(Format::Lines, texts(99, 400)).boxed_unsync());
                    response.headers_mut().insert("content-length", "50000".parse().unwrap());
                    return Ok(response);
                }
                "/not-modified" => {
                    let mut response = Response::new(full("no one sends this"));
                    *response.status_mut() = http::StatusCode::NOT_MODIFIED;
                    return Ok(response);
                }
                "/empty" => {
                    let mut response = Response::new(JsonBody::new(Format::Lines, texts(99, 400)).boxed_unsync());
                    response.headers_mut().insert("content-length", "0".parse().unwrap());
                    return Ok(response);
                }
                "/reason" => {
                    let mut response = Response::new(full("ok"));
                    response.extensions_mut().insert(hyper::ext::ReasonPhrase::from_static(b"All is well"));
                    return Ok(response);
                }
                "/echo" => {
                    let read = request.into_body().collect().await.map_err(|_| "the body did not come")?;
                    return Ok(Response::new(
                        Full::new(read.to_bytes()).map_err(|never| match never {}).boxed_unsync(),
                    ));
                }
                "/error" => return Err("no service"),
                "/panic" => panic!("a panic, on purpose"),
                _ => full("ok"),
            };
            Ok(Response::new(body))
        })
    }
}

fn serve(config: &Config) -> Served {
    support::serve(engine(config), Scripted(PhantomData))
}

#[tokio::test]
async fn each_response_is_told_when_it_has_ended() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address).await;
    let records = client.get("/records").await;
    assert!(records.complete && records.chunk_lines.iter().filter(|size| *size == "4000").count() > 20);
    assert_eq!(next(&served.responses), ("/records".to_owned(), 200, 500_001, Outcome::Complete));

    assert_eq!(client.get("/small").await.body, b"ok");
    assert_eq!(next(&served.responses), ("/small".to_owned(), 200, 2, Outcome::Complete));

    client.head("/records").await;
    assert_eq!(next(&served.responses), ("/records".to_owned(), 200, 0, Outcome::Complete));

    // hyper does not ask again for what follows an announced length.
    assert_eq!(client.get("/announced").await.body.len(), 40_000);
    assert_eq!(next(&served.responses), ("/announced".to_owned(), 200, 40_000, Outcome::Complete));
    drop(client);
    assert_eq!(next(&served.connections), ConnectionEnd::Closed);
}

/// Each on the same connection, which goes on as if they had been asked for their ends.
#[tokio::test]
async fn responses_that_hyper_sends_without_their_body_are_complete() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address).await;
    for (path, status) in [("/not-modified", 304), ("/empty", 200)] {
        client.ask("GET", path, "").await;
        assert_eq!(soon(Received::read_head(&mut client.stream)).await.status, status, "{path}");
        assert_eq!(next(&served.responses), (path.to_owned(), status, 0, Outcome::Complete));
    }
    client.send("GET /reason HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut line = String::new();
    soon(client.stream.read_line(&mut line)).await.unwrap();
    assert_eq!(line, "HTTP/1.1 200 All is well\r\n");
}

/// Their clients keep their connections, and have nothing more to come.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_shutdown_cuts_no_response_that_has_no_body() {
    let mut config = Config::default();
    config.shutdown_timeout = Duration::from_millis(200);
    for (method, path) in [("HEAD", "/records"), ("GET", "/not-modified"), ("GET", "/empty")] {
        let engine = engine(&config);
        let address = engine.local_addr().unwrap();
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let serving = engine.serve(Scripted(PhantomData), (), async move { stopped.notified().await });
        let serving = tokio::spawn(serving);
        let mut client = Client::connect(address).await;
        client.ask(method, path, "").await;
        soon(Received::read_head(&mut client.stream)).await;
        stop.notify_one();
        assert_eq!(soon(serving).await.unwrap(), 0, "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_shorter_than_announced_is_a_failure() {
    let served = serve(&Config::default());
    let response = Client::connect(served.address).await.get("/short").await;
    assert!(!response.complete && response.body.len() == 40_000);
    assert_eq!(next(&served.responses), ("/short".to_owned(), 200, 40_000, Outcome::SourceFailed));
    assert_eq!(next(&served.connections), ConnectionEnd::Failed);
}

/// Where the service fails: by an error, in its future, and before it has one.
const FAILURES: [&str; 3] = ["/error", "/panic", "/panic-in-call"];

/// Checks what is responded there, and that it is the last of its connection.
async fn check_failure(served: &Served, path: &str, status: u16, content_type: Option<&str>, body: &[u8]) {
    let mut client = Client::connect(served.address).await;
    let response = client.get(path).await;
    assert_eq!((response.status, response.header("connection")), (status, Some("close")), "{path}");
    assert_eq!((response.header("content-type"), &*response.body), (content_type, body));
    assert!(client.is_closed().await);
    assert_eq!(next(&served.responses), (path.to_owned(), status, body.len() as u64, Outcome::Complete));
}

#[tokio::test]
async fn a_service_that_fails_is_answered_for() {
    let served = serve(&Config::default());
    for path in FAILURES {
        check_failure(&served, path, 500, None, b"").await;
    }
    assert!(Client::connect(served.address).await.get("/records").await.complete, "others are served on");
}

#[tokio::test]
async fn what_is_responded_instead_of_a_service_that_fails_can_be_set() {
    let failure =
        Response::builder().status(503).header("content-type", "text/plain").body("try again".into()).unwrap();
    let engine = engine(&Config::default()).failure_response(failure);
    let served = support::serve(engine, Scripted(PhantomData));
    for path in FAILURES {
        check_failure(&served, path, 503, Some("text/plain"), b"try again").await;

        let mut client = Client::connect(served.address).await;
        assert_eq!(client.head(path).await.header("content-length"), Some("9"));
        assert_eq!(next(&served.responses), (path.to_owned(), 503, 0, Outcome::Complete));
    }
}

#[tokio::test]
async fn a_body_that_fails_is_cut_and_told() {
    let served = serve(&Config::default());
    let response = Client::connect(served.address).await.get("/failure").await;
    assert!(!response.complete && response.body.len() == 500_000);
    assert_eq!(next(&served.responses), ("/failure".to_owned(), 200, 500_000, Outcome::SourceFailed));
    assert_eq!(next(&served.connections), ConnectionEnd::Failed);
}

#[tokio::test]
async fn a_client_that_leaves_is_told() {
    let served = serve(&Config::default());
    let mut client = Client::with_little_room(served.address).await;
    client.ask("GET", "/records", "").await;
    client.wait_for_data().await;
    drop(client);
    let (path, status, bytes, outcome) = next(&served.responses);
    assert_eq!((&*path, status, outcome), ("/records", 200, Outcome::ClientGone));
    assert!((CHUNK_SIZE as u64..500_001).contains(&bytes), "{bytes}");
}

/// HTTP/1.0 has no coding that shows the end of a body whose length is not known: the connection has to end.
#[tokio::test]
async fn http_1_0_is_told_whether_the_connection_is_kept() {
    let served = serve(&Config::default());
    for (method, path, kept, length) in [
        ("GET", "/small", true, 2),
        ("GET", "/records", false, 500_001),
        ("HEAD", "/records", true, 0),
        ("GET", "/error", false, 0),
    ] {
        let mut client = Client::connect(served.address).await;
        client.send(&format!("{method} {path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")).await;
        let head = soon(Received::read_head(&mut client.stream)).await;
        let told = if kept { "keep-alive" } else { "close" };
        assert_eq!(head.header("connection"), Some(told), "{method} {path}");
        soon(client.stream.read_exact(&mut vec![0; length])).await.unwrap();
        if kept {
            client.send("GET /small HTTP/1.0\r\n\r\n").await;
            assert_eq!(client.response().await.body, b"ok", "{method} {path}");
        }
        assert!(client.is_closed().await, "{method} {path}");
    }
}

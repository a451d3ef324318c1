//! Requests and responses.

use bytes::Bytes;
use chunkwire::{CHUNK_SIZE, Format, Outcome};
use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::client::Client as Http1;
use chunkwire_test_support::http2_client::{Client, WIDE, read};
use chunkwire_test_support::records::document;
use chunkwire_test_support::time::soon;
use h2::Reason;
use http::Request;

use crate::service::{records, serve};
use crate::support::next;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_response_has_the_bytes_and_the_head_of_http_1() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, WIDE).await;
    let http1 = Http1::connect(served.address).await.get("/records").await;
    let response = client.get("/records").await;
    assert_eq!(response.status(), http1.status);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(!response.headers().contains_key("transfer-encoding"));
    let (body, reset) = read(response).await;
    assert!(reset.is_none() && body == http1.body);
    assert!(body == document(Format::Array, &records().collect::<Vec<_>>()));
    for _ in 0..2 {
        let told = next(&served.responses);
        assert_eq!((&*told.0, told.1, told.2, told.3), ("/records", 200, body.len() as u64, Outcome::Complete));
    }
    drop(client);
    assert_eq!(next(&served.connections), ConnectionEnd::Closed);
}

/// hyper would send a body that follows them.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn responses_without_a_body_have_none() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, WIDE).await;
    for (method, path, status) in
        [("HEAD", "/records", 200), ("HEAD", "/few", 200), ("HEAD", "/method", 200), ("GET", "/nothing", 204)]
    {
        let response = client.ask(method, path).await;
        assert_eq!(response.status(), status);
        assert_eq!(read(response).await, (Vec::new(), None), "{method} {path}");
        assert_eq!(next(&served.responses), (path.to_owned(), status, 0, Outcome::Complete));
    }
    assert_eq!(client.ask("HEAD", "/method").await.headers()["content-length"], "4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_request_may_have_a_body_larger_than_its_windows() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, WIDE).await;
    let request = Request::post("http://localhost/length").body(()).unwrap();
    let (response, mut body) = client.requests.send_request(request, false).unwrap();
    let size = 20 * CHUNK_SIZE;
    body.send_data(Bytes::from(vec![b'x'; size]), true).unwrap();
    assert_eq!(read(soon(response).await.unwrap()).await.0, size.to_string().as_bytes());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn handlers_are_told_whom_a_connection_is_with() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, WIDE).await;
    assert!(read(client.get("/who").await).await.0.starts_with(b"127.0.0.1:"));
}

/// Promise: an honest end. The stream is reset, and not ended; others go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_source_that_fails_resets_its_stream_alone() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, WIDE).await;
    let failing = client.get("/failing").await;
    let (sent, reset) = read(failing).await;
    assert_eq!(reset, Some(Reason::INTERNAL_ERROR));
    assert!(sent.len() > 50 * CHUNK_SIZE && !sent.ends_with(b"]"));
    assert_eq!(next(&served.responses).3, Outcome::SourceFailed);
    assert_eq!(read(client.get("/few").await).await, (b"[0,1,2]".to_vec(), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_service_that_panics_is_answered_for_and_others_go_on() {
    let served = serve(&Config::default());
    let mut client = Client::connect(served.address, WIDE).await;
    let response = client.get("/panic").await;
    assert_eq!(response.status(), 500);
    assert!(!response.headers().contains_key("connection"));
    assert_eq!(read(client.get("/few").await).await, (b"[0,1,2]".to_vec(), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn it_can_be_turned_off() {
    let mut config = Config::default();
    config.http2 = false;
    let served = serve(&config);
    let mut client = Client::connect(served.address, WIDE).await;
    let request = Request::get("http://localhost/few").body(()).unwrap();
    // The server may have closed by now.
    if let Ok((response, _)) = client.requests.send_request(request, true) {
        assert!(soon(response).await.is_err());
    }
    assert_eq!(next(&served.connections), ConnectionEnd::Broken);
}

//! Promise: a response in gzip decodes to that of a client which does not ask for it, over both versions of HTTP, and
//! each connection holds one chunk of it as well.

mod support;

use std::io::{self, Read};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::response::IntoResponse;
use axum::routing::get;
use chunkwire::{CHUNK_SIZE, Format, JsonBody};
use chunkwire_server::Config;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::http2_client::{self, Client as Http2, WIDE};
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use flate2::read::GzDecoder;
use futures_core::Stream;
use http::{HeaderMap, Request};
use support::failing;
use support::program::chunkwire;
use support::server::{config, metric_becomes, metric_over, serve};
use tokio::io::AsyncReadExt;

/// What a client got, however that came.
#[derive(Debug)]
struct Received {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    complete: bool,
}

impl Received {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn is_gzip(&self) -> bool {
        self.header("content-encoding") == Some("gzip")
    }

    /// The headers that responses to GET and HEAD have in common.
    fn fields(&self) -> HeaderMap {
        let mut fields = self.headers.clone();
        for name in ["date", "transfer-encoding", "connection", "x-request-id"] {
            fields.remove(name);
        }
        fields
    }
}

impl From<Response> for Received {
    fn from(response: Response) -> Self {
        let Response { status, headers, body, complete, .. } = response;
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Self { status, headers: headers.collect(), body, complete }
    }
}

/// The versions of HTTP.
#[derive(Clone, Copy, Debug)]
enum Version {
    Http1,
    Http2,
}

const VERSIONS: [Version; 2] = [Version::Http1, Version::Http2];

impl Version {
    /// Asks over a connection of its own.
    async fn ask(self, server: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)]) -> Received {
        match self {
            Self::Http1 => {
                let mut client = Client::connect(server).await;
                client.ask(method, target, &lines(headers)).await;
                if method == "HEAD" {
                    return soon(Response::read_head(&mut client.stream)).await.into();
                }
                client.response().await.into()
            }
            Self::Http2 => {
                let client = Http2::connect(server, WIDE).await;
                let response = ask_http2(&client, method, target, headers).await;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let (body, reset) = http2_client::read(response).await;
                Received { status, headers, body, complete: reset.is_none() }
            }
        }
    }

    async fn get(self, server: SocketAddr, target: &str, encodings: &str) -> Received {
        self.ask(server, "GET", target, &[("accept-encoding", encodings)]).await
    }
}

fn lines(headers: &[(&str, &str)]) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

async fn ask_http2(
    client: &Http2,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> http::Response<h2::RecvStream> {
    let request = Request::builder().method(method).uri(format!("http://localhost{target}"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let mut requests = soon(client.requests.clone().ready()).await.unwrap();
    let (response, _) = requests.send_request(request.body(()).unwrap(), true).unwrap();
    soon(response).await.unwrap()
}

/// Decodes one member of gzip, and says what is wrong with it if it is not whole.
fn decoded(gzip: &[u8]) -> io::Result<Vec<u8>> {
    let (bytes, whole) = begun(gzip);
    whole.map(|()| bytes)
}

/// What can be decoded of a member of gzip, and whether that is all.
fn begun(gzip: &[u8]) -> (Vec<u8>, io::Result<()>) {
    let (mut bytes, mut decoder) = (Vec::new(), GzDecoder::new(gzip));
    let whole = decoder.read_to_end(&mut bytes).map(drop);
    assert!(whole.is_err() || decoder.into_inner().is_empty(), "something follows the member");
    (bytes, whole)
}

#[tokio::test]
async fn both_formats_decode_to_the_same_bytes_by_get_and_have_the_same_head_by_head() {
    let server = serve(&config());
    for version in VERSIONS {
        for accept in ["application/json", "application/x-ndjson"] {
            for limit in [0, 1, 20, 156, 1000, 20_000] {
                let target = format!("/api/v1/users?limit={limit}");
                let plain = version.ask(server, "GET", &target, &[("accept", accept)]).await;
                assert_eq!(plain.header("content-encoding"), None);
                let headers = [("accept", accept), ("accept-encoding", "gzip, deflate, br, zstd")];
                let gzip = version.ask(server, "GET", &target, &headers).await;
                assert!(gzip.is_gzip() && gzip.complete, "{version:?} {target}: {:?}", gzip.headers);
                assert_eq!(gzip.header("content-type"), Some(accept));
                assert!(decoded(&gzip.body).unwrap() == plain.body, "{version:?} {target} as {accept}");
                assert!(limit < 156 || gzip.body.len() * 3 < plain.body.len(), "{} bytes", gzip.body.len());
                for received in [&plain, &gzip] {
                    let vary: Vec<_> = received.headers.get_all("vary").iter().collect();
                    assert_eq!(vary, ["accept, accept-encoding"], "a cache would mix them");
                }
                let head = version.ask(server, "HEAD", &target, &headers).await;
                assert_eq!((head.status, head.fields()), (200, gzip.fields()), "{version:?} {target}");
                assert!(head.body.is_empty());
            }
        }
    }
}

#[tokio::test]
async fn weights_decide() {
    let server = serve(&config());
    for version in VERSIONS {
        for (encodings, expected) in [
            ("gzip", true),
            ("x-gzip", true),
            ("br;q=1, gzip;q=0.2", true),
            ("*", true),
            ("identity;q=0.5, gzip", true),
            ("identity, gzip;q=0.9", false),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("br, zstd, deflate", false),
            ("gzip;q=2", false),
            ("", false),
        ] {
            let received = version.get(server, "/api/v1/users?limit=100", encodings).await;
            assert_eq!((received.status, received.is_gzip()), (200, expected), "{version:?} {encodings:?}");
        }
    }
}

/// Where a short text is, nothing depends on the encoding; a long one is compressed, whatever it is.
#[tokio::test]
async fn short_responses_and_problems_are_left_as_they_are_and_long_ones_are_not() {
    let server = serve(&config());
    let long = format!("/api/v1/users?limit={}", "x".repeat(2000));
    for version in VERSIONS {
        for (target, accept, status) in [
            ("/healthz", "*/*", 200),
            ("/readyz", "*/*", 200),
            ("/api/v1/users/1", "*/*", 200),
            ("/api/v1/users?limit=ten", "*/*", 400),
            ("/nothing", "*/*", 404),
            ("/api/v1/users", "text/html", 406),
            (&long, "*/*", 400),
            ("/metrics", "*/*", 200),
        ] {
            let plain = version.ask(server, "GET", target, &[("accept", accept)]).await;
            let gzip = version.ask(server, "GET", target, &[("accept", accept), ("accept-encoding", "gzip")]).await;
            let head = version.ask(server, "HEAD", target, &[("accept", accept), ("accept-encoding", "gzip")]).await;
            assert_eq!((plain.status, gzip.status, head.status), (status, status, status), "{target}");
            assert_eq!(head.fields(), gzip.fields(), "{version:?} {target}");
            if plain.body.len() < 1024 {
                assert_eq!((gzip.fields(), &gzip.body), (plain.fields(), &plain.body), "{version:?} {target}");
            } else {
                let body = decoded(&gzip.body).unwrap();
                assert!(body == plain.body || target == "/metrics");
            }
            assert_eq!(gzip.is_gzip(), plain.body.len() >= 1024, "{version:?} {target}");
        }
    }
}

#[tokio::test]
async fn a_source_that_fails_is_a_cut_after_all_that_it_had() {
    let server = failing::serve();
    for version in VERSIONS {
        for how in ["failure", "panic"] {
            for records in [1, 150, 10_000] {
                let target = format!("/{how}/{records}");
                let plain = version.ask(server, "GET", &target, &[]).await;
                let gzip = version.get(server, &target, "gzip").await;
                assert!(gzip.is_gzip() && !gzip.complete && !plain.complete, "{version:?} {target}");
                let (bytes, whole) = begun(&gzip.body);
                assert!(bytes == plain.body, "{version:?} {target}: {} of {}", bytes.len(), plain.body.len());
                assert!(whole.is_err(), "the part decodes as if it were the whole");
            }
        }
        let whole = version.get(server, "/end/10000", "gzip").await;
        assert!(whole.complete && decoded(&whole.body).unwrap().ends_with(b"the end\"]"));
    }
}

#[tokio::test]
async fn a_client_that_reads_single_bytes_gets_the_same() {
    let server = serve(&config());
    let (target, headers) = ("/api/v1/users?limit=3000", [("accept-encoding", "gzip")]);
    let expected = Version::Http1.get(server, target, "gzip").await.body;

    let mut slow = Client::with_little_room(server).await;
    slow.ask("GET", target, &lines(&headers)).await;
    let mut wire = Vec::new();
    while !wire.ends_with(b"\r\n0\r\n\r\n") {
        wire.push(soon(slow.stream.get_mut().read_u8()).await.unwrap());
    }
    let response = Response::read(&mut &wire[..]).await;
    assert!(response.body == expected, "over HTTP/1.1");
    let (end, chunks) = response.chunk_lines.split_last().unwrap();
    let (_, full) = chunks.split_last().unwrap();
    assert!(end == "0" && full.iter().all(|line| line == "4000"), "{chunks:?}");

    let client = Http2::connect(server, 1).await;
    let response = ask_http2(&client, "GET", target, &headers).await;
    assert!(http2_client::read(response).await.0 == expected, "over HTTP/2");
}

#[tokio::test]
async fn clients_that_do_not_read_hold_one_chunk_each() {
    const READERS: usize = 20;
    const TARGET: &str = "/api/v1/users?limit=1000000";
    let server = serve(&config());
    let headers = [("accept-encoding", "gzip")];
    let mut clients = Vec::new();
    for _ in 0..READERS {
        let mut client = Client::with_little_room(server).await;
        client.ask("GET", TARGET, &lines(&headers)).await;
        client.wait_for_data().await;
        clients.push(client);
    }
    metric_becomes(server, "chunkwire_chunks_alive", READERS as f64).await;
    for round in 0..10 {
        for client in &mut clients {
            let mut part = [0; 7000];
            soon(client.stream.read_exact(&mut part)).await.unwrap();
            assert!(round > 0 || part.windows(24).any(|line| line.eq_ignore_ascii_case(b"\r\ncontent-encoding: gzip")));
        }
        let mut observer = Client::connect(server).await;
        assert!(metric_over(&mut observer, "chunkwire_chunks_alive").await <= READERS as f64);
    }
    drop(clients);
    metric_becomes(server, "chunkwire_chunks_alive", 0.0).await;

    let client = Http2::connect(server, 0).await;
    let mut streams = Vec::new();
    for _ in 0..READERS {
        streams.push(ask_http2(&client, "GET", TARGET, &headers).await);
    }
    metric_becomes(server, "chunkwire_chunks_alive", READERS as f64).await;
    drop((streams, client));
    metric_becomes(server, "chunkwire_chunks_alive", 0.0).await;
}

/// Yields some records and then waits for ever.
struct Pausing(u32);

impl Stream for Pausing {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        self.0 += 1;
        if self.0 > 3 { Poll::Pending } else { Poll::Ready(Some(self.0)) }
    }
}

#[tokio::test]
async fn what_a_source_yielded_before_a_pause_can_be_decoded_at_once() {
    let paused = get(async || JsonBody::from_stream(Format::Lines, Pausing(0)).into_response().into_response());
    let server = failing::serve_router(&config(), |router| router.route("/paused", paused));
    let headers = [("accept-encoding", "gzip")];

    let mut client = Client::connect(server).await;
    client.ask("GET", "/paused", &lines(&headers)).await;
    assert_eq!(soon(Response::read_head(&mut client.stream)).await.header("content-encoding"), Some("gzip"));
    assert_eq!(begun(&client.chunk().await).0, b"1\n2\n3\n");

    let client = Http2::connect(server, WIDE).await;
    let mut body = ask_http2(&client, "GET", "/paused", &headers).await.into_body();
    assert_eq!(begun(&soon(body.data()).await.unwrap().unwrap()).0, b"1\n2\n3\n");
}

#[tokio::test]
async fn what_is_counted_is_what_is_sent() {
    let server = serve(&config());
    let before = metric_over(&mut Client::connect(server).await, "chunkwire_body_bytes_total").await;
    let metrics = Client::connect(server).await.get("/metrics").await.body.len() as f64;
    let body = Version::Http1.get(server, "/api/v1/users?limit=20000", "gzip").await.body;
    assert!(body.len() > 2 * CHUNK_SIZE);
    let counted = metric_over(&mut Client::connect(server).await, "chunkwire_body_bytes_total").await - before;
    // The texts of the metrics themselves differ by some digits.
    let others = counted - body.len() as f64;
    assert!((metrics * 1.5..metrics * 2.5).contains(&others), "{counted} bytes, {} of them in gzip", body.len());
}

#[tokio::test]
async fn it_can_be_turned_off_and_has_a_level() {
    let mut off: Config = config();
    off.compression = None;
    for version in VERSIONS {
        let received = version.get(serve(&off), "/api/v1/users", "gzip").await;
        assert!(!received.is_gzip() && received.header("vary") == Some("accept"), "{version:?} {:?}", received.headers);
    }
    let size = async |options: &[&str]| {
        let server = Process::start(chunkwire(&[&["--listen", "127.0.0.1:0"], options].concat())).await;
        Version::Http1.get(server.address, "/api/v1/users", "gzip").await.body.len()
    };
    let sizes = [&["--no-compression"][..], &["--compression-level=1"], &[], &["--compression-level", "9"]];
    let mut measured = Vec::new();
    for options in sizes {
        measured.push(size(options).await);
    }
    assert!(measured.is_sorted_by(|larger, smaller| larger > smaller), "{measured:?}");
}

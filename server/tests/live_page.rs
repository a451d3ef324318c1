//! Promise: an operator sees what the server does, as a page that needs no script and as lines, and sees the same as
//! in the metrics; looking on holds up no shutdown.

mod support;

use std::future::pending;
use std::net::SocketAddr;

use chunkwire_server::Server;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::http2_client::{Client as Http2, WIDE};
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use serde_json::Value;
use support::program::chunkwire;
use support::server::{config, metric, metric_becomes, serve};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// Reads the lines of a feed as they come.
struct Feed(Lines<BufReader<TcpStream>>);

impl Feed {
    async fn open(address: SocketAddr) -> Self {
        let mut tcp = soon(TcpStream::connect(address)).await.unwrap();
        let request = format!("GET /live HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        soon(tcp.write_all(request.as_bytes())).await.unwrap();
        Self(BufReader::new(tcp).lines())
    }

    /// The next sample, or nothing if the feed has ended as a whole.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let line = soon(self.0.next_line()).await.unwrap().expect("the feed is cut");
            match &*line {
                "0" => return None,
                line if line.starts_with('{') => return Some(serde_json::from_str(line).unwrap()),
                _ => {}
            }
        }
    }

    /// Awaits a sample with a figure.
    async fn until(&mut self, key: &str, expected: impl Fn(f64) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..20 {
            last = self.next().await.expect("more samples");
            if last[key].as_f64().is_some_and(&expected) {
                return last;
            }
        }
        panic!("{key} stays at {last}");
    }
}

async fn page(client: &mut Client) -> (Response, String) {
    let response = client.get("/").await;
    let html = String::from_utf8(response.body.clone()).unwrap();
    (response, html)
}

#[tokio::test]
async fn the_page_is_text_without_its_script() {
    let address = serve(&config());
    let mut client = Client::connect(address).await;
    let mut feed = Feed::open(address).await;
    // Both are open in the samples that follow as well, of which the page shows the last.
    feed.until("connections_open", |open| open == 2.0).await;
    let (response, html) = page(&mut client).await;
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
    let text = html.split("<script>").next().unwrap();
    for part in [
        "<h3>Connections</h3><p class=\"value\">2</p>",
        "<h3>Requests</h3><p class=\"value\">0/s</p>",
        "<a href=\"/api/v1/users?limit=3\">",
        "wrk -t2 -c1000 -d60s &#39;http://localhost/api/v1/users&#39;",
        "<code>/api/v1/users/{id}</code>",
        "<code>limit</code>: a whole number from 0 to 1000000, by default 1000",
        "<a href=\"/live\">/live</a>",
    ] {
        assert!(text.contains(part), "there is no {part} in {text}");
    }
    assert!(!html.contains("src=") && !html.contains("@import"), "it loads something");
    // Every link leads somewhere.
    let targets = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for target in targets.filter(|target| !target.starts_with("data:") && !target.ends_with("/live")) {
        assert_eq!(client.get(&target.replace("&amp;", "&")).await.status, 200, "{target}");
    }
    let head = client.head("/").await;
    assert_eq!(head.header("content-length"), Some(&*html.len().to_string()));
    assert_eq!(Http2::connect(address, WIDE).await.get("/").await.status(), 200);
}

#[tokio::test]
async fn its_headers_let_nothing_else_in() {
    let address = serve(&config());
    let (page, html) = page(&mut Client::connect(address).await).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!html.contains(" style=") && !html.contains(" onclick="), "what the policy refuses");
    let mut client = Client::connect(address).await;
    client.ask("GET", "/live", "").await;
    let feed = Response::read_head(&mut client.stream).await;
    for header in [page.header("x-content-type-options"), feed.header("x-content-type-options")] {
        assert_eq!(header, Some("nosniff"));
    }
    for header in [page.header("cache-control"), feed.header("cache-control")] {
        assert_eq!(header, Some("no-store"));
    }
    assert_eq!(feed.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(feed.header("x-accel-buffering"), Some("no"));
    // What a client says of the host is no markup.
    let mut client = Client::connect(address).await;
    client.send("GET / HTTP/1.1\r\nHost: a'&b\r\n\r\n").await;
    let named = String::from_utf8(client.response().await.body).unwrap();
    assert!(named.contains("http://a&#39;&amp;b/api/v1/users") && !named.contains("a'&b"), "{named}");
}

#[tokio::test]
async fn the_feed_says_what_the_metrics_say() {
    let address = serve(&config());
    let mut feed = Feed::open(address).await;
    let first = feed.next().await.unwrap();
    assert_eq!(first["responses_total"], 0);
    assert_eq!(first["database_connections_leased"], Value::Null);

    let mut client = Client::connect(address).await;
    for _ in 0..5 {
        client.get("/api/v1/users").await;
    }
    // Of the samples in which the five are, one has three of them at least.
    let after = feed.until("sent_bytes_per_second", |rate| rate > 100_000.0).await;
    assert!(after["responses_per_second"].as_f64().unwrap() > 0.0, "{after}");
    let mut stalled = Client::with_little_room(address).await;
    stalled.ask("GET", "/api/v1/users?limit=100000", "").await;
    let seen = feed.until("responses_stalled", |stalled| stalled == 1.0).await;
    assert_eq!((&seen["connections_open"], &seen["chunks_alive"]), (&3.into(), &1.into()));
    for (key, name, apart) in [
        ("responses_total", "chunkwire_response_statuses_total", 0.0),
        ("sent_bytes_total", "chunkwire_sent_bytes_total", 20_000.0),
        ("chunks_alive", "chunkwire_chunks_alive", 0.0),
        ("responses_stalled", "chunkwire_responses_stalled", 0.0),
        ("process_memory_bytes", "process_resident_memory_bytes", 20e6),
    ] {
        let (shown, counted) = (seen[key].as_f64().unwrap(), metric(address, name).await);
        // Each look at the metrics is a response more.
        let own = if key == "responses_total" { counted - shown } else { 0.0 };
        assert!((shown - counted).abs() <= apart + own && own < 6.0, "{key} is {shown}, {name} {counted}");
    }

    // A client that comes later has what was before.
    let mut later = Feed::open(address).await;
    assert_eq!(later.next().await.unwrap(), first);
}

/// Through gzip as well, each line comes when it is taken.
#[tokio::test]
async fn each_sample_is_sent_at_once() {
    let address = serve(&config());
    let mut client = Client::connect(address).await;
    client.ask("GET", "/live", "Accept-Encoding: gzip\r\n").await;
    assert_eq!(Response::read_head(&mut client.stream).await.header("content-encoding"), Some("gzip"));
    for _ in 0..3 {
        assert!(!client.chunk().await.is_empty());
    }
}

#[tokio::test]
async fn a_shutdown_waits_for_no_feed_and_cuts_none() {
    for with_admin in [false, true] {
        let mut config = config();
        config.admin_listen = with_admin.then(|| "127.0.0.1:0".parse().unwrap());
        let server = Server::bind(&config).unwrap();
        let admin = server.admin_addrs().unwrap();
        let address = admin.first().map_or_else(|| server.local_addr().unwrap(), |admin| admin.tcp().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(async { stopped.await.unwrap() }));
        let mut feed = Feed::open(address).await;
        feed.next().await.unwrap();
        stop.send(()).unwrap();
        while feed.next().await.is_some() {}
        assert_eq!(soon(serving).await.unwrap(), 0, "with an address of its own: {with_admin}");
    }
}

#[tokio::test]
async fn the_admin_address_has_page_feed_and_metrics_alone() {
    let mut config = config();
    config.admin_listen = Some("127.0.0.1:0".parse().unwrap());
    let server = Server::bind(&config).unwrap();
    let (public, admin) = (server.local_addr().unwrap(), server.admin_addrs().unwrap()[0].tcp().unwrap());
    tokio::spawn(server.serve(pending()));
    let mut client = Client::connect(public).await;
    for path in ["/", "/live", "/metrics"] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    let mut operator = Client::connect(admin).await;
    for path in ["/", "/metrics", "/healthz", "/readyz"] {
        assert_eq!(operator.get(path).await.status, 200, "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(client.get(path).await.status, 200, "{path}");
    }
    let lost = operator.get("/api/v1/users").await;
    let said = String::from_utf8(lost.body).unwrap();
    assert!(
        lost.status == 404 && said.contains("try /healthz, /readyz, /, /live, /metrics or /openapi.json"),
        "{said}"
    );
    let (_, html) = page(&mut Client::connect(admin).await).await;
    let users = format!("<a href=\"http://localhost:{}/api/v1/users?limit=3\">", public.port());
    assert!(html.contains(&users) && html.contains("<a href=\"/metrics\">"), "{html}");

    // A client of the feed is in none of the figures.
    let mut feed = Feed::open(admin).await;
    assert_eq!(feed.next().await.unwrap()["connections_open"], 1);
    metric_becomes(admin, "chunkwire_connections_open", 1.0).await;
}

#[tokio::test]
async fn the_program_says_where_the_page_is() {
    let mut server = Process::start(chunkwire(&["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])).await;
    let line = server.logged("the page").await;
    let address = line.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
    let (_, html) = page(&mut Client::connect(address.parse::<SocketAddr>().unwrap()).await).await;
    assert!(html.contains("<h3>Process memory</h3>"));
}

//! Promise: how every response ended can be seen, in metrics that Prometheus takes and in a log that is off by default.

mod support;

use std::process::Stdio;

use chunkwire_server::Server;
use chunkwire_test_support::client::Client;
use chunkwire_test_support::http2_client::{Client as Http2, WIDE};
use chunkwire_test_support::process::{Process, is_installed};
use chunkwire_test_support::time::soon;
use support::program::chunkwire;
use support::server::{config, metric, metric_becomes, serve};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

#[tokio::test]
async fn metrics_count_what_was_sent_and_how_it_ended() {
    let address = serve(&config());
    let mut client = Client::connect(address).await;
    let mut bytes = 0;
    for (accept, target) in [("*/*", "/api/v1/users?limit=500"), ("application/x-ndjson", "/api/v1/users?limit=7")] {
        client.ask("GET", target, &format!("Accept: {accept}\r\n")).await;
        bytes += client.response().await.body.len();
    }
    client.head("/api/v1/users").await;
    let mut gone = Client::with_little_room(address).await;
    gone.ask("GET", "/api/v1/users?limit=1000000", "").await;
    gone.wait_for_data().await;
    assert_eq!(metric(address, "chunkwire_records_total").await, 507.0);
    metric_becomes(address, "chunkwire_chunks_alive", 1.0).await;
    drop(gone);

    metric_becomes(address, "chunkwire_responses_total{format=\"array\",outcome=\"client_gone\"}", 1.0).await;
    metric_becomes(address, "chunkwire_chunks_alive", 0.0).await;
    assert_eq!(metric(address, "chunkwire_chunks_alive_max").await, 1.0);
    assert!(metric(address, "chunkwire_body_bytes_total").await > bytes as f64);
    for (format, count) in [("array", 2.0), ("lines", 1.0)] {
        let name = format!("chunkwire_responses_total{{format=\"{format}\",outcome=\"complete\"}}");
        assert_eq!(metric(address, &name).await, count, "{format}");
    }
    assert!(metric(address, "chunkwire_response_duration_seconds_count").await >= 4.0);
    assert!(metric(address, "chunkwire_time_to_first_byte_seconds_count").await >= 4.0);
    #[cfg(target_os = "linux")]
    {
        assert!(metric(address, "process_resident_memory_bytes").await > 0.0);
    }
}

#[tokio::test]
async fn streams_are_counted_while_they_are_open() {
    let address = serve(&config());
    // Without a window the response can't end.
    let mut client = Http2::connect(address, 0).await;
    let mut responses = Vec::new();
    for open in [1.0, 2.0] {
        responses.push(client.get("/api/v1/users").await);
        assert_eq!(metric(address, "chunkwire_streams_open").await, open);
    }
    responses.pop();
    metric_becomes(address, "chunkwire_streams_open", 1.0).await;
    client.end.abort();
    metric_becomes(address, "chunkwire_streams_open", 0.0).await;
}

/// The kernel counts in large steps: what few connections have may be none.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_memory_of_what_nobody_reads_is_counted() {
    let address = serve(&config());
    let mut unread = Vec::new();
    while metric(address, "chunkwire_kernel_tcp_memory_bytes").await < 1_000_000.0 {
        let mut client = Client::connect(address).await;
        client.ask("GET", "/api/v1/users?limit=1000000", "").await;
        client.wait_for_data().await;
        unread.push(client);
        assert!(unread.len() < 1000, "1,000 clients read nothing, and the kernel keeps less than 1 MB");
    }
}

/// Heads that hyper refuses, and by what.
const REFUSED: [(&str, u16); 3] =
    [("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", 400), ("GET /` HTTP/1.1\r\n\r\n", 400), ("\x16\x03\x01\r\n\r\n", 400)];

#[tokio::test]
async fn every_response_is_counted_by_the_class_of_its_status() {
    let address = serve(&config());
    let class =
        async |class: &str| metric(address, &format!("chunkwire_response_statuses_total{{class=\"{class}\"}}")).await;
    let mut client = Client::connect(address).await;
    for target in ["/healthz", "/nowhere", "/api/v1/users?limit=x", "/api/v1/users/1"] {
        client.get(target).await;
    }
    assert_eq!(class("4xx").await, 2.0);
    assert_eq!(class("5xx").await, 0.0);
    assert!(class("2xx").await >= 4.0);
    for (head, status) in REFUSED {
        let mut client = Client::connect(address).await;
        client.send(head).await;
        assert_eq!(client.response().await.status, status, "{head:?}");
    }
    let mut client = Client::connect(address).await;
    client.send(&format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "x".repeat(20_000))).await;
    assert_eq!(client.response().await.status, 431);
    metric_becomes(address, "chunkwire_response_statuses_total{class=\"4xx\"}", 6.0).await;
    // A preface of HTTP/2 gets settings, and no response.
    let mut client = Client::connect(address).await;
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    client.wait_for_data().await;
    assert_eq!(class("4xx").await, 6.0);
}

/// The lines of a metric.
async fn lines_of(address: std::net::SocketAddr, name: &str) -> Vec<String> {
    let text = String::from_utf8(Client::connect(address).await.get("/metrics").await.body).unwrap();
    text.lines().filter(|line| line.starts_with(name)).map(str::to_owned).collect()
}

#[tokio::test]
async fn responses_are_counted_by_class_and_route_and_no_label_is_a_clients() {
    let address = serve(&config());
    let mut client = Client::connect(address).await;
    let ids = (1..=20).map(|id| format!("/api/v1/users/{id}"));
    let nowhere = (1..=20).map(|n| format!("/nowhere/{n}"));
    let others = ["/api/v1/users?limit=3", "/api/v1/users?limit=x", "/api/v1/users/x", "/healthz", "/a\u{85}"];
    for target in ids.chain(nowhere).chain(others.map(str::to_owned)) {
        client.get(&target).await;
    }
    let mut client = Client::connect(address).await;
    for method in ["POST", "OPTIONS"] {
        client.ask(method, "/healthz", "").await;
        client.response().await;
    }
    for (class, route, count) in [
        ("2xx", "/api/v1/users", 1.0),
        ("4xx", "/api/v1/users", 1.0),
        ("2xx", "/api/v1/users/{id}", 20.0),
        ("4xx", "/api/v1/users/{id}", 1.0),
        ("2xx", "/healthz", 2.0),
        ("4xx", "/healthz", 1.0),
        ("4xx", "none", 21.0),
    ] {
        let name = format!("chunkwire_responses_total{{class=\"{class}\",route=\"{route}\"}}");
        assert_eq!(metric(address, &name).await, count, "{name}");
        let name = format!("chunkwire_response_duration_seconds_count{{route=\"{route}\"}}");
        assert!(metric(address, &name).await >= count, "{name}");
    }
    // Those of /metrics itself are one more.
    let responses = lines_of(address, "chunkwire_responses_total").await;
    assert_eq!(responses.len(), 8, "{responses:?}");
}

#[tokio::test]
async fn what_was_built_is_told() {
    let info = lines_of(serve(&config()), "chunkwire_build_info").await;
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        info.len() == 1 && info[0].contains(&format!("version=\"{version}\"")) && info[0].ends_with("} 1"),
        "{info:?}"
    );
    assert_eq!(info[0].contains("tls"), cfg!(feature = "tls"), "{info:?}");
}

#[tokio::test]
async fn heads_that_are_refused_have_a_line() {
    let mut server = Process::start(chunkwire(&["--listen", "127.0.0.1:0", "--access-log"])).await;
    for (head, status) in REFUSED {
        let mut client = Client::connect(server.address).await;
        client.send(head).await;
        server.logs(&format!("status={status} outcome=\"head_refused\"")).await;
    }
}

#[tokio::test]
async fn metrics_have_an_address_of_their_own_by_option() {
    let mut config = config();
    config.admin_listen = Some("127.0.0.1:0".parse().unwrap());
    let server = Server::bind(&config).unwrap();
    let (public, private) = (server.local_addr().unwrap(), server.admin_addrs().unwrap()[0].tcp().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async { stopped.await.unwrap() }));
    let mut client = Client::connect(public).await;
    assert_eq!(client.get("/metrics").await.status, 404);
    assert_eq!(Client::connect(private).await.get("/api/v1/users").await.status, 404);
    let before = metric(private, "chunkwire_response_statuses_total").await;
    assert_eq!(client.get("/healthz").await.status, 200);
    metric_becomes(private, "chunkwire_response_statuses_total", before + 1.0).await;

    // They can be read until the last response has ended.
    let mut reader = Client::with_little_room(public).await;
    reader.ask("GET", "/api/v1/users?limit=100000", "").await;
    reader.wait_for_data().await;
    stop.send(()).unwrap();
    assert!(client.is_closed().await);
    metric_becomes(private, "chunkwire_connections_open", 1.0).await;
    assert!(reader.response().await.complete);
    assert_eq!(soon(serving).await.unwrap(), 0);
}

/// Escapes of terminals, ends of lines, spaces that part fields, and what turns the direction of text.
#[tokio::test]
async fn no_line_has_what_a_client_could_forge_it_with() {
    let server = Process::start(chunkwire(&["--listen", "127.0.0.1:0", "--access-log"])).await;
    let hostile = [
        "\u{85}", "\u{9b}", "\u{a0}", "\u{ad}", "\u{200b}", "\u{2028}", "\u{202e}", "\u{2066}", "\u{3000}", "\u{feff}",
    ];
    let mut client = Client::connect(server.address).await;
    for character in hostile {
        client = Client::connect(server.address).await;
        assert_eq!(client.get(&format!("/a{character}status=200")).await.status, 400);
    }
    drop(client);
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    for character in hostile {
        assert!(!log.contains(character), "{}: {log:?}", character.escape_unicode());
        assert!(log.contains(&format!("uri=/a{}status=200 ", character.escape_unicode())), "{log}");
    }
}

#[tokio::test]
async fn promtool_accepts_the_metrics() {
    if !is_installed("promtool").await {
        return;
    }
    let address = serve(&config());
    let mut client = Client::connect(address).await;
    client.get("/api/v1/users").await;
    let metrics = client.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4"));
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = promtool.spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(&metrics.body).await.unwrap();
    let output = soon(promtool.wait_with_output()).await.unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
}

#[tokio::test]
async fn the_access_log_has_a_line_for_each_response_when_it_is_wanted() {
    let mut server = Process::start(chunkwire(&["--listen", "127.0.0.1:0", "--access-log"])).await;
    let mut client = Client::connect(server.address).await;
    client.get("/api/v1/users?limit=3").await;
    let first = "method=GET uri=/api/v1/users?limit=3 version=HTTP/1.1 status=200 format=\"array\" records=3";
    server.logs(first).await;
    client.get("/nowhere").await;
    server.logs("uri=/nowhere version=HTTP/1.1 status=404 format=\"other\" records=0").await;
    client.head("/api/v1/users").await;
    server.logs("method=HEAD uri=/api/v1/users version=HTTP/1.1 status=200 format=\"array\" records=0 bytes=0").await;
    client.ask("GET", "/api/v1/users?limit=1000000", "").await;
    client.wait_for_data().await;
    drop(client);
    server.logs("outcome=\"client_gone\"").await;

    Client::connect(server.address).await.send("GET /old HTTP/1.0\r\n\r\n").await;
    server.logs("uri=/old version=HTTP/1.0 status=404").await;
    Http2::connect(server.address, WIDE).await.get("/new").await;
    server.logs("method=GET uri=/new version=HTTP/2.0 status=404").await;
}

#[tokio::test]
async fn requests_are_traced_if_the_log_wants_it() {
    let mut command = chunkwire(&["--listen", "127.0.0.1:0"]);
    command.env("RUST_LOG", "tower_http=debug");
    let mut server = Process::start(command).await;
    Client::connect(server.address).await.get("/api/v1/users?limit=3").await;
    server.logs("uri=/api/v1/users?limit=3").await;
}

#[tokio::test]
async fn the_access_log_is_off_by_default() {
    let server = Process::start(chunkwire(&["--listen", "127.0.0.1:0"])).await;
    Client::connect(server.address).await.get("/api/v1/users").await;
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(log.contains("stopping") && !log.contains("access"), "{log}");
}

//! Promise: how every response ended can be seen, in metrics that Prometheus takes and in a log that is off by default.

mod support;

use std::process::Stdio;

use chunkwire_test_support::client::Client;
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
        // The kernel counts in large steps and may well be at none.
        assert!(metric(address, "chunkwire_kernel_tcp_memory_bytes").await >= 0.0);
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
    server.logs("method=GET target=/api/v1/users?limit=3 status=200 format=\"array\" records=3").await;
    client.get("/nowhere").await;
    server.logs("target=/nowhere status=404 format=\"other\" records=0").await;
    client.head("/api/v1/users").await;
    server.logs("method=HEAD target=/api/v1/users status=200 format=\"array\" records=0 bytes=0").await;
    client.ask("GET", "/api/v1/users?limit=1000000", "").await;
    client.wait_for_data().await;
    drop(client);
    server.logs("outcome=\"client_gone\"").await;
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

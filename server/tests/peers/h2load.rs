//! h2load: many connections with many streams, whole and when the server is told to stop.

use std::net::SocketAddr;
use std::process::Stdio;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{Process, is_installed};
use chunkwire_test_support::time::soon;
use tokio::process::Command;

use crate::support::program::chunkwire;
use crate::support::server::{metric_becomes, metric_over};
use crate::support::wire::Wire;

const TARGET: &str = "/api/v1/users?limit=1000";
const WHOLE: &str = "chunkwire_responses_total{format=\"array\",outcome=\"complete\"}";

/// What h2load has counted.
#[derive(Debug)]
struct Seen {
    /// Requests that were responded to as they should be.
    succeeded: usize,
    /// Requests that were not.
    failed: usize,
    /// Bytes of bodies.
    bytes: usize,
}

fn h2load(wire: &Wire, server: SocketAddr, requests: &str) -> Command {
    let mut command = Command::new("h2load");
    let url = format!("{}://{server}{TARGET}", wire.scheme());
    command.args(["-n", requests, "-c", "20", "-m", "10", &url]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

/// The number before a word of the report's line of that name.
fn number(report: &str, line: &str, before: &str) -> usize {
    let line = report.lines().find(|other| other.starts_with(line)).unwrap_or_else(|| panic!("no {line}: {report}"));
    let number = line.split(before).next().unwrap().trim_end_matches([' ', ')']).rsplit([' ', '(']).next().unwrap();
    number.parse().unwrap_or_else(|_| panic!("{line}"))
}

/// What h2load has seen over a wire, by HTTP/2: which both have agreed on under TLS, while it offers HTTP/1.1 too.
fn seen(wire: &Wire, report: &[u8]) -> Seen {
    let report = str::from_utf8(report).unwrap();
    let protocol = if wire.is_tls() { "h2" } else { "h2c" };
    assert!(report.lines().any(|line| line == format!("Application protocol: {protocol}")), "{report}");
    Seen {
        succeeded: number(report, "requests:", " succeeded"),
        failed: number(report, "requests:", " failed"),
        bytes: number(report, "traffic:", " data"),
    }
}

on_every_wire!(every_stream_gets_all_its_bytes, no_stream_is_cut_under_load);

async fn every_stream_gets_all_its_bytes(wire: &Wire) {
    if !is_installed("h2load").await {
        return;
    }
    let server = Process::start(chunkwire(&wire.options(&["--listen", "127.0.0.1:0"]))).await;
    let mut client = Client::connect(wire.remote(server.address)).await;
    let length = client.get(TARGET).await.body.len();
    let seen = seen(wire, &soon(h2load(wire, server.address, "2000").output()).await.unwrap().stdout);
    assert_eq!((seen.succeeded, seen.failed, seen.bytes), (2000, 0, 2000 * length), "{seen:?}");
    metric_becomes(&wire.remote(server.address), "chunkwire_chunks_alive", 0.0).await;
}

/// Those that had begun finish after the GOAWAY. h2load never asks again for what came later.
async fn no_stream_is_cut_under_load(wire: &Wire) {
    if !is_installed("h2load").await {
        return;
    }
    let mut server = Process::start(chunkwire(&wire.options(&["--listen", "127.0.0.1:0"]))).await;
    let mut client = Client::connect(wire.remote(server.address)).await;
    let length = client.get(TARGET).await.body.len();
    let load = h2load(wire, server.address, "10000000").spawn().unwrap();
    soon(async { while metric_over(&mut client, WHOLE).await < 1000.0 {} }).await;
    server.signal("TERM").await;
    server.logs("stopping").await;
    assert_eq!(server.exit().await.code(), Some(0), "something was cut");
    let seen = seen(wire, &soon(load.wait_with_output()).await.unwrap().stdout);
    assert!(seen.succeeded >= 900 && seen.bytes == seen.succeeded * length, "{seen:?}, {length} bytes each");
}

#[test]
fn numbers_are_read_from_a_report() {
    let report = "Application protocol: h2c\n\
                  requests: 20 total, 20 started, 20 done, 19 succeeded, 1 failed, 0 errored, 0 timeout\n\
                  traffic: 1.91MB (2001234) total, 1.00KB (1024) headers (space savings 90%), 1.90MB (2000000) data\n";
    let seen = seen(&Wire::Plain, report.as_bytes());
    assert_eq!((seen.succeeded, seen.failed, seen.bytes), (19, 1, 2_000_000));
}

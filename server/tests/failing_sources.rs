//! Promise: no client takes a response that could not be completed for a whole one, whatever it speaks.

mod support;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{is_installed, output};
use chunkwire_test_support::time::soon;
use support::failing::serve;
use support::server::metric_becomes;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// How many records come before the failure, and whether that is seen before the head.
const BEFORE: [(usize, u16); 4] = [(0, 500), (1, 200), (150, 200), (10_000, 200)];

#[tokio::test]
async fn all_that_was_produced_arrives_before_the_cut() {
    let address = serve();
    for how in ["failure", "panic"] {
        for (records, status) in BEFORE {
            let mut client = Client::connect(address).await;
            let response = client.get(&format!("/{how}/{records}")).await;
            assert_eq!((response.status, response.complete), (status, records == 0), "{how} after {records}");
            if records == 0 {
                assert_eq!(response.header("content-type"), Some("application/problem+json"));
                assert_eq!(response.json()["status"], 500);
            } else {
                assert_eq!(response.body.len(), records * 100, "{how} after {records}");
                assert!(client.is_closed().await);
            }
        }
    }
    assert!(Client::connect(address).await.get("/end/100").await.complete, "others are served on");
}

#[tokio::test]
async fn a_service_that_panics_answers_500_and_closes() {
    let address = serve();
    for target in ["/call/1", "/service/1"] {
        let mut client = Client::connect(address).await;
        assert_eq!(client.get("/end/1").await.status, 200);
        assert_eq!(client.get(target).await.json()["status"], 500);
        assert!(client.is_closed().await);
    }
}

/// HTTP/1.0 has no chunked coding: nothing but a reset tells a part from the whole.
#[tokio::test]
async fn an_http_1_0_connection_is_reset() {
    let address = serve();
    for (target, complete) in
        [("/end/10000", true), ("/failure/1", false), ("/failure/10000", false), ("/panic/9", false)]
    {
        let mut client = Client::connect(address).await;
        client.send(&format!("GET {target} HTTP/1.0\r\n\r\n")).await;
        let mut response = Vec::new();
        let read = soon(client.stream.read_to_end(&mut response)).await;
        assert_eq!(read.is_ok(), complete, "{target}: {read:?}");
        assert!(!complete || response.ends_with(b"the end\"]"));
    }
}

#[tokio::test]
async fn curl_sees_the_cut() {
    if !is_installed("curl").await {
        return;
    }
    let address = serve();
    for (version, how, records, expected) in [
        ("--http1.1", "end", 10_000, &[0][..]),
        ("--http1.0", "end", 10_000, &[0]),
        // With --fail: the server said that it failed.
        ("--http1.1", "failure", 0, &[22]),
        ("--http1.0", "failure", 0, &[22]),
        ("--http1.1", "panic", 0, &[22]),
        // The transfer was closed with data outstanding.
        ("--http1.1", "failure", 1, &[18]),
        ("--http1.1", "failure", 150, &[18]),
        ("--http1.1", "failure", 10_000, &[18]),
        ("--http1.1", "panic", 1, &[18]),
        ("--http1.1", "panic", 10_000, &[18]),
        // The connection was reset.
        ("--http1.0", "failure", 1, &[56]),
        ("--http1.0", "failure", 150, &[56]),
        ("--http1.0", "failure", 10_000, &[56]),
        ("--http1.0", "panic", 150, &[56]),
    ] {
        let mut curl = Command::new("curl");
        curl.args(["-s", "--fail", "-o", "/dev/null", version, &format!("http://{address}/{how}/{records}")]);
        let status = output(curl).await.status.code().unwrap();
        assert!(expected.contains(&status), "{version} {how} after {records} records: exit code {status}");
    }
}

/// What a client that is a script prints about all the ways to fail.
async fn printed_by(program: &str, script: &str) -> Option<String> {
    if !is_installed(program).await {
        return None;
    }
    let mut command = Command::new(program);
    let flag = if program == "node" { "-e" } else { "-c" };
    let output = output({
        command.args([flag, script, &format!("http://{}", serve())]);
        command
    });
    let output = soon(output).await;
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

const SEEN: &str = "\
/end/10000 200 whole
/failure/0 500 whole
/failure/1 200 cut
/failure/150 200 cut
/failure/10000 200 cut
/panic/0 500 whole
/panic/150 200 cut
/panic/10000 200 cut
";

#[tokio::test]
async fn python_sees_the_cut() {
    const SCRIPT: &str = r#"
import http.client, sys
for target in "/end/10000 /failure/0 /failure/1 /failure/150 /failure/10000 /panic/0 /panic/150 /panic/10000".split():
    connection = http.client.HTTPConnection(sys.argv[1].removeprefix("http://"), timeout=30)
    connection.request("GET", target)
    response = connection.getresponse()
    try:
        response.read()
        print(target, response.status, "whole")
    except http.client.IncompleteRead:
        print(target, response.status, "cut")
"#;
    if let Some(printed) = printed_by("python3", SCRIPT).await {
        assert_eq!(printed, SEEN);
    }
}

#[tokio::test]
async fn node_sees_the_cut() {
    const SCRIPT: &str = r#"
(async () => {
    const targets = "/end/10000 /failure/0 /failure/1 /failure/150 /failure/10000 /panic/0 /panic/150 /panic/10000";
    for (const target of targets.split(" ")) {
        const response = await fetch(process.argv[1] + target);
        const seen = await response.text().then(() => "whole", () => "cut");
        console.log(target, response.status, seen);
    }
    process.exit(0);
})();
"#;
    if let Some(printed) = printed_by("node", SCRIPT).await {
        assert_eq!(printed, SEEN);
    }
}

/// The source of a response whose client has left is not asked until it fails: it is dropped, and told apart.
#[tokio::test]
async fn a_client_that_leaves_before_the_failure_never_sees_it_happen() {
    const GONE: &str = "chunkwire_responses_total{format=\"other\",outcome=\"client_gone\"}";
    const FAILED: &str = "chunkwire_responses_total{format=\"other\",outcome=\"source_failed\"}";
    let address = serve();
    let mut client = Client::with_little_room(address).await;
    client.ask("GET", "/failure/10000", "").await;
    client.wait_for_data().await;
    drop(client);
    metric_becomes(address, GONE, 1.0).await;
    metric_becomes(address, "chunkwire_chunks_alive", 0.0).await;
    assert!(!Client::connect(address).await.get("/failure/10000").await.complete);
    metric_becomes(address, FAILED, 1.0).await;
    metric_becomes(address, GONE, 1.0).await;
}

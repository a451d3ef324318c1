//! Promise: the examples do what their first lines say.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chunkwire::CHUNK_SIZE;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::example::Example;
use chunkwire_test_support::tcp_table::tcp_table;
use chunkwire_test_support::time::soon;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Each example, with its further arguments and a path.
fn all() -> [(&'static str, Vec<String>, &'static str); 7] {
    let csv = csv_file("for_all.csv", 100_000).to_str().unwrap().to_owned();
    [
        ("axum", vec![], "/readings"),
        ("envelope", vec![], "/primes/0"),
        ("errors", vec![], "/orders"),
        ("file", vec![csv], "/rows"),
        ("hyper", vec![], "/"),
        ("serde", vec![], "/shipments"),
        ("tail", vec![], "/ticks"),
    ]
}

/// Awaits what has no event of its own.
async fn until(mut holds: impl FnMut() -> bool) {
    let holds = async {
        while !holds() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    soon(holds).await;
}

#[tokio::test]
async fn none_ends_when_it_has_no_more_files() {
    const MOST_FILES: usize = 32;
    for (name, arguments, path) in all() {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let example = Example::with_open_files(name, MOST_FILES, &arguments).await;
        let mut clients = Vec::new();
        for _ in 0..MOST_FILES {
            clients.push(Client::connect(example.address).await);
        }
        until(|| {
            let open = example.open_files();
            assert!(!open.is_empty(), "{name} has ended");
            // It may have inherited others.
            open.iter().filter(|number| **number < MOST_FILES).count() == MOST_FILES
        })
        .await;
        // It goes on for those that it has accepted, and there are others to be accepted.
        clients[0].ask("GET", path, "").await;
        soon(Response::read_head(&mut clients[0].stream)).await;

        drop(clients);
        let mut client = Client::connect(example.address).await;
        client.ask("GET", path, "").await;
        let response = soon(Response::read_head(&mut client.stream)).await;
        assert_eq!(response.status, 200, "{name}");
    }
}

/// The other two examples don't send enough.
#[tokio::test]
async fn all_hold_little_in_the_kernel_for_a_client_that_does_not_read() {
    for (name, arguments, path) in all().into_iter().filter(|(name, ..)| !["envelope", "tail"].contains(name)) {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let example = Example::start(name, &arguments).await;
        let mut client = Client::with_little_room(example.address).await;
        client.ask("GET", path, "").await;
        let ports = (example.address.port(), client.tcp().local_addr().unwrap().port());
        let queued = || {
            let sockets = tcp_table().into_iter();
            sockets.filter(|socket| (socket.local_port, socket.remote_port) == ports).map(|socket| socket.unsent).sum()
        };
        let mut before: usize = 0;
        until(|| {
            let now = queued();
            std::mem::replace(&mut before, now) == now && now > 0
        })
        .await;
        assert!(before < 3 * CHUNK_SIZE, "{name} has {before} bytes queued");
    }
}

async fn get(example: &Example, target: &str) -> Response {
    Client::connect(example.address).await.get(target).await
}

#[tokio::test]
async fn errors_answers_500_where_the_first_record_fails() {
    let example = Example::start("errors", &[]).await;
    let response = get(&example, "/no-table").await;
    assert_eq!(response.status, 500);
    assert!(response.complete);
}

#[tokio::test]
async fn errors_cuts_an_array_after_the_last_good_record() {
    let mut example = Example::start("errors", &[]).await;
    let response = get(&example, "/orders").await;
    assert_eq!((response.status, response.header("content-type")), (200, Some("application/json")));
    assert!(!response.complete);

    let closed = [&*response.body, b"]"].concat();
    let orders: Vec<Value> = serde_json::from_slice(&closed).unwrap();
    assert_eq!(orders.len(), 20_000);
    assert_eq!(orders[19_999], json!({ "id": 20_000, "name": "order 20000" }));
    assert_eq!(example.prints().await, "SourceFailed after 20000 orders");
}

#[tokio::test]
async fn errors_ends_lines_inside_of_a_record() {
    let example = Example::start("errors", &[]).await;
    let mut client = Client::connect(example.address).await;
    client.ask("GET", "/orders", "accept: application/x-ndjson\r\n").await;
    let response = client.response().await;
    assert_eq!((response.status, response.header("content-type")), (200, Some("application/x-ndjson")));
    assert_eq!(response.header("vary"), Some("accept"));
    assert!(!response.complete);
    assert!(response.body.ends_with(b"{\"id\":20000,\"name\":\"order 20000\"}\n{"));
}

#[tokio::test]
async fn what_examples_choose_by_accept_varies_with_it() {
    for (example, target) in [("errors", "/orders"), ("errors", "/no-table"), ("axum", "/readings")] {
        let example = Example::start(example, &[]).await;
        for (accept, expected) in [("*/*", None), ("application/jsonl; charset=utf-8", None), ("text/html", Some(406))]
        {
            let mut client = Client::connect(example.address).await;
            client.ask("HEAD", target, &format!("accept: {accept}\r\n")).await;
            let response = soon(Response::read_head(&mut client.stream)).await;
            let varies: Vec<_> = response.headers.iter().filter(|(name, _)| name == "vary").collect();
            assert!(varies.iter().any(|(_, value)| value == "accept"), "{target}, {accept}: {response:?}");
            assert!(expected.is_none_or(|status| status == response.status), "{target}, {accept}: {response:?}");
        }
    }
}

#[tokio::test]
async fn serde_sends_types_as_their_attributes_say() {
    let example = Example::start("serde", &[]).await;
    let shipments = get(&example, "/shipments").await.json();
    assert_eq!(shipments.as_array().unwrap().len(), 10_000);
    let note = "leave it at no. 100, \"round the back\"";
    let with_note = json!({ "trackingNumber": 4_000_100, "state": { "is": "on-the-way", "stops_left": 1 }, "note": note, "kg": 5.0 });
    assert_eq!(shipments[100], with_note);
    assert_eq!(shipments[9], json!({ "trackingNumber": 4_000_009, "state": { "is": "delivered" }, "kg": 2.25 }));
}

#[tokio::test]
async fn tail_sends_each_line_when_it_is_there() {
    let example = Example::start("tail", &[]).await;
    let mut client = Client::connect(example.address).await;
    client.ask("GET", "/ticks", "").await;
    let response = soon(Response::read_head(&mut client.stream)).await;
    assert_eq!(response.header("content-type"), Some("application/x-ndjson"));
    for number in 1..=3 {
        // A chunk that waits until it is full would hold hundreds of lines, and take more than a minute.
        let chunk = client.chunk().await;
        let tick: Value = serde_json::from_slice(&chunk).unwrap();
        assert_eq!(tick["number"], number);
    }
}

#[tokio::test]
async fn axum_streams_from_a_channel() {
    let example = Example::start("axum", &[]).await;
    let response = get(&example, "/readings").await;
    assert_eq!(response.header("x-accel-buffering"), Some("no"));
    let (full, [_, last]) = response.chunk_lines.split_last_chunk().unwrap();
    assert!(full.iter().all(|size| size == "4000") && last == "0", "{:?}", response.chunk_lines);
    let readings = response.json();
    assert_eq!(readings.as_array().unwrap().len(), 100_000);
    assert_eq!(readings[401], json!({ "sensor": "hall 2", "celsius": 0.1 }));
}

#[tokio::test]
async fn axum_compresses_for_a_client_that_asks_for_it() {
    let example = Example::start("axum", &[]).await;
    let client = reqwest::Client::builder().gzip(true).brotli(false).build().unwrap();
    let response = soon(client.get(format!("http://{}/readings", example.address)).send()).await.unwrap();
    let decoded = soon(response.bytes()).await.unwrap();
    let mut plain = Client::connect(example.address).await;
    plain.ask("GET", "/readings", "accept-encoding: gzip\r\n").await;
    let compressed = plain.response().await;
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
    assert!(compressed.complete && compressed.body.len() < decoded.len() / 2);
    assert!(decoded == get(&example, "/readings").await.body);
}

#[tokio::test]
async fn hyper_streams_in_whole_chunks() {
    let example = Example::start("hyper", &[]).await;
    let response = get(&example, "/").await;
    assert_eq!(response.header("content-type"), Some("application/json"));
    let squares = response.json();
    assert_eq!(squares.as_array().unwrap().len(), 100_000);
    assert_eq!(squares[99_999], 99_999_u64 * 99_999);
}

#[tokio::test]
async fn envelope_leads_from_page_to_page() {
    let example = Example::start("envelope", &[]).await;
    let first = get(&example, "/primes/0").await.json();
    assert_eq!((&first["after"], &first["count"], &first["next"]), (&json!(0), &json!(1000), &json!("/primes/7919")));
    assert_eq!((&first["primes"][0], &first["primes"][999]), (&json!(2), &json!(7919)));

    let second = get(&example, first["next"].as_str().unwrap()).await.json();
    assert_eq!((&second["after"], &second["primes"][0]), (&json!(7919), &json!(7927)));

    let of_the_docs = get(&example, "/primes/1000000").await.json();
    assert_eq!((&of_the_docs["primes"][0], &of_the_docs["next"]), (&json!(1_000_003), &json!("/primes/1013501")));
}

/// Writes a CSV file of `rows` rows for one test, and returns its path.
fn csv_file(name: &str, rows: usize) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "sku,\"the name, quoted\",cents").unwrap();
    for row in 0..rows {
        writeln!(file, "{row:07},\"a \"\"thing\"\" of {row}\",{}", row % 1000).unwrap();
    }
    path
}

#[tokio::test]
async fn file_makes_an_object_of_each_row() {
    let path = csv_file("rows.csv", 1000);
    let example = Example::start("file", &[path.to_str().unwrap()]).await;
    let rows = get(&example, "/rows").await.json();
    assert_eq!(rows.as_array().unwrap().len(), 1000);
    assert_eq!(rows[42], json!({ "sku": "0000042", "the name, quoted": "a \"thing\" of 42", "cents": "42" }));
}

#[tokio::test]
async fn file_never_has_the_file_in_memory() {
    let path = csv_file("many_rows.csv", 500_000);
    let example = Example::start("file", &[path.to_str().unwrap()]).await;
    let before = example.peak_rss();
    let response = get(&example, "/rows").await;
    assert!(response.complete && response.body.len() > 30_000_000, "{} bytes", response.body.len());
    let grown = example.peak_rss() - before;
    assert!(grown < 4_000_000, "the peak grew by {grown} bytes over {before}");
}

#[tokio::test]
async fn file_says_what_it_can_not_open() {
    let example = Example::start("file", &["/nowhere.csv"]).await;
    let response = get(&example, "/rows").await;
    assert_eq!(response.status, 500);
    assert!(response.body.starts_with(b"/nowhere.csv: "));
}

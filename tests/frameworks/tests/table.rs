//! Promise: what FRAMEWORKS.md says of each framework is so, over a real socket.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use chunkwire::{APPLICATION_JSON, Format};
use chunkwire_frameworks::source::{DROPPED, PULLED, RECORD, RECORDS};
use chunkwire_frameworks::{actix_web, axum, hyper, poem, rocket, salvo, warp};
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::records::{document, texts};
use chunkwire_test_support::time::soon;
use tokio::runtime::Builder;
use tokio::time::sleep;

const DOCUMENT: &str = include_str!("../../../FRAMEWORKS.md");
const LOCK: &str = include_str!("../Cargo.lock");

/// More than the kernels of both sides and a framework keep for a client that does not read, in bytes.
const MOST_AHEAD: usize = 16 << 20;

/// A row of the table.
struct Row {
    name: &'static str,
    version: &'static str,
    line: String,
    frames: &'static str,
    when_failed: &'static str,
}

impl Row {
    fn parse(row: &'static str) -> Self {
        let cells: Vec<_> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let [framework, line, frames, when_failed] = cells[..] else { panic!("four columns: {row}") };
        let (name, version) = framework.split_once(' ').expect("a version");
        Self { name, version, line: line.trim_matches('`').replace("\\|", "|"), frames, when_failed }
    }
}

fn rows() -> Vec<Row> {
    let section = DOCUMENT.split("\n## In your framework\n").nth(1).unwrap().split("\n## ").next().unwrap();
    section.lines().filter(|line| line.starts_with("| ")).skip(1).map(Row::parse).collect()
}

/// Returns the line of a framework's source that the table has.
fn line(source: &str) -> &str {
    source.split("// The line:\n").nth(1).unwrap().lines().next().unwrap().trim()
}

/// Runs a server on a thread and a runtime of its own, and returns its address.
fn start<F: Future<Output = ()>>(serve: impl FnOnce(Sender<SocketAddr>) -> F + Send + 'static) -> SocketAddr {
    let (listening, address) = mpsc::channel();
    std::thread::spawn(move || Builder::new_current_thread().enable_all().build().unwrap().block_on(serve(listening)));
    address.recv().unwrap()
}

async fn get(server: SocketAddr, target: &str) -> Response {
    Client::connect(server).await.get(target).await
}

/// Waits until a server waits for a client that does not read, and then until it has noticed that the client left.
async fn waits_for_its_client(server: SocketAddr, name: &str) {
    let (pulled, dropped) = (PULLED.load(SeqCst), DROPPED.load(SeqCst));
    let mut client = Client::with_little_room(server).await;
    client.ask("GET", "/endless", "").await;
    assert_eq!(soon(Response::read_head(&mut client.stream)).await.status, 200, "{name}");
    let pulled_for_it = async {
        let mut before = pulled;
        loop {
            // There is nothing to await: a server that does not wait would pull for ever.
            sleep(Duration::from_millis(100)).await;
            let now = PULLED.load(SeqCst);
            if now > pulled && now == before {
                return (now - pulled) * RECORD;
            }
            before = now;
        }
    };
    let ahead = soon(pulled_for_it).await;
    println!("{name} waits for its client after {ahead} bytes");
    assert!(ahead < MOST_AHEAD, "{name} was {ahead} bytes ahead of its client");

    drop(client);
    let is_dropped = async {
        while DROPPED.load(SeqCst) == dropped {
            sleep(Duration::from_millis(1)).await;
        }
    };
    soon(is_dropped).await;
}

#[tokio::test]
async fn each_line_streams_and_ends_as_the_table_says() {
    let whole = document(Format::Array, &texts(RECORD - 1, RECORDS).collect::<Vec<_>>());
    let rows = rows();
    assert_eq!(rows.len(), 7);
    for Row { name, version, line: given, frames, when_failed } in rows {
        let (source, server) = match name {
            "actix-web" => (include_str!("../src/actix_web.rs"), start(actix_web::serve)),
            "axum" => (include_str!("../src/axum.rs"), start(axum::serve)),
            "hyper" => (include_str!("../src/hyper.rs"), start(hyper::serve)),
            "poem" => (include_str!("../src/poem.rs"), start(poem::serve)),
            "rocket" => (include_str!("../src/rocket.rs"), start(rocket::serve)),
            "salvo" => (include_str!("../src/salvo.rs"), start(salvo::serve)),
            "warp" => (include_str!("../src/warp.rs"), start(warp::serve)),
            other => panic!("there is no source for {other}"),
        };
        assert_eq!(line(source), given, "{name}");
        assert!(LOCK.contains(&format!("name = \"{name}\"\nversion = \"{version}.")), "{name} is not {version}");

        let complete = get(server, "/whole").await;
        assert_eq!((complete.status, complete.header("content-type")), (200, Some(APPLICATION_JSON)), "{name}");
        assert!(complete.complete && complete.body == whole, "{name}");
        let frame: usize = frames.replace(',', "").strip_suffix(" bytes").unwrap().parse().unwrap();
        let (full, _) = complete.chunk_lines.split_last_chunk::<2>().unwrap();
        assert!(full.iter().all(|size| *size == format!("{frame:x}")), "{name}: {:?}", complete.chunk_lines);

        let failed = get(server, "/failing").await;
        assert_eq!(when_failed, if failed.complete { "clean end" } else { "cut" }, "{name}");
        assert!(failed.body == whole[..whole.len() - 1], "{name} has all records before the failure, and no `]`");

        waits_for_its_client(server, name).await;
    }
}

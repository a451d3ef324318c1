//! Clients of both versions: a slow reader, a source that fails, a server that stops.

use std::net::SocketAddr;
use std::process::Stdio;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{Process, has_python_package, is_installed};
use chunkwire_test_support::time::soon;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::support::failing;
use crate::support::program::chunkwire;
use crate::support::server::metric;

/// A client writes what it gets to its output, at the pace at which that is read, and fails if it was not all.
const CLIENTS: [&[&str]; 4] = [
    &["curl", "-sSN", "--http1.1"],
    &["curl", "-sSN", "--http2-prior-knowledge"],
    &["python3", "-c", HTTPX],
    &["node", "-e", NODE],
];

const HTTPX: &str = r#"
import sys, httpx
with httpx.Client(http1=False, http2=True, timeout=60) as client, client.stream("GET", sys.argv[1]) as response:
    assert response.http_version == "HTTP/2"
    for part in response.iter_raw():
        sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
"#;

const NODE: &str = r#"
const { once } = require("node:events");
const url = new URL(process.argv[1]);
const session = require("node:http2").connect(url.origin);
(async () => {
    const stream = session.request({ ":path": url.pathname + url.search });
    for await (const part of stream) if (!process.stdout.write(part)) await once(process.stdout, "drain");
    session.close();
})();
"#;

const BIG: &str = "/api/v1/users?limit=200000";

/// The clients that are there.
async fn clients() -> Vec<&'static [&'static str]> {
    let mut there = Vec::new();
    for client in CLIENTS {
        if is_installed(client[0]).await && (client[0] != "python3" || has_python_package("httpx, h2").await) {
            there.push(client);
        }
    }
    there
}

fn start(client: &[&str], server: SocketAddr, target: &str) -> Child {
    let mut command = Command::new(client[0]);
    command.args(&client[1..]).arg(format!("http://{server}{target}"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().unwrap()
}

/// What a client writes from here on, and whether it says that this is all.
async fn rest(mut client: Child) -> (Vec<u8>, bool) {
    let mut written = Vec::new();
    soon(client.stdout.take().unwrap().read_to_end(&mut written)).await.unwrap();
    (written, soon(client.wait()).await.unwrap().success())
}

/// Waits until a client has written something, and reads no more than that.
async fn begun(client: &mut Child) -> Vec<u8> {
    let mut start = vec![0; 1000];
    soon(client.stdout.as_mut().unwrap().read_exact(&mut start)).await.unwrap();
    start
}

#[tokio::test]
async fn slow_readers_get_it_all_a_chunk_at_a_time() {
    for client in clients().await {
        let server = failing::serve();
        let expected = Client::connect(server).await.get(BIG).await.body;
        let mut reader = start(client, server, BIG);
        let mut body = begun(&mut reader).await;
        // It is served on while that one waits.
        for _ in 0..20 {
            assert!(metric(server, "chunkwire_chunks_alive").await <= 1.0, "{client:?}");
        }
        let (rest, is_whole) = rest(reader).await;
        body.extend(rest);
        assert!(is_whole && body == expected, "{client:?}: {} of {} bytes", body.len(), expected.len());
        assert_eq!(metric(server, "chunkwire_chunks_alive_max").await, 1.0, "{client:?}");
    }
}

#[tokio::test]
async fn a_source_that_fails_is_an_error() {
    let server = failing::serve();
    for client in clients().await {
        for (target, whole) in [
            ("/end/10000", true),
            ("/failure/1", false),
            ("/failure/150", false),
            ("/failure/10000", false),
            ("/panic/1", false),
            ("/panic/10000", false),
        ] {
            let (body, is_whole) = rest(start(client, server, target)).await;
            assert_eq!((is_whole, body.ends_with(b"]")), (whole, whole), "{client:?} {target}: {} bytes", body.len());
        }
    }
}

/// httpx is left out: httpcore 1.0 takes every GOAWAY for the end of all streams, while those that the frame does not
/// exclude go on (RFC 9113, section 6.8).
#[tokio::test]
async fn what_has_begun_finishes_after_the_server_was_told_to_stop() {
    for client in clients().await.into_iter().filter(|client| client[0] != "python3") {
        let mut server = Process::start(chunkwire(&["--listen", "127.0.0.1:0"])).await;
        let expected = Client::connect(server.address).await.get(BIG).await.body;
        let mut reader = start(client, server.address, BIG);
        let mut body = begun(&mut reader).await;
        server.signal("TERM").await;
        server.logs("stopping").await;
        let (rest, is_whole) = rest(reader).await;
        body.extend(rest);
        assert!(is_whole && body == expected, "{client:?}: {} of {} bytes", body.len(), expected.len());
        assert_eq!(server.exit().await.code(), Some(0), "{client:?}");
    }
}

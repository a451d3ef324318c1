//! Clients of both versions, plain and over TLS: a slow reader, a source that fails, a server that stops.

use std::process::Stdio;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{Process, has_python_package, is_installed};
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::support::failing;
use crate::support::program::chunkwire;
use crate::support::server::{config, metric, metric_becomes};
use crate::support::wire::Wire;

/// A client, which writes what it gets to its output, at the pace at which that is read, and fails if it was not all.
#[derive(Debug)]
struct Kind {
    command: &'static [&'static str],
    /// The version of HTTP that it speaks.
    speaks: &'static str,
    /// Whether it does so over TLS: true, false, or both.
    tls: &'static [bool],
}

const KINDS: [Kind; 7] = [
    Kind { command: &["curl", "-sSN", "--http1.1"], speaks: "HTTP/1.1", tls: &[false, true] },
    Kind { command: &["curl", "-sSN", "--http2-prior-knowledge"], speaks: "HTTP/2.0", tls: &[false] },
    Kind { command: &["curl", "-sSN", "--http1.1", "--tlsv1.2", "--tls-max", "1.2"], speaks: "HTTP/1.1", tls: &[true] },
    Kind { command: &["curl", "-sSN", "--http2", "--tlsv1.2", "--tls-max", "1.2"], speaks: "HTTP/2.0", tls: &[true] },
    Kind { command: &["curl", "-sSN", "--http2", "--tlsv1.3"], speaks: "HTTP/2.0", tls: &[true] },
    Kind { command: &["python3", "-c", HTTPX], speaks: "HTTP/2.0", tls: &[false, true] },
    Kind { command: &["node", "-e", NODE], speaks: "HTTP/2.0", tls: &[false, true] },
];

/// Without TLS it has to know that the server speaks HTTP/2; with it, they agree on that.
const HTTPX: &str = r#"
import sys, httpx
url = sys.argv[1]
client = httpx.Client(http1=url.startswith("https:"), http2=True, timeout=60)
with client, client.stream("GET", url, headers={"accept-encoding": "identity"}) as response:
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

/// The clients that are there, of those that speak over a wire.
async fn clients(wire: &Wire) -> Vec<&'static Kind> {
    let mut there = Vec::new();
    for kind in KINDS.iter().filter(|kind| kind.tls.contains(&wire.is_tls())) {
        let program = kind.command[0];
        if is_installed(program).await && (program != "python3" || has_python_package("httpx, h2").await) {
            there.push(kind);
        }
    }
    there
}

/// Lets a client ask a server of the wire.
fn start(kind: &Kind, wire: &Wire, server: &Remote, target: &str) -> Child {
    let mut command = Command::new(kind.command[0]);
    command.args(&kind.command[1..]).arg(format!("{}://{}{target}", wire.scheme(), server.address));
    if let Some(trusted) = wire.trusted() {
        for variable in ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
            command.env(variable, &trusted);
        }
    }
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

on_every_wire!(
    each_speaks_its_version,
    slow_readers_get_it_all_a_chunk_at_a_time,
    a_source_that_fails_is_an_error,
    what_has_begun_finishes_after_the_server_was_told_to_stop,
);

async fn each_speaks_its_version(wire: &Wire) {
    let mut server = Process::start(chunkwire(&wire.options(&["--listen", "127.0.0.1:0", "--access-log"]))).await;
    let remote = wire.remote(server.address);
    for client in clients(wire).await {
        assert!(rest(start(client, wire, &remote, "/healthz")).await.1, "{client:?}");
        let line = server.logged("uri=/healthz").await;
        assert!(line.contains(&format!(" version={} ", client.speaks)), "{client:?}: {line}");
    }
}

async fn slow_readers_get_it_all_a_chunk_at_a_time(wire: &Wire) {
    for client in clients(wire).await {
        let server = &wire.remote(failing::serve_with(&wire.config(&config())));
        let expected = Client::connect(server).await.get(BIG).await.body;
        metric_becomes(server, "chunkwire_chunks_alive", 0.0).await;
        let mut reader = start(client, wire, server, BIG);
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

async fn a_source_that_fails_is_an_error(wire: &Wire) {
    let server = &wire.remote(failing::serve_with(&wire.config(&config())));
    for client in clients(wire).await {
        for (target, whole) in [
            ("/end/10000", true),
            ("/failure/1", false),
            ("/failure/150", false),
            ("/failure/10000", false),
            ("/panic/1", false),
            ("/panic/10000", false),
        ] {
            let (body, is_whole) = rest(start(client, wire, server, target)).await;
            assert_eq!((is_whole, body.ends_with(b"]")), (whole, whole), "{client:?} {target}: {} bytes", body.len());
        }
    }
}

/// httpx is left out: httpcore 1.0 takes every GOAWAY for the end of all streams, while those that the frame does not
/// exclude go on (RFC 9113, section 6.8).
async fn what_has_begun_finishes_after_the_server_was_told_to_stop(wire: &Wire) {
    for client in clients(wire).await.into_iter().filter(|client| client.command[0] != "python3") {
        let mut server = Process::start(chunkwire(&wire.options(&["--listen", "127.0.0.1:0"]))).await;
        let remote = &wire.remote(server.address);
        let expected = Client::connect(remote).await.get(BIG).await.body;
        let mut reader = start(client, wire, remote, BIG);
        let mut body = begun(&mut reader).await;
        server.signal("TERM").await;
        server.logs("stopping").await;
        let (rest, is_whole) = rest(reader).await;
        body.extend(rest);
        assert!(is_whole && body == expected, "{client:?}: {} of {} bytes", body.len(), expected.len());
        assert_eq!(server.exit().await.code(), Some(0), "{client:?}");
    }
}

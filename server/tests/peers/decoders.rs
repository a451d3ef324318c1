//! Promise: what is sent in gzip decodes to the same bytes in the programs that people use, and a cut is an error in each.
//!
//! Chromium is one of them, in `browser.rs`.

use std::pin::Pin;
use std::process::Output;
use std::task::{Context, Poll};

use axum::response::IntoResponse;
use axum::routing::get;
use chunkwire::{Format, JsonBody};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{has_python_package, is_installed, output};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use futures_core::Stream;
use tokio::process::Command;

use crate::support::failing::serve_router;
use crate::support::server::config;

/// A client that writes what it decoded of an address, its last argument, and fails if that was not all.
struct Decoder {
    command: &'static [&'static str],
    /// What Python has to have.
    packages: &'static str,
}

const DECODERS: [Decoder; 9] = [
    // The status is that of gzip alone.
    Decoder { command: &["sh", "-c", "curl -sN -H 'accept-encoding: gzip' \"$0\" | gzip -d"], packages: "" },
    Decoder { command: &["curl", "-sSN", "--compressed"], packages: "" },
    Decoder { command: &["curl", "-sSN", "--compressed", "--http2-prior-knowledge"], packages: "" },
    Decoder { command: &["python3", "-c", GZIP], packages: "gzip" },
    Decoder { command: &["python3", "-c", SINGLE_BYTES], packages: "zlib" },
    Decoder { command: &["python3", "-c", REQUESTS], packages: "requests" },
    Decoder { command: &["python3", "-c", HTTPX], packages: "httpx" },
    Decoder { command: &["node", "-e", FETCH], packages: "" },
    Decoder { command: &["node", "-e", ZLIB], packages: "" },
];

const GZIP: &str = r#"
import gzip, sys
from urllib.request import Request, urlopen
response = urlopen(Request(sys.argv[1], headers={"accept-encoding": "gzip"}), timeout=60)
assert response.headers["content-encoding"] == "gzip"
sys.stdout.buffer.write(gzip.GzipFile(fileobj=response).read())
"#;

const SINGLE_BYTES: &str = r#"
import sys, zlib
from urllib.request import Request, urlopen
response = urlopen(Request(sys.argv[1], headers={"accept-encoding": "gzip"}), timeout=60)
gzip = zlib.decompressobj(31)
while byte := response.read(1):
    sys.stdout.buffer.write(gzip.decompress(byte))
assert gzip.eof and not gzip.unused_data
"#;

const REQUESTS: &str = r#"
import requests, sys
response = requests.get(sys.argv[1], stream=True, timeout=60)
assert response.headers["content-encoding"] == "gzip"
for part in response.iter_content(1000):
    sys.stdout.buffer.write(part)
"#;

const HTTPX: &str = r#"
import httpx, sys
with httpx.stream("GET", sys.argv[1], timeout=60) as response:
    assert response.headers["content-encoding"] == "gzip"
    for part in response.iter_bytes():
        sys.stdout.buffer.write(part)
"#;

const FETCH: &str = r#"
(async () => {
    const response = await fetch(process.argv[1]);
    if (response.headers.get("content-encoding") !== "gzip") throw "it is not in gzip";
    process.stdout.write(Buffer.from(await response.arrayBuffer()));
})();
"#;

const ZLIB: &str = r#"
const headers = { "accept-encoding": "gzip" };
require("node:http").get(process.argv[1], { headers }, async (response) => {
    await require("node:stream/promises").pipeline(response, require("node:zlib").createGunzip(), process.stdout);
});
"#;

/// Yields records, and pauses before each seventh.
struct Pausing {
    records: Box<dyn Iterator<Item = String> + Send>,
    yielded: usize,
}

impl Stream for Pausing {
    type Item = String;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<String>> {
        self.yielded += 1;
        if self.yielded.is_multiple_of(8) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.records.next())
    }
}

async fn pausing() -> impl IntoResponse {
    let records = Pausing { records: Box::new(texts(99, 500)), yielded: 0 };
    JsonBody::from_stream(Format::Array, records).into_response().into_response()
}

async fn run(decoder: &Decoder, url: &str) -> Output {
    let mut command = Command::new(decoder.command[0]);
    command.args(&decoder.command[1..]).arg(url);
    soon(output(command)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_decoder_has_the_same_bytes_and_sees_the_cut() {
    let server = serve_router(&config(), |router| router.route("/pausing", get(pausing)));
    for decoder in &DECODERS {
        let program = if decoder.command[0] == "sh" { "curl" } else { decoder.command[0] };
        if !is_installed(program).await || (program == "python3" && !has_python_package(decoder.packages).await) {
            continue;
        }
        for target in ["/end/1", "/end/150", "/end/10000", "/pausing", "/api/v1/users?limit=20000&format=lines"] {
            let expected = Client::connect(server).await.get(target).await.body;
            let output = run(decoder, &format!("http://{server}{target}")).await;
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{:?} of {target}: {complaint}", decoder.command);
            assert!(output.stdout == expected, "{:?} of {target}: {} bytes", decoder.command, output.stdout.len());
        }
        for target in ["/failure/1", "/failure/150", "/failure/10000", "/panic/150", "/panic/10000"] {
            let whole = Client::connect(server).await.get(target).await.body;
            let output = run(decoder, &format!("http://{server}{target}")).await;
            assert!(!output.status.success(), "{:?} takes {target} for a whole response", decoder.command);
            assert!(whole.starts_with(&output.stdout), "{:?} of {target}: other bytes", decoder.command);
        }
    }
}

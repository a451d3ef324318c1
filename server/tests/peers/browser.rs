//! Chromium over TLS: a page that reads streams in gzip by HTTP/2, one that is whole and one that is cut.

use std::path::Path;
use std::process::Stdio;

use axum::body::Bytes;
use axum::response::Html;
use axum::routing::{get, post};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{is_installed, output, program};
use chunkwire_test_support::time::soon;
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::channel;

use crate::support::failing;
use crate::support::server::config;
use crate::support::wire::Wire;

const WHOLE: &str = "/end/10000";
const CUT: &str = "/failure/10000";

/// Reads each stream to its end, and tells the server what came, by which protocol, and what went wrong.
const PAGE: &str = r#"<!doctype html><script type="module">
for (const path of ["/end/10000", "/failure/10000"]) {
    let text = "", error = "";
    try {
        for await (const part of (await fetch(path)).body.pipeThrough(new TextDecoderStream())) text += part;
    } catch (caught) { error = `${caught}`; }
    const [entry] = performance.getEntriesByName(new URL(path, location).href);
    const saved = entry?.decodedBodySize - entry?.encodedBodySize;
    const said = { path, text, error, saved, protocol: entry?.nextHopProtocol };
    await fetch("/said", { method: "POST", body: JSON.stringify(said) });
}
</script>"#;

/// A browser and its processes, which end with it.
struct Browser(Child);

impl Browser {
    /// Opens a page whose certificate has a key that hashes to this.
    fn open(url: &str, key: &str, profile: &Path) -> Self {
        let mut command = Command::new("chromium");
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        // Without a port for debugging, it prints the page and ends before that is done.
        command.args(["--remote-debugging-port=0", &format!("--ignore-certificate-errors-spki-list={key}")]);
        command.arg(format!("--user-data-dir={}", profile.display())).arg(url);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let kill = format!("kill -s KILL -- -{}", self.0.id().unwrap());
        assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }
}

/// The hash of a certificate's key, as Chromium takes it.
async fn key_of(certificate: &Path) -> String {
    let script = "openssl x509 -in \"$0\" -noout -pubkey | openssl pkey -pubin -outform der |
        openssl dgst -sha256 -binary | openssl base64";
    let hash = output(program("sh", &["-c", script, &certificate.display().to_string()])).await;
    String::from_utf8(hash.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_reads_streams_by_http_2() {
    if !is_installed("chromium").await || !is_installed("openssl").await {
        return;
    }
    let wire = Wire::tls();
    let Wire::Tls { authority, server: identity } = &wire else { unreachable!() };
    let (say, mut said) = channel::<Value>(2);
    let hear = move |body: Bytes| {
        let say = say.clone();
        async move { say.send(serde_json::from_slice(&body).unwrap()).await.unwrap() }
    };
    let remote = wire.remote(failing::serve_router(&wire.config(&config()), |router| {
        router.route("/page", get(Html(PAGE))).route("/said", post(hear))
    }));
    let expected = String::from_utf8(Client::connect(&remote).await.get(WHOLE).await.body).unwrap();

    let profile = authority.folder().join("chromium");
    let url = format!("https://{}/page", remote.address);
    let browser = Browser::open(&url, &key_of(&identity.chain).await, &profile);
    let whole = soon(said.recv()).await.unwrap();
    assert!(whole["text"] == expected, "{} of {} bytes", whole["text"].as_str().unwrap().len(), expected.len());
    assert_eq!([&whole["path"], &whole["error"], &whole["protocol"]], [WHOLE, "", "h2"]);
    assert!(whole["saved"].as_i64().unwrap() > 500_000, "it did not come in gzip: {} bytes less", whole["saved"]);

    let cut = soon(said.recv()).await.unwrap();
    assert_eq!([&cut["path"], &cut["error"]], [CUT, "TypeError: network error"]);
    assert!(!cut["text"].as_str().unwrap().ends_with(']'));
    drop(browser);
}

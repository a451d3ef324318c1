//! Promise: proxies are asked for what was set, and clients can check what they passed on.

mod support;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{is_installed, output};
use chunkwire_test_support::time::soon;
use support::server::{config, serve};
use tokio::process::Command;

const USERS: &str = "/api/v1/users?limit=5000";

#[tokio::test]
async fn users_are_asked_to_be_passed_on_as_they_come() {
    let mut config = config();
    for (unbuffered, expected) in [(false, [None, None]), (true, [Some("no"), Some("?1")])] {
        config.unbuffered = unbuffered;
        let mut client = Client::connect(serve(&config)).await;
        for target in [USERS, "/api/v1/users?limit=1&format=lines"] {
            let response = client.get(target).await;
            assert_eq!(["x-accel-buffering", "incremental"].map(|name| response.header(name)), expected, "{target}");
        }
        assert_eq!(client.get("/api/v1/users/1").await.header("incremental"), None, "it is no stream");
    }
}

/// A client that asks for trailers, over HTTP/1.1 and HTTP/2. The digest is of the bytes that are sent.
#[tokio::test]
async fn a_digest_follows_if_that_is_set_and_asked_for() {
    if !is_installed("curl").await || !is_installed("openssl").await {
        return;
    }
    const SCRIPT: &str = r#"
set -euo pipefail
sum=$(curl -s "$0" | openssl dgst -sha256 -binary | base64)
gzip=$(curl -sH 'accept-encoding: gzip' "$0" | openssl dgst -sha256 -binary | base64)
[[ $sum != "$gzip" ]]
for version in --http1.1 --http2-prior-knowledge; do
  head() { curl -sD - -o /dev/null $version "$@" | tr -d '\r'; }
  [[ $(head -H 'te: trailers' "$0") == *$'\n'"content-digest: sha-256=:$sum:"* ]]
  [[ $(head -H 'te: trailers' -H 'accept-encoding: gzip' "$0") == *$'\n'"content-digest: sha-256=:$gzip:"* ]]
  [[ $(head -H 'te: trailers' "$1") != *content-digest* ]]
  [[ $(head "$0") != *content-digest* ]]
  of_head=$(head -I -H 'te: trailers' "$0")
  [[ $of_head == *" 200"* && $of_head != *sha-256* ]]
done
echo as it should be
"#;
    let mut with = config();
    with.digest = true;
    let [with, without] = [with, config()].map(|config| format!("http://{}{USERS}", serve(&config)));
    let mut script = Command::new("bash");
    script.args(["-c", SCRIPT, &with, &without]);
    let output = soon(output(script)).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "as it should be\n", "{output:?}");
}

//! What h2spec, which knows HTTP/2 by heart, finds.

use std::collections::BTreeSet;
use std::future::pending;

use axum::body::Bytes;
use axum::routing::any;
use chunkwire::{Format, JsonBody};
use chunkwire_server::Server;
use chunkwire_test_support::process::is_installed;
use chunkwire_test_support::records::texts;
use chunkwire_test_support::time::soon;
use tokio::process::Command;

use crate::support::server::config;
use crate::support::wire::Wire;

/// What h2spec fails without TLS and the server is right about, and nothing with it: section of RFC 7540 and title, after
/// a comment that says why.
const KNOWN: &str = include_str!("h2spec.known");

/// The failures of a report: after that heading, sections and the titles under them that are marked.
fn failures(report: &str) -> BTreeSet<String> {
    let (_, failures) = report.split_once("Failures:").unwrap_or_default();
    let (mut section, mut found) = ("", BTreeSet::new());
    for line in failures.lines().map(str::trim) {
        if let Some(title) = line.strip_prefix("× ") {
            let (_, title) = title.split_once(": ").unwrap_or(("", title));
            found.insert(format!("{section} {title}"));
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            section = line.split_once(". ").map_or(line, |(number, _)| number);
        }
    }
    found
}

on_every_wire!(h2spec_fails_nothing_but_what_is_known);

async fn h2spec_fails_nothing_but_what_is_known(wire: &Wire) {
    if !is_installed("h2spec").await {
        return;
    }
    let server = Server::bind(&wire.config(&config())).unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    // A response may end before its request does (RFC 9113, section 8.1). What is wrong with the rest of that request is
    // then told to nobody, so that h2spec would find this or that: here is a service that reads before it responds.
    let reading = any(async |_: Bytes| JsonBody::new(Format::Array, texts(99, 1000)).into_response());
    let router = server.router().route("/read", reading);
    tokio::spawn(server.serve_router(router, pending()));
    let mut h2spec = Command::new("h2spec");
    h2spec.args(["-h", "127.0.0.1", "-p", &port, "-o", "5", "-P", "/read"]);
    if wire.is_tls() {
        h2spec.args(["-t", "-k"]);
    }
    let output = soon(h2spec.output()).await.unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    let ran = report.lines().last().and_then(|line| line.split_once(" tests, ")?.0.parse::<usize>().ok());
    assert!(ran >= Some(140), "{report}");

    let known = if wire.is_tls() { "" } else { KNOWN };
    let known = known.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let unknown: Vec<_> = failures(&report).difference(&known).cloned().collect();
    assert!(unknown.is_empty(), "{unknown:#?} in {report}");
}

#[test]
fn failures_are_read_from_a_report() {
    let report = "× 9: of the list above\n\nFailures: \n\nHTTP/2\n  3. Starting\n    3.5. Preface\n      × 2: Sends \"it\"\n        \
                  -> MUST\n           Expected: 1\n";
    assert_eq!(failures(report), BTreeSet::from(["3.5 Sends \"it\"".to_owned()]));
    assert_eq!(failures("Finished in 1 seconds\n"), BTreeSet::new());
}

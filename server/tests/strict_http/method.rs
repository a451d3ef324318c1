//! Known methods are not allowed, unknown ones not implemented, and answers say what is (RFC 9110, section 9.1).

use crate::exchange::{Stays, check, line};
use crate::support::server::{config, serve};
use chunkwire_test_support::client::Client;

#[tokio::test]
async fn known_methods_are_405_and_unknown_ones_501() {
    let mut cases = Vec::new();
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "ACL", "PROPFIND", "UPDATEREDIRECTREF", "VERSION-CONTROL"]
    {
        cases.push((line(method, "/healthz"), 405, Stays));
        cases.push((line(method, "/nothing"), 404, Stays));
    }
    for method in ["FOO", "get", "Get", "GETT", "GE", "G", "PRI", "connect", "!#$%&'*+-.^_`|~1", &"A".repeat(200)] {
        cases.push((line(method, "/healthz"), 501, Stays));
        cases.push((line(method, "/nothing"), 501, Stays));
    }
    cases.push((line(&"A".repeat(10_000), "/healthz"), 501, Stays));
    check(cases).await;
}

#[tokio::test]
async fn answers_tell_which_methods_are_allowed() {
    let server = serve(&config());
    for (method, target) in [
        ("OPTIONS", "*"),
        ("OPTIONS", "/healthz"),
        ("TRACE", "/api/v1/users"),
        ("POST", "/healthz"),
        ("CONNECT", "a:1"),
    ] {
        let mut client = Client::connect(server).await;
        client.ask(method, target, "").await;
        let response = client.response().await;
        assert_eq!(response.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {target}: {response:?}");
    }
}

//! Promise: a cache gives each client the format that it asked for, and what a client has is not sent again.

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::process::is_installed;
use chunkwire_test_support::time::soon;
use support::proxy::{Proxy, nginx};
use support::server::{config, serve};

/// nginx before the server, which keeps every response for a minute and tells whether it had it.
async fn cache_before(server: SocketAddr, name: &str) -> Proxy {
    let location = format!(
        "proxy_pass http://{server};
        proxy_http_version 1.1;
        proxy_cache responses;
        proxy_cache_valid any 1m;
        add_header X-Cache $upstream_cache_status always;"
    );
    nginx(name, "proxy_cache_path cache keys_zone=responses:1m;", &location).await
}

async fn get(cache: SocketAddr, target: &str, accept: &str) -> Response {
    let mut client = Client::connect(cache).await;
    client.ask("GET", target, accept).await;
    client.response().await
}

#[tokio::test]
async fn a_cache_keeps_formats_apart() {
    if !is_installed("nginx").await {
        return;
    }
    let nginx = cache_before(serve(&config()), "cache_by_accept").await;
    for round in ["MISS", "HIT", "HIT"] {
        for (accept, status, media_type) in [
            ("Accept: application/json\r\n", 200, "application/json"),
            ("Accept: application/x-ndjson\r\n", 200, "application/x-ndjson"),
            ("Accept: application/jsonl\r\n", 200, "application/jsonl"),
            ("Accept: text/html\r\n", 406, "application/problem+json"),
            ("", 200, "application/json"),
        ] {
            let response = get(nginx.http1(), "/api/v1/users?limit=3", accept).await;
            let seen = (response.status, response.header("content-type"), response.header("x-cache"));
            assert_eq!(seen, (status, Some(media_type), Some(round)), "{accept}");
        }
    }
    for round in ["MISS", "HIT"] {
        for (accept, status) in [("Accept: text/html\r\n", 406), ("Accept: application/json\r\n", 200)] {
            let response = get(nginx.http1(), "/api/v1/users/1", accept).await;
            assert_eq!((response.status, response.header("x-cache")), (status, Some(round)), "{accept}");
        }
    }
}

/// What the URL chooses is the same for all, and is kept once.
#[tokio::test]
async fn a_cache_keeps_what_the_query_chooses_once() {
    if !is_installed("nginx").await {
        return;
    }
    let nginx = cache_before(serve(&config()), "cache_by_query").await;
    for (accept, round) in [("text/html", "MISS"), ("application/json", "HIT"), ("*/*", "HIT")] {
        let target = "/api/v1/users?limit=3&format=lines";
        let response = get(nginx.http1(), target, &format!("Accept: {accept}\r\n")).await;
        let seen = (response.header("content-type"), response.header("x-cache"));
        assert_eq!(seen, (Some("application/x-ndjson"), Some(round)), "{accept}");
    }
}

/// What a response says to caches of itself: its tag, how long it may be kept, and what it depends on.
fn of_caches(response: &Response) -> [Option<&str>; 3] {
    ["etag", "cache-control", "vary"].map(|name| response.header(name))
}

const LINES: &str = "Accept: application/x-ndjson\r\n";
const GZIP: &str = "Accept-Encoding: gzip\r\n";

/// One connection for all: a body behind the head of a 304 would be taken for the next response.
#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    let mut client = Client::connect(serve(&config())).await;
    for (target, headers) in [
        ("/api/v1/users", ""),
        ("/api/v1/users", LINES),
        ("/api/v1/users", GZIP),
        ("/api/v1/users?limit=3&format=lines", ""),
        ("/api/v1/users?limit=0", ""),
        ("/api/v1/users/7", ""),
        ("/api/v1/users/7", GZIP),
    ] {
        client.ask("GET", target, headers).await;
        let known = client.response().await;
        let [Some(tag), Some("public, max-age=3600"), Some(_)] = of_caches(&known) else {
            panic!("{target}: {:?}", known.headers)
        };
        assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}");
        let strong = tag.trim_start_matches("W/");
        for (given, status) in [
            (format!("If-None-Match: {tag}\r\n"), 304),
            (format!("If-None-Match: {strong}\r\n"), 304),
            (format!("If-None-Match: \"a,b\", W/\"c\", {tag}\r\n"), 304),
            (format!("If-None-Match: \"a\"\r\nIf-None-Match: {tag}\r\n"), 304),
            ("If-None-Match: *\r\n".to_owned(), 304),
            (format!("If-Match: *\r\nIf-None-Match: {tag}\r\n"), 304),
            ("If-None-Match: W/\"users\"\r\n".to_owned(), 200),
            ("If-None-Match: users\r\n".to_owned(), 200),
            ("If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT\r\n".to_owned(), 200),
            // It is compared strongly, and no weak tag is the same then (RFC 9110, section 13.1.1).
            (format!("If-Match: {tag}\r\n"), 412),
            ("If-Match: \"a\"\r\n".to_owned(), 412),
        ] {
            for method in ["HEAD", "GET"] {
                client.ask(method, target, &format!("{headers}{given}")).await;
                let response = match (method, status) {
                    ("GET", 200 | 412) => client.response().await,
                    _ => soon(Response::read_head(&mut client.stream)).await,
                };
                assert_eq!(response.status, status, "{method} {target}, {given}");
                match status {
                    200 => assert_eq!(of_caches(&response), of_caches(&known), "{method} {target}, {given}"),
                    304 => {
                        assert_eq!(of_caches(&response), of_caches(&known), "{method} {target}, {given}");
                        for absent in ["content-type", "content-length", "transfer-encoding", "content-encoding"] {
                            assert_eq!(response.header(absent), None, "{method} {target}, {given}");
                        }
                    }
                    _ => assert_eq!(response.header("content-type"), Some("application/problem+json")),
                }
            }
        }
    }
}

/// Two responses that are not the same have different tags, those in one format under two names included.
#[tokio::test]
async fn each_response_has_a_tag_of_its_own() {
    let mut client = Client::connect(serve(&config())).await;
    let mut tags = Vec::new();
    for (target, accept) in [
        ("/api/v1/users", "application/json"),
        ("/api/v1/users", "application/x-ndjson"),
        ("/api/v1/users", "application/ndjson"),
        ("/api/v1/users", "application/jsonl"),
        ("/api/v1/users?offset=1", "*/*"),
        ("/api/v1/users?limit=1", "*/*"),
        ("/api/v1/users?limit=1&offset=1", "*/*"),
        ("/api/v1/users?limit=11", "*/*"),
        ("/api/v1/users/1", "*/*"),
        ("/api/v1/users/11", "*/*"),
    ] {
        client.ask("GET", target, &format!("Accept: {accept}\r\n")).await;
        tags.push(client.response().await.header("etag").unwrap().to_owned());
    }
    let same = client.get("/api/v1/users?offset=0&limit=1000&format=array").await;
    assert_eq!(same.header("etag"), Some(&*tags[0]));
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "{tags:?}");
}

/// A condition is not looked at where the response without it is no success (RFC 9110, section 13.2.1), nor is such a
/// response kept.
#[tokio::test]
async fn what_is_refused_is_refused_under_any_condition() {
    let mut client = Client::connect(serve(&config())).await;
    for (target, accept, status) in [
        ("/api/v1/users?limit=x", "*/*", 400),
        ("/api/v1/users?page=2", "*/*", 400),
        ("/api/v1/users", "text/html", 406),
        ("/api/v1/users/0", "*/*", 400),
        ("/nothing", "*/*", 404),
    ] {
        for condition in ["", "If-None-Match: *\r\n", "If-Match: \"a\"\r\n"] {
            client.ask("GET", target, &format!("Accept: {accept}\r\n{condition}")).await;
            let response = client.response().await;
            assert_eq!(response.status, status, "{target} {condition}");
            assert_eq!((response.header("etag"), response.header("cache-control")), (None, None), "{target}");
        }
    }
}

/// nginx asks by the tag that it has kept, and has what is the same from then on.
#[tokio::test]
async fn a_cache_asks_whether_what_it_has_kept_is_still_the_same() {
    if !is_installed("nginx").await {
        return;
    }
    let server = serve(&config());
    let location = format!(
        "proxy_pass http://{server};
        proxy_http_version 1.1;
        proxy_cache responses;
        proxy_cache_revalidate on;
        proxy_ignore_headers Cache-Control;
        proxy_cache_valid 200 1s;
        add_header X-Cache $upstream_cache_status always;"
    );
    let nginx = nginx("revalidating", "proxy_cache_path cache keys_zone=responses:1m;", &location).await;
    let target = "/api/v1/users?limit=100";
    let first = get(nginx.http1(), target, "").await;
    assert_eq!(first.header("x-cache"), Some("MISS"));
    soon(async {
        loop {
            let response = get(nginx.http1(), target, "").await;
            assert_eq!((response.status, &response.body), (200, &first.body));
            match response.header("x-cache") {
                Some("REVALIDATED") => break,
                Some("HIT") => tokio::time::sleep(Duration::from_millis(50)).await,
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
}

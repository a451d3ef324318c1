//! Promise: a cache gives each client the format that it asked for.

mod support;

use std::net::SocketAddr;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::process::is_installed;
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
            let response = get(nginx.http1, "/api/v1/users?limit=3", accept).await;
            let seen = (response.status, response.header("content-type"), response.header("x-cache"));
            assert_eq!(seen, (status, Some(media_type), Some(round)), "{accept}");
        }
    }
    for round in ["MISS", "HIT"] {
        for (accept, status) in [("Accept: text/html\r\n", 406), ("Accept: application/json\r\n", 200)] {
            let response = get(nginx.http1, "/api/v1/users/1", accept).await;
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
        let response = get(nginx.http1, target, &format!("Accept: {accept}\r\n")).await;
        let seen = (response.header("content-type"), response.header("x-cache"));
        assert_eq!(seen, (Some("application/x-ndjson"), Some(round)), "{accept}");
    }
}

//! Promise: a cache gives each client the format that it asked for.

mod support;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::process::is_installed;
use chunkwire_test_support::time::soon;
use support::server::{config, serve};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::sleep;

/// nginx before the server, which keeps every response for a minute and tells whether it had it.
async fn cache_before(server: SocketAddr, name: &str) -> (Child, SocketAddr) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&directory));
    fs::create_dir_all(&directory).unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {kind};"));
    let settings = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr;
        events {{}}
        http {{
            {temporary} access_log off;
            proxy_cache_path cache keys_zone=responses:1m;
            server {{
                listen {address};
                location / {{
                    proxy_pass http://{server};
                    proxy_http_version 1.1;
                    proxy_cache responses;
                    proxy_cache_valid any 1m;
                    add_header X-Cache $upstream_cache_status always;
                }}
            }}
        }}",
        temporary = temporary.concat(),
    );
    fs::write(directory.join("nginx.conf"), settings).unwrap();
    let mut nginx = Command::new("nginx");
    nginx.args(["-e", "stderr", "-c", "nginx.conf", "-p"]).arg(&directory).kill_on_drop(true);
    let nginx = nginx.spawn().unwrap();
    soon(async {
        while TcpStream::connect(address).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    (nginx, address)
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
    let (_nginx, cache) = cache_before(serve(&config()), "cache_by_accept").await;
    for round in ["MISS", "HIT", "HIT"] {
        for (accept, status, media_type) in [
            ("Accept: application/json\r\n", 200, "application/json"),
            ("Accept: application/x-ndjson\r\n", 200, "application/x-ndjson"),
            ("Accept: application/jsonl\r\n", 200, "application/jsonl"),
            ("Accept: text/html\r\n", 406, "application/problem+json"),
            ("", 200, "application/json"),
        ] {
            let response = get(cache, "/api/v1/users?limit=3", accept).await;
            let seen = (response.status, response.header("content-type"), response.header("x-cache"));
            assert_eq!(seen, (status, Some(media_type), Some(round)), "{accept}");
        }
    }
    for round in ["MISS", "HIT"] {
        for (accept, status) in [("Accept: text/html\r\n", 406), ("Accept: application/json\r\n", 200)] {
            let response = get(cache, "/api/v1/users/1", accept).await;
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
    let (_nginx, cache) = cache_before(serve(&config()), "cache_by_query").await;
    for (accept, round) in [("text/html", "MISS"), ("application/json", "HIT"), ("*/*", "HIT")] {
        let target = "/api/v1/users?limit=3&format=lines";
        let response = get(cache, target, &format!("Accept: {accept}\r\n")).await;
        let seen = (response.header("content-type"), response.header("x-cache"));
        assert_eq!(seen, (Some("application/x-ndjson"), Some(round)), "{accept}");
    }
}

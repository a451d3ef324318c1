//! Promise: a response says where the users before and after it are, and how many there are.

mod support;

use std::net::SocketAddr;

use chunkwire_test_support::client::Client;
use serde_json::Value;
use support::server::{config, serve};

/// The target of a relation in the field `Link`.
fn target(links: Option<&str>, relation: &str) -> Option<String> {
    let end = format!(">; rel=\"{relation}\"");
    let link = links?.split(", ").find_map(|link| link.strip_suffix(&*end))?;
    Some(link.strip_prefix('<').unwrap().to_owned())
}

/// Follows links of a relation, and returns the ids of each response and the last target.
async fn followed(server: SocketAddr, from: &str, relation: &str, at_most: usize) -> (Vec<Vec<u64>>, String) {
    let (mut client, mut all, mut at) = (Client::connect(server).await, Vec::new(), from.to_owned());
    loop {
        let response = client.get(&at).await;
        assert_eq!(response.status, 200, "{at}");
        assert_eq!(response.header("x-total-count"), Some("18446744073709551615"));
        let ids = response.json().as_array().unwrap().iter().map(|user| user["id"].as_u64().unwrap()).collect();
        all.push(ids);
        match target(response.header("link"), relation) {
            Some(next) if all.len() < at_most => at = next,
            _ => return (all, at),
        }
    }
}

#[tokio::test]
async fn whoever_follows_them_reads_each_user_once() {
    let server = serve(&config());
    let (parts, _) = followed(server, "/api/v1/users?limit=3", "next", 4).await;
    assert_eq!(parts.concat(), (1..=12).collect::<Vec<_>>());
    let (parts, _) = followed(server, "/api/v1/users?limit=3&offset=7", "prev", 9).await;
    assert_eq!(parts, [vec![8, 9, 10], vec![5, 6, 7], vec![2, 3, 4], vec![1]]);

    let near_the_end = format!("/api/v1/users?limit=4&offset={}", u64::MAX - 10);
    let (parts, last) = followed(server, &near_the_end, "next", 9).await;
    assert_eq!(parts.concat(), (u64::MAX - 9..=u64::MAX).collect::<Vec<_>>());
    let response = Client::connect(server).await.get(&near_the_end).await;
    assert_eq!(target(response.header("link"), "last"), Some(last));
    assert_eq!(target(response.header("link"), "first").as_deref(), Some("/api/v1/users?limit=4&offset=0"));
}

/// The number of users without a `limit` may change, and a client goes on with as many as it had.
#[tokio::test]
async fn they_keep_what_the_query_says() {
    let mut client = Client::connect(serve(&config())).await;
    for (query, next) in [
        ("", Some("?limit=1000&offset=1000")),
        ("?offset=5", Some("?limit=1000&offset=1005")),
        ("?limit=2&format=lines", Some("?format=lines&limit=2&offset=2")),
        ("?&form%61t=array&&o%66fset=1&limit=2&", Some("?form%61t=array&limit=2&offset=3")),
        ("?limit=0", None),
        ("?limit=1&offset=18446744073709551614", None),
    ] {
        for method in ["HEAD", "GET"] {
            let path = format!("/api/v1/users{query}");
            let response = if method == "HEAD" { client.head(&path).await } else { client.get(&path).await };
            let expected = next.map(|next| format!("/api/v1/users{next}"));
            assert_eq!(target(response.header("link"), "next"), expected, "{method} {query}");
        }
    }
}

#[tokio::test]
async fn what_is_no_part_of_all_users_has_none() {
    let mut client = Client::connect(serve(&config())).await;
    for path in ["/api/v1/users/1", "/api/v1/users?limit=x", "/healthz"] {
        let response = client.get(path).await;
        assert_eq!((response.header("link"), response.header("x-total-count")), (None, None), "{path}");
    }
    client.ask("GET", "/api/v1/users", "Accept: application/x-ndjson\r\n").await;
    let lines = client.response().await;
    let first: Value = serde_json::from_slice(lines.body.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
    assert_eq!(first["id"], 1);
    assert_eq!(target(lines.header("link"), "next").as_deref(), Some("/api/v1/users?limit=1000&offset=1000"));
}

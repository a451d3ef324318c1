//! The HTTP surface of the server: paths, parameters, media types, methods, errors and connections.

mod support;

use std::time::Duration;

use chunkwire_server::users::{User, Users};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::time::soon;
use serde_json::{Value, json};
use support::server::{config, serve};
use tokio::io::AsyncWriteExt;

async fn client() -> Client {
    Client::connect(serve(&config())).await
}

/// What JSON a user should be.
fn value(user: User) -> Value {
    json!({
        "id": user.id,
        "name": user.name.to_string(),
        "email": user.email.to_string(),
        "age": user.age,
        "score": user.score,
        "active": user.active,
    })
}

fn values(offset: u64, limit: u64) -> Vec<Value> {
    Users::range(offset, limit).map(value).collect()
}

#[tokio::test]
async fn a_thousand_users_come_in_chunks() {
    let response = client().await.get("/api/v1/users").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("transfer-encoding"), Some("chunked"));
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("content-length"), None);
    assert_eq!(response.json(), Value::from(values(0, 1000)));
}

#[tokio::test]
async fn limit_and_offset_choose_users() {
    let mut client = client().await;
    for (query, offset, limit) in [
        ("limit=0", 0, 0),
        ("limit=1", 0, 1),
        ("limit=5000", 0, 5000),
        ("offset=10", 10, 1000),
        ("offset=999999999999&limit=3", 999_999_999_999, 3),
        ("limit=1&offset=18446744073709551614", u64::MAX - 1, 1),
        ("lim%69t=%32&", 0, 2),
    ] {
        let response = client.get(&format!("/api/v1/users?{query}")).await;
        assert_eq!(response.status, 200, "{query}");
        assert_eq!(response.json(), Value::from(values(offset, limit)), "{query}");
    }
}

#[tokio::test]
async fn accept_chooses_the_format_and_is_echoed() {
    let mut client = client().await;
    for (accept, media_type) in [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html, application/*;q=0.2", "application/json"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("application/ndjson", "application/ndjson"),
        ("application/jsonl", "application/jsonl"),
        ("application/json;q=0.5, application/jsonl", "application/jsonl"),
        ("application/json;q=0, */*;q=0.1", "application/x-ndjson"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/x-ndjson; charset=utf-8; q=0.9, */*; q=0.1", "application/x-ndjson"),
        ("text/html, *; q=.2", "application/json"),
    ] {
        client.ask("GET", "/api/v1/users?limit=200", &format!("Accept: {accept}\r\n")).await;
        let response = client.response().await;
        assert_eq!(response.header("vary"), Some("accept, accept-encoding"), "{accept}");
        assert_eq!((response.status, response.header("content-type")), (200, Some(media_type)), "{accept}");
        let users = if media_type == "application/json" {
            response.json()
        } else {
            assert_eq!(response.body.last(), Some(&b'\n'));
            let lines = str::from_utf8(&response.body).unwrap().lines();
            lines.map(|line| serde_json::from_str::<Value>(line).unwrap()).collect()
        };
        assert_eq!(users, Value::from(values(0, 200)), "{accept}");
    }
}

/// A browser's address bar sends an `Accept` that nobody chose. The response does not depend on it then, nor does a
/// cache need to know of it.
#[tokio::test]
async fn the_query_chooses_the_format_for_clients_that_can_not_set_headers() {
    let mut client = client().await;
    for accept in ["text/html, */*;q=0.8", "text/html", "application/json", "application/jsonl"] {
        for (format, media_type, start) in
            [("array", "application/json", b"[{"), ("lines", "application/x-ndjson", b"{\"")]
        {
            let target = format!("/api/v1/users?limit=3&format={format}");
            client.ask("GET", &target, &format!("Accept: {accept}\r\n")).await;
            let response = client.response().await;
            assert_eq!((response.status, response.header("content-type")), (200, Some(media_type)), "{accept}");
            assert!(response.body.starts_with(start) && response.complete, "{response:?}");
            // The encoding is negotiated, the format is not.
            assert_eq!(response.header("vary"), Some("accept-encoding"));
        }
    }
    let response = client.get("/api/v1/users?format=xml").await;
    assert_eq!(response.status, 400);
    assert_eq!((&response.json()["given"], &response.json()["allowed"]), (&json!("xml"), &json!("array or lines")));
}

#[tokio::test]
async fn one_user_is_an_object() {
    let mut client = client().await;
    for id in [1, 2, 1000, u64::MAX] {
        let response = client.get(&format!("/api/v1/users/{id}")).await;
        assert_eq!((response.status, response.header("content-type")), (200, Some("application/json")));
        assert_eq!(response.json(), value(User::with_id(id).unwrap()));
    }
}

#[tokio::test]
async fn healthz_says_ok() {
    let response = client().await.get("/healthz").await;
    assert_eq!((response.status, &*response.body), (200, &b"ok\n"[..]));
}

/// Each pair on one connection: a body after the first head would be taken for the second response.
#[tokio::test]
async fn head_is_get_without_a_body() {
    let mut client = client().await;
    for target in ["/api/v1/users", "/api/v1/users?limit=0", "/api/v1/users/7", "/healthz", "/nothing"] {
        let head = client.head(target).await;
        let get = client.get(target).await;
        assert_eq!(head.status, get.status, "{target}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{target}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "{target}");
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed_where_get_is() {
    let mut client = client().await;
    for target in ["/api/v1/users", "/api/v1/users/1", "/healthz"] {
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            client.ask(method, target, "Content-Length: 0\r\n").await;
            let response = client.response().await;
            assert_eq!(
                (response.status, response.header("allow")),
                (405, Some("GET, HEAD, OPTIONS")),
                "{method} {target}"
            );
            assert_problem(&response, method);
        }
    }
}

#[tokio::test]
async fn options_tell_what_is_allowed() {
    let mut client = client().await;
    for target in ["/api/v1/users", "/api/v1/users/1", "/healthz", "*"] {
        client.ask("OPTIONS", target, "").await;
        // A 204 ends with its head.
        let response = soon(chunkwire_test_support::client::Response::read_head(&mut client.stream)).await;
        assert_eq!((response.status, response.header("allow")), (204, Some("GET, HEAD, OPTIONS")), "{target}");
        assert_eq!((response.header("content-length"), response.header("transfer-encoding")), (None, None), "{target}");
    }
    client.ask("OPTIONS", "/nothing", "").await;
    assert_eq!(client.response().await.status, 404);
}

#[tokio::test]
async fn unknown_methods_are_not_implemented() {
    let mut client = client().await;
    for method in ["FOO", "get", "GETT", "PRI"] {
        client.ask(method, "/healthz", "").await;
        let response = client.response().await;
        assert_eq!(response.status, 501, "{method}");
        assert_problem(&response, method);
    }
}

/// Checks that a response is a problem document of its own status, with a detail that names something.
#[track_caller]
fn assert_problem(response: &chunkwire_test_support::client::Response, named: &str) -> Value {
    assert_eq!(response.header("content-type"), Some("application/problem+json"), "{named}");
    let problem = response.json();
    assert_eq!(problem["status"], response.status, "{problem}");
    assert_eq!(problem["type"], "about:blank", "{problem}");
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(named)), "{named} is not in {problem}");
    problem
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let mut client = client().await;
    for path in ["/nowhere", "/api/v1/users/", "/api/v1/users/1/2", "/api/v1/userss", "/api/v2/users", "/favicon.ico"] {
        let response = client.get(path).await;
        // An empty id is a bad one.
        let expected = if path == "/api/v1/users/" { 400 } else { 404 };
        assert_eq!(response.status, expected, "{path}");
        assert_problem(&response, if expected == 404 { path } else { "id" });
    }
}

#[tokio::test]
async fn what_is_not_acceptable_is_406() {
    let mut client = client().await;
    for (target, accept) in [
        ("/api/v1/users", "text/html"),
        ("/api/v1/users", "application/json;q=0"),
        ("/api/v1/users/1", "application/x-ndjson"),
    ] {
        client.ask("GET", target, &format!("Accept: {accept}\r\n")).await;
        let response = client.response().await;
        assert_eq!(response.status, 406, "{target} as {accept}");
        assert_eq!(response.header("vary"), Some("accept, accept-encoding"), "{target} as {accept}");
        assert_problem(&response, "application/json");
    }
}

#[tokio::test]
async fn a_bad_parameter_is_named_with_what_was_given_and_what_is_allowed() {
    const LIMIT: &str = "a whole number from 0 to 1000000";
    const OFFSET: &str = "a whole number from 0 to 18446744073709551615";
    const ID: &str = "a whole number from 1 to 18446744073709551615";
    const ESCAPES: &str = "two hexadecimal digits after each %, and together UTF-8";
    let mut client = client().await;
    for (target, parameter, given, allowed) in [
        ("/api/v1/users?limit=abc", "limit", "abc", LIMIT),
        ("/api/v1/users?limit=-1", "limit", "-1", LIMIT),
        ("/api/v1/users?limit=+1", "limit", "+1", LIMIT),
        ("/api/v1/users?limit=1.5", "limit", "1.5", LIMIT),
        ("/api/v1/users?limit=", "limit", "", LIMIT),
        ("/api/v1/users?limit", "limit", "", LIMIT),
        ("/api/v1/users?limit=1000001", "limit", "1000001", LIMIT),
        ("/api/v1/users?limit=99999999999999999999999", "limit", "99999999999999999999999", LIMIT),
        ("/api/v1/users?limit=%22", "limit", "\"", LIMIT),
        ("/api/v1/users?offset=abc", "offset", "abc", OFFSET),
        ("/api/v1/users?offset=18446744073709551616", "offset", "18446744073709551616", OFFSET),
        ("/api/v1/users?offset=18446744073709551615", "offset", "18446744073709551615", "0 to 18446744073709550615"),
        ("/api/v1/users?limit=1&limit=2", "limit", "1 and 2", "once"),
        ("/api/v1/users?offset=1&limit=2&offset=1", "offset", "1 and 1", "once"),
        ("/api/v1/users?limit=%", "limit", "%", ESCAPES),
        ("/api/v1/users?limit=%4", "limit", "%4", ESCAPES),
        ("/api/v1/users?offset=%zz", "offset", "%zz", ESCAPES),
        ("/api/v1/users?unknown=%ff", "unknown", "%ff", ESCAPES),
        ("/api/v1/users?Limit=3", "Limit", "3", "limit, offset"),
        ("/api/v1/users?page=2", "page", "2", "limit, offset"),
        ("/api/v1/users?limit=3&filter={a|b}^`\\", "filter", "{a|b}^`\\", "limit, offset"),
        ("/api/v1/users/1?limit=3", "limit", "3", "no parameter"),
        ("/healthz?x", "x", "", "no parameter"),
        ("/readyz?x=1&x=2", "x", "1", "no parameter"),
        ("/metrics?name[]=a", "name[]", "a", "no parameter"),
        ("/api/v1/users?%zz=1", "%zz", "%zz", ESCAPES),
        ("/api/v1/users/0", "id", "0", ID),
        ("/api/v1/users/abc", "id", "abc", ID),
        ("/api/v1/users/18446744073709551616", "id", "18446744073709551616", ID),
    ] {
        let response = client.get(target).await;
        assert_eq!(response.status, 400, "{target}");
        let problem = assert_problem(&response, parameter);
        assert_eq!((&problem["parameter"], &problem["given"]), (&parameter.into(), &given.into()), "{target}");
        assert!(problem["allowed"].as_str().is_some_and(|text| text.contains(allowed)), "{target}: {problem}");
    }
}

#[tokio::test]
async fn a_connection_is_kept() {
    let mut client = client().await;
    for limit in [0, 1, 200, 1000] {
        let response = client.get(&format!("/api/v1/users?limit={limit}")).await;
        assert_eq!(response.json().as_array().unwrap().len(), limit);
    }
    client.ask("GET", "/healthz", "Connection: close\r\n").await;
    assert_eq!(client.response().await.status, 200);
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let mut client = client().await;
    let requests: String = (1..=50)
        .map(|limit| format!("GET /api/v1/users?limit={} HTTP/1.1\r\nHost: localhost\r\n\r\n", limit * 20))
        .collect();
    client.send(&requests).await;
    for limit in 1..=50 {
        assert_eq!(client.response().await.json().as_array().unwrap().len(), limit * 20);
    }
}

/// As `nc -N` does: the client has said all that it has to say, and reads on.
#[tokio::test]
async fn a_client_that_has_finished_speaking_gets_all_of_its_response() {
    let mut client = client().await;
    client.ask("GET", "/api/v1/users?limit=20000", "").await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.response().await.json().as_array().unwrap().len(), 20_000);
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_head_that_is_never_finished_is_cut() {
    let mut config = config();
    config.engine.head_timeout = Duration::from_millis(100);
    let mut client = Client::connect(serve(&config)).await;
    client.send("GET /api/v1/users HTTP/1.1\r\nHost:").await;
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_head_larger_than_a_chunk_is_refused() {
    let mut client = client().await;
    client.ask("GET", "/healthz", &format!("Cookie: {}\r\n", "x".repeat(chunkwire::CHUNK_SIZE))).await;
    assert_eq!(soon(chunkwire_test_support::client::Response::read_head(&mut client.stream)).await.status, 431);
}

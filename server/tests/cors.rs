//! The origins whose pages may read responses (Fetch Standard, CORS protocol): none, unless an option names them.

mod support;

use axum::http::HeaderValue;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::time::soon;
use support::server::{config, serve};

const PAGE: &str = "https://page.example";

async fn allowed(client: &mut Client, origin: &str) -> Option<String> {
    client.ask("GET", "/api/v1/users?limit=1000", &format!("Origin: {origin}\r\n")).await;
    let response = client.response().await;
    assert_eq!(response.json().as_array().unwrap().len(), 1000);
    let told = response.header("access-control-expose-headers");
    assert!(told.is_none_or(|names| names == "etag,link,link-template,x-total-count,x-request-id"), "{told:?}");
    response.header("access-control-allow-origin").map(str::to_owned)
}

#[tokio::test]
async fn no_origin_is_allowed_by_default() {
    assert_eq!(allowed(&mut Client::connect(serve(&config())).await, PAGE).await, None);
}

#[tokio::test]
async fn an_origin_that_is_named_is_allowed_and_no_other() {
    let mut config = config();
    config.allow_origins = vec![HeaderValue::from_static(PAGE), HeaderValue::from_static("http://localhost:8080")];
    let mut client = Client::connect(serve(&config)).await;
    assert_eq!(allowed(&mut client, PAGE).await.as_deref(), Some(PAGE));
    assert_eq!(allowed(&mut client, "http://localhost:8080").await.as_deref(), Some("http://localhost:8080"));
    assert_eq!(allowed(&mut client, "https://other.example").await, None);

    let ask = "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: accept\r\n";
    client.ask("OPTIONS", "/api/v1/users", &format!("Origin: {PAGE}\r\n{ask}")).await;
    let preflight = soon(Response::read_head(&mut client.stream)).await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("accept,if-none-match,x-request-id"));
}

#[tokio::test]
async fn a_star_allows_all() {
    let mut config = config();
    config.allow_origins = vec![HeaderValue::from_static("*")];
    assert_eq!(allowed(&mut Client::connect(serve(&config)).await, PAGE).await.as_deref(), Some("*"));
}

//! Promise: every route answers as `/openapi.json` says, and every route is in there.

mod support;

use std::future::pending;
use std::net::SocketAddr;

use chunkwire_server::Server;
use chunkwire_test_support::client::Client;
use serde_json::Value;
use support::described::{answers_as_described, description, operations};
use support::server::{config, serve};

fn paths(description: &Value) -> Vec<&str> {
    operations(description).into_iter().map(|(path, _)| path).collect()
}

#[tokio::test]
async fn every_route_answers_as_it_is_described() {
    answers_as_described(serve(&config()), &[("{id}", "1")], &[], &[]).await;
}

/// What is at a path that is not known is told from the same description, but is asked for by people.
#[tokio::test]
async fn it_has_the_routes_that_the_page_and_a_404_name() {
    let server = serve(&config());
    let description = description(server).await;
    assert_eq!(description["openapi"], "3.1.0");
    let own = ["/", "/healthz", "/live", "/metrics", "/openapi.json", "/readyz"];
    let records = ["/api/v1/users", "/api/v1/users/{id}"];
    assert_eq!(paths(&description), [&own[..1], &records, &own[1..]].concat());
    let mut client = Client::connect(server).await;
    let page = String::from_utf8(client.get("/").await.body).unwrap();
    let problem = client.get("/nothing").await.json();
    for path in paths(&description) {
        assert!(path == "/" || page.contains(&format!("<h3><code>{path}</code>")), "{path} is not on the page");
        assert!(problem["detail"].as_str().unwrap().contains(path), "{path} is not in {problem}");
    }
}

#[tokio::test]
async fn an_address_describes_what_is_there() {
    let mut config = config();
    config.admin_listen = Some("127.0.0.1:0".parse().unwrap());
    let server = Server::bind(&config).unwrap();
    let admin: SocketAddr = server.admin_addrs().unwrap()[0].to_string().parse().unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(server.serve(pending()));
    let records = ["/api/v1/users", "/api/v1/users/{id}", "/healthz", "/openapi.json", "/readyz"];
    assert_eq!(paths(&description(address).await), records);
    let own = ["/", "/healthz", "/live", "/metrics", "/openapi.json", "/readyz"];
    assert_eq!(paths(&description(admin).await), own);
    answers_as_described(address, &[("{id}", "1")], &[], &[]).await;
    answers_as_described(admin, &[], &[], &[]).await;
}

#[tokio::test]
async fn it_follows_a_reload() {
    let mut config = config();
    let server = Server::bind(&config).unwrap();
    let (address, reload) = (server.local_addr().unwrap(), server.reload());
    tokio::spawn(server.serve(pending()));
    let limit = async || {
        let description = description(address).await;
        let limit = &description["paths"]["/api/v1/users"]["get"]["parameters"][0];
        assert_eq!(limit["name"], "limit");
        (limit["schema"]["default"].as_u64(), limit["schema"]["maximum"].as_u64())
    };
    assert_eq!(limit().await, (Some(1000), Some(1_000_000)));
    (config.users, config.max_users) = (7, 70);
    reload.apply(&config).await.unwrap();
    assert_eq!(limit().await, (Some(7), Some(70)));
}

//! Responses that are one snapshot.

use std::process::Output;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::{is_installed, output};
use chunkwire_test_support::time::soon;
use tokio::process::Command;

use crate::fixture::{cluster, get, program, serve, text, with_routes};
use crate::support::file::File;
use crate::support::program::chunkwire;
use crate::support::server::{metric, metric_becomes};

const SUMS: &str = r#"
    [[route]]
    path = "/sums"
    sql = "SELECT customer, count(*) AS orders FROM orders WHERE customer <= $1 GROUP BY customer"
    parameters = [{ name = "most", type = "int", default = 9 }]
    key = ["customer desc"]
    consistency = "snapshot"

    [[route]]
    path = "/long"
    sql = "SELECT n, repeat('x', 600) AS note FROM generate_series(1, 100000) AS n"
    consistency = "snapshot"
    limit = { default = 10, max = 100000 }

    [[route]]
    path = "/users"
    table = "users"
"#;

#[tokio::test]
async fn a_query_without_an_index_or_a_key_is_sent_whole() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", SUMS)).await;
    assert_eq!(
        text(&get(server, "/sums").await),
        r#"[{"customer":2,"orders":233},{"customer":1,"orders":234},{"customer":0,"orders":233}]"#
    );
    assert_eq!(text(&get(server, "/sums?most=1&limit=1").await), r#"[{"customer":1,"orders":234}]"#);
    assert_eq!(get(server, "/long").await.json().as_array().unwrap().len(), 10);
    assert_eq!(get(server, "/sums?most=x").await.status, 400);
    let refused = get(server, "/sums?after=1").await;
    assert_eq!(refused.status, 400);
    assert!(text(&refused).contains("most, limit, format"), "{}", text(&refused));
    assert_eq!(get(server, "/sums/1").await.status, 404);
}

async fn curl(url: &str) -> Output {
    let mut command = Command::new("curl");
    soon(command.args(["--silent", "--show-error", "--limit-rate", "100k", "--output", "/dev/null", url]).output())
        .await
        .unwrap()
}

/// A client that reads slowly loses its connection in time, is cut, and is in the way of no page.
#[tokio::test]
async fn a_slow_client_is_cut_at_the_age_and_the_log_says_why() {
    let Some(cluster) = cluster().await else { return };
    if !is_installed("curl").await {
        return;
    }
    let settings = "connections = 1\nsnapshot-connections = 1\nsnapshot-max-age = \"2s\"";
    let mut server = program(&cluster.url(), &format!("{settings}\nquery-timeout = \"500ms\""), SUMS).await;
    let address = server.address;
    let slow = tokio::spawn(async move { curl(&format!("http://{address}/long?limit=100000")).await });
    let leased = "chunkwire_database_snapshot_connections{state=\"leased\"}";
    metric_becomes(address, leased, 1.0).await;
    // Pages have connections of their own.
    assert_eq!(get(address, "/users").await.status, 200);
    server.logged_with(&["ERROR", "the snapshot was read for too long"]).await;
    metric_becomes(address, leased, 0.0).await;
    assert_eq!(soon(slow).await.unwrap().status.code(), Some(18));
    assert_eq!(get(address, "/long?limit=5").await.json().as_array().unwrap().len(), 5);
    assert!(metric(address, "chunkwire_database_leases_taken_back_total{route=\"/long\"}").await > 0.0);
}

#[tokio::test]
async fn what_it_costs_is_said_at_the_start_and_by_check() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run("CREATE TABLE t (id int)").await;
    let routes = "[[route]]\npath = \"/t\"\ntable = \"t\"\nconsistency = \"snapshot\"\n";
    let cost = "a client that reads slowly holds one of 2 connections and a snapshot, for 30s at most";
    let file = File::new("snapshots.toml", &format!("[database]\nurl = \"{}\"\n{routes}", cluster.url()));
    let said = output(chunkwire(&["--config", file.path(), "--check"])).await;
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains(&format!("\n  snapshot   {cost}\n")), "{said}");
    assert!(!said.contains("page cost"), "{said}");

    let mut command = chunkwire(&["--config", file.path(), "--listen", "127.0.0.1:0"]);
    command.env("NO_COLOR", "1");
    let mut server = chunkwire_test_support::process::Process::start(command).await;
    let line = server.logged(cost).await;
    assert!(line.contains("WARN") && line.contains("/t"), "{line}");
    assert_eq!(text(&Client::connect(server.address).await.get("/t").await), "[]");
}

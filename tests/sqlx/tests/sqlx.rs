//! The example `sqlx`, as a program: clients that leave take no connection with them.

use std::time::Duration;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::example::Example;
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;
use tokio::time::sleep;

const RUNNING: &str = "SELECT count(*) FROM pg_stat_activity \
                       WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid()";

/// Awaits that so many queries run, of which PostgreSQL sends no event.
async fn until_running(cluster: &Cluster, queries: &str) {
    let running = async {
        while cluster.value(RUNNING).await != queries {
            sleep(Duration::from_millis(20)).await;
        }
    };
    soon(running).await;
}

#[tokio::test]
async fn clients_that_leave_take_no_connection_with_them() {
    let Some(cluster) = Cluster::start().await else { return };
    let example = Example::start("sqlx", &[&cluster.url()]).await;
    // One stops in the middle of its rows, one before the response begins.
    for path in ["/numbers/1000000000", "/report/3600"] {
        let mut clients = Vec::new();
        for _ in 0..4 {
            let mut client = Client::connect(example.address).await;
            client.ask("GET", path, "").await;
            if path.starts_with("/numbers") {
                assert_eq!(soon(Response::read_head(&mut client.stream)).await.status, 200);
            }
            clients.push(client);
        }
        until_running(&cluster, "4").await;
        drop(clients);

        let mut fifth = Client::connect(example.address).await;
        fifth.ask("GET", "/numbers/2", "").await;
        let numbers = soon(Response::read(&mut fifth.stream)).await.json();
        assert_eq!(numbers[1]["text"], "c81e728d9d4c2f636f067f89cc14862c");
        until_running(&cluster, "0").await;
    }
}

#[tokio::test]
async fn connections_whose_rows_were_read_are_used_again() {
    let Some(cluster) = Cluster::with_settings(&[("log_connections", "on")]).await else { return };
    let example = Example::start("sqlx", &[&cluster.url()]).await;
    let mut client = Client::connect(example.address).await;
    for _ in 0..20 {
        client.ask("GET", "/numbers/1000", "").await;
        let numbers = soon(Response::read(&mut client.stream)).await.json();
        assert_eq!(numbers.as_array().unwrap().len(), 1000);
    }
    // As many as the pool has: sqlx gives one back by a task, which the next request may outrun.
    let made = cluster.log().matches("connection authorized").count();
    assert!((1..=4).contains(&made), "{made} connections");
}

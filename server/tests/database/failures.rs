//! A database that is away, locked, full or changed.

use std::future::pending;
use std::time::Duration;

use chunkwire_server::Server;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::time::soon;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::fixture::{ROUTES, cluster, get, serve, text, with_routes, with_settings};
use crate::support::server::config;

/// Asserts that a response is a problem without a word of the database's.
fn assert_problem(response: &Response, status: u16, detail: &str) {
    assert_eq!(response.status, status, "{}", text(response));
    assert_eq!(response.header("content-type"), Some("application/problem+json"));
    assert!(response.json()["detail"].as_str().unwrap().contains(detail), "{}", text(response));
    assert_eq!(response.header("retry-after"), (status == 503).then_some("1"));
    for said in ["users", "orders", "canceling", "relation", "column", "SQL", "postgres", "127.0.0.1"] {
        assert!(!text(response).contains(said), "{said}: {}", text(response));
    }
}

/// Asks until a response has a status.
async fn becomes(server: std::net::SocketAddr, target: &str, status: u16) -> Response {
    let asked = async {
        loop {
            let response = get(server, target).await;
            if response.status == status {
                return response;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon(asked).await
}

#[tokio::test]
async fn a_locked_table_is_waited_for_as_long_as_a_statement_may_take() {
    let Some(cluster) = cluster().await else { return };
    let settings = "query-timeout = \"300ms\"\nwait = \"100ms\"\nconnections = 1";
    let server = serve(&with_routes(&cluster, settings, ROUTES)).await;
    let locker = cluster.client().await;
    locker.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let waits = tokio::spawn(async move { get(server, "/users").await });
    // Its only connection is taken once the database knows of the wait.
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    soon(async { while cluster.value(waiting).await == "0" {} }).await;
    assert_problem(&get(server, "/orders?customer=1").await, 503, "connections");
    assert_problem(&soon(waits).await.unwrap(), 504, "too long");
    assert_problem(&get(server, "/users/7").await, 504, "too long");
    locker.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(get(server, "/users/7").await.status, 200);
    assert_eq!(get(server, "/users").await.status, 200);
}

#[tokio::test]
async fn a_client_that_leaves_leaves_no_statement_to_wait_for() {
    let Some(cluster) = cluster().await else { return };
    let mut config = with_routes(&cluster, "query-timeout = \"1h\"\nconnections = 1", ROUTES);
    config.engine.half_close_timeout = Duration::from_millis(100);
    let server = serve(&config).await;
    let locker = cluster.client().await;
    locker.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    for target in ["/users", "/users/7"] {
        let mut leaves = Client::connect(server).await;
        leaves.ask("GET", target, "").await;
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
        soon(async { while cluster.value(waiting).await == "0" {} }).await;
        drop(leaves);
        assert_eq!(soon(get(server, "/orders?customer=1")).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn a_database_that_takes_no_more_connections_is_asked_again_later() {
    let settings = [("max_connections", "5"), ("superuser_reserved_connections", "0"), ("max_wal_senders", "0")];
    let Some(cluster) = with_settings(&settings).await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    let mut taken = Vec::new();
    while let Ok((client, connection)) = tokio_postgres::connect(&cluster.url(), tokio_postgres::NoTls).await {
        tokio::spawn(connection);
        taken.push(client);
        assert!(taken.len() < 10);
    }
    assert_problem(&get(server, "/users").await, 503, "no time");
    assert_problem(&get(server, "/users/7").await, 503, "no time");
    drop(taken);
    becomes(server, "/users", 200).await;
}

#[tokio::test]
async fn a_database_that_is_away_is_waited_for() {
    let Some(cluster) = cluster().await else { return };
    cluster.stop().await;
    let server = Server::bind(&with_routes(&cluster, "", ROUTES)).unwrap();
    let address = server.local_addr().unwrap();
    let describing = tokio::spawn(server.describe());
    tokio::spawn(server.serve(pending()));
    assert_eq!(get(address, "/healthz").await.status, 200);
    assert_eq!(get(address, "/readyz").await.status, 503);
    assert_problem(&get(address, "/users").await, 503, "not been reached");
    cluster.run_again().await.unwrap();
    soon(describing).await.unwrap().unwrap();
    assert_eq!(get(address, "/readyz").await.status, 200);
    assert_eq!(get(address, "/users").await.status, 200);

    cluster.stop().await;
    assert_problem(&get(address, "/users").await, 503, "reached");
    assert_problem(&get(address, "/users/7").await, 503, "reached");
    cluster.run_again().await.unwrap();
    becomes(address, "/users", 200).await;
    assert_eq!(get(address, "/users/7").await.status, 200);
}

/// A host that answers no attempt to connect: its queue is full of those that nobody accepts.
async fn silent_host() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (listener, mut queued) = (socket.listen(1).unwrap(), Vec::new());
    let address = listener.local_addr().unwrap();
    // Nothing but the time tells that there is no answer.
    while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream.unwrap());
    }
    (listener, queued)
}

#[tokio::test]
async fn a_host_that_does_not_answer_leaves_time_for_the_next() {
    let Some(cluster) = cluster().await else { return };
    let (silent, _queued) = silent_host().await;
    let hosts = format!("{},127.0.0.1:{}", silent.local_addr().unwrap(), cluster.port());
    let mut config = config();
    let tables = format!("[database]\nurl = 'postgres://postgres@{hosts}/postgres'\nwait = '6s'\n{ROUTES}");
    config.tables = Some(tables.parse().unwrap());
    assert_eq!(get(serve(&config).await, "/users").await.status, 200);
}

#[tokio::test]
async fn a_table_that_changes_is_a_failure_of_the_server() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    assert_eq!(get(server, "/users").await.status, 200);
    cluster.run("ALTER TABLE users ALTER born TYPE text").await;
    assert_problem(&get(server, "/users").await, 500, "could not be produced");
    assert_problem(&get(server, "/users/7").await, 500, "could not be produced");
    cluster.run("ALTER TABLE users DROP born").await;
    assert_problem(&get(server, "/users").await, 500, "could not be produced");
    assert_problem(&get(server, "/users/7").await, 500, "could not be produced");
    assert_eq!(get(server, "/orders?customer=1").await.status, 200);
}

#[tokio::test]
async fn a_route_that_can_not_be_described_is_an_error() {
    let Some(cluster) = cluster().await else { return };
    let routes = "[[route]]\npath = \"/u\"\ntable = \"usres\"";
    let server = Server::bind(&with_routes(&cluster, "", routes)).unwrap();
    let error = soon(server.describe()).await.unwrap_err().to_string();
    for named in ["/u", "usres", "public.users"] {
        assert!(error.contains(named), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_written_and_the_session_is_fixed() {
    let Some(cluster) = cluster().await else { return };
    let routes = "[[route]]\npath = \"/w\"\nsql = \"SELECT id, note() FROM users\"\nkey = [\"id\"]\npages = \"expensive\"\n\
                  [[route]]\npath = \"/s\"\nsql = \"SELECT id, current_setting('TimeZone') AS zone, \
                  ARRAY[interval '1 day'] AS days, timetz '12:00Z' AS noon FROM users WHERE id = 1\"\nkey = [\"id\"]";
    cluster
        .run(
            "CREATE FUNCTION note() RETURNS int LANGUAGE plpgsql AS \
             $$ BEGIN INSERT INTO orders VALUES (9, now(), 'x', 1); RETURN 1; END $$; \
             ALTER ROLE postgres SET TimeZone = 'Asia/Kolkata'; ALTER ROLE postgres SET DateStyle = 'German'",
        )
        .await;
    let server = serve(&with_routes(&cluster, "", routes)).await;
    assert_problem(&get(server, "/w").await, 500, "could not be produced");
    assert_eq!(cluster.value("SELECT count(*) FROM orders WHERE customer = 9").await, "0");
    let row = get(server, "/s").await.json();
    assert_eq!(row[0]["zone"], "UTC");
    assert_eq!((&row[0]["days"][0], &row[0]["noon"]), (&"1 day".into(), &"12:00:00+00".into()));
}

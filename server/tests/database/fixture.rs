//! A cluster with tables, and servers that answer from it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use chunkwire_server::Config;
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::Process;

use crate::support::file::File;
use crate::support::program::chunkwire;
use crate::support::server::config;
pub(crate) use crate::support::server::serve_described as serve;

const TABLES: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE users (id bigint PRIMARY KEY, name text, born date, tags text[], mood mood);
    INSERT INTO users SELECT n, 'name ' || n, date '2000-01-01' + n, ARRAY['a', NULL], 'sad'
        FROM generate_series(1, 3000) n;
    CREATE TABLE orders (customer bigint, placed_at timestamptz, id text, total numeric);
    INSERT INTO orders SELECT n % 3, timestamptz '2020-01-01Z' + n / 7 * interval '1 hour', 'o,' || n, n / 4.0
        FROM generate_series(1, 700) n;
    CREATE UNIQUE INDEX ON orders (customer, placed_at DESC, id);
";

/// Routes over these tables.
pub(crate) const ROUTES: &str = r#"
    [[route]]
    path = "/users"
    table = "users"
    item = true
    limit = { default = 100, max = 5000 }
    link-template = true

    [[route]]
    path = "/orders"
    sql = "SELECT placed_at, id, total FROM orders WHERE customer = $1 AND placed_at >= $2"
    parameters = [
        { name = "customer", type = "bigint" },
        { name = "since", type = "timestamptz", default = "2000-01-01" },
    ]
    key = ["placed_at desc", "id"]
    item = true

    [[route]]
    path = "/totals"
    sql = "SELECT placed_at, id, total FROM orders WHERE customer = 1"
    columns = ["total"]
    key = ["placed_at desc", "id"]
    envelope = true
"#;

/// A cluster with the tables, or none where PostgreSQL is not installed.
pub(crate) async fn cluster() -> Option<Cluster> {
    with_settings(&[]).await
}

pub(crate) async fn with_settings(settings: &[(&str, &str)]) -> Option<Cluster> {
    let cluster = Cluster::with_settings(settings).await?;
    cluster.run(TABLES).await;
    Some(cluster)
}

/// Settings of a server with one worker and with these routes.
pub(crate) fn with_routes(cluster: &Cluster, settings: &str, routes: &str) -> Config {
    let mut config = config();
    let tables = format!("[database]\nurl = \"{}\"\n{settings}\n{routes}", cluster.url());
    config.tables = Some(tables.parse().unwrap_or_else(|error| panic!("{error}: {tables}")));
    config.engine.workers = std::num::NonZeroUsize::new(1);
    config
}

/// Asks a server over a connection of its own.
pub(crate) async fn get(server: SocketAddr, target: &str) -> Response {
    Client::connect(server).await.get(target).await
}

/// The text of a body.
pub(crate) fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

/// The program over the database at a URL, once it knows all its routes.
pub(crate) async fn program(url: &str, settings: &str, routes: &str) -> Process {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("routes-{}.toml", FILES.fetch_add(1, Ordering::Relaxed));
    let file = File::new(&name, &format!("[database]\nurl = \"{url}\"\n{settings}\n{routes}"));
    let mut program = Process::start(chunkwire(&["--config", file.path(), "--listen", "127.0.0.1:0"])).await;
    program.logs("all routes are described").await;
    program
}

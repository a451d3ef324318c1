//! The server in this process, on a port of its own.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use chunkwire_server::{Config, Server};
use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::{PATIENCE, soon};
use tokio::net::TcpStream;

/// The default settings, on a port that the system chooses.
pub(crate) fn config() -> Config {
    let mut config = Config::default();
    config.listen = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()];
    config
}

/// Serves on the runtime of the test until that ends.
pub(crate) fn serve(config: &Config) -> SocketAddr {
    let server = Server::bind(config).unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(server.serve(pending()));
    address
}

/// Serves so once the database has told of all routes.
#[cfg(feature = "postgres")]
pub(crate) async fn serve_described(config: &Config) -> SocketAddr {
    let server = Server::bind(config).unwrap();
    soon(server.describe()).await.unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(server.serve(pending()));
    address
}

/// The value of a metric, such as `chunkwire_records_total`, or a sum over its labels.
pub(crate) async fn metric(server: impl Into<Remote>, name: &str) -> f64 {
    metric_over(&mut Client::connect(server).await, name).await
}

/// The value of a metric, asked for over a connection that is there.
pub(crate) async fn metric_over(client: &mut Client, name: &str) -> f64 {
    let text = String::from_utf8(client.get("/metrics").await.body).unwrap();
    match value(&text, name) {
        Some(value) => value,
        None if name.contains('{') => 0.0,
        None => panic!("no {name} in {text}"),
    }
}

/// The value of a metric in a text, summed over the labels that are not named, or `None` as long as nothing was counted
/// under those that are.
fn value(text: &str, metric: &str) -> Option<f64> {
    let (name, labels) = metric.trim_end_matches('}').split_once('{').unwrap_or((metric, ""));
    let values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with([' ', '{']))?;
        let is_meant = labels.split(',').all(|label| rest.contains(label));
        is_meant.then(|| rest.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
    });
    values.reduce(|sum, value| sum + value)
}

/// Awaits that a metric has a value.
pub(crate) async fn metric_becomes(server: impl Into<Remote>, name: &str, expected: f64) {
    let server = server.into();
    let mut last = None;
    let seen = tokio::time::timeout(PATIENCE, async {
        while last != Some(expected) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let metrics = Client::connect(&server).await.get("/metrics").await;
            last = value(str::from_utf8(&metrics.body).unwrap(), name);
        }
    });
    assert!(seen.await.is_ok(), "{name} stays at {last:?} and does not become {expected}");
}

/// What comes of a response whose client reads nothing before the server was told to stop, ran into its deadline, and
/// ended with its runtime, as the binary does: all that the kernel had taken.
pub(crate) fn cut_response(config: &Config, target: &str) -> Response {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let serving = runtime();
    let unread = serving.block_on(async {
        let server = Server::bind(config).unwrap();
        let mut client = Client::with_little_room(server.local_addr().unwrap()).await;
        client.ask("GET", target, "").await;
        soon(server.serve(async { client.tcp().readable().await.unwrap() })).await;
        client.stream.into_inner().into_tcp().into_std().unwrap()
    });
    drop(serving);
    runtime().block_on(async { Client::over(TcpStream::from_std(unread).unwrap()).response().await })
}

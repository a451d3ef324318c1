//! Promise: settings that change while an engine serves hold for connections to come, and end none that is there.

mod support;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::time::Duration;

use bytes::Bytes;
use chunkwire_engine::{Config, ConnectionEnd};
use chunkwire_test_support::client::Client;
use http::Response;
use http_body_util::Full;
use support::{engine, next, serve};
use tokio::net::TcpStream;
use tower::service_fn;

#[tokio::test]
async fn they_hold_for_connections_to_come() {
    let mut config = Config::default();
    config.max_connections = NonZeroUsize::new(1);
    let engine = engine(&config);
    let handle = engine.handle().clone();
    let service = service_fn(async |_| Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"ok")))));
    let served = serve(engine, service);
    let mut open = Client::connect(served.address).await;
    assert_eq!(open.get("/").await.status, 200);
    let waiting = TcpStream::connect(served.address).await.unwrap();

    config.max_connections = NonZeroUsize::new(2);
    config.head_timeout = Duration::from_millis(50);
    handle.set_config(&config).unwrap();
    assert!(Client::over(waiting).is_closed().await, "it has a place, and its head does not come in time");
    assert_eq!(next(&served.connections), ConnectionEnd::HeadTimeout);
    assert_eq!(open.get("/").await.status, 200);

    config.head_timeout = Duration::ZERO;
    assert!(handle.set_config(&config).unwrap_err().to_string().contains("head timeout"));
    let silent = TcpStream::connect(served.address).await.unwrap();
    assert!(Client::over(silent).is_closed().await, "all stays as it was");
    drop(open);
    assert!([next(&served.connections), next(&served.connections)].contains(&ConnectionEnd::HeadTimeout));
}

//! At its limits the server waits, and ends no stream.

use std::num::NonZeroUsize;

use chunkwire_test_support::http2_client::{Client, WIDE, read};
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use tokio::net::TcpStream;

use crate::support::program::with_open_files;
use crate::support::server::config;
use crate::support::wire::Wire;

on_every_wire!(at_the_cap_the_next_client_waits_for_a_place, running_out_of_open_files_ends_no_stream);

async fn at_the_cap_the_next_client_waits_for_a_place(wire: &Wire) {
    let mut config = config();
    config.engine.max_connections = NonZeroUsize::new(2);
    let remote = wire.serve(&config);
    let mut first = Client::connect(&remote, WIDE).await;
    let mut second = Client::connect(&remote, WIDE).await;
    assert_eq!(first.get("/healthz").await.status(), 200);
    assert_eq!(second.get("/healthz").await.status(), 200);

    let stream = TcpStream::connect(remote.address).await.unwrap();
    let third = tokio::spawn(async move { Client::over(stream, &remote, WIDE).await.get("/healthz").await.status() });
    // The others are served many times meanwhile.
    for _ in 0..100 {
        assert_eq!(first.get("/healthz").await.status(), 200);
        assert_eq!(second.get("/healthz").await.status(), 200);
    }
    assert!(!third.is_finished(), "a third was served");
    drop(second);
    assert_eq!(soon(third).await.unwrap(), 200);
}

async fn running_out_of_open_files_ends_no_stream(wire: &Wire) {
    let arguments = ["--listen", "127.0.0.1:0", "--max-connections", "1000"];
    let mut server = Process::start(with_open_files("-n 40", &wire.options(&arguments))).await;
    let remote = &wire.remote(server.address);
    let mut client = Client::connect(remote, WIDE).await;
    let begun = client.get("/api/v1/users?limit=20000").await;
    let mut others = Vec::new();
    for _ in 0..60 {
        others.push(TcpStream::connect(remote.address).await.unwrap());
    }
    server.logs("accepting connections fails").await;
    for response in [begun, client.get("/api/v1/users").await] {
        let (body, reset) = read(response).await;
        assert!(reset.is_none() && body.ends_with(b"]"));
    }
    others.clear();
    let mut late = Client::connect(remote, WIDE).await;
    assert_eq!(late.get("/healthz").await.status(), 200);
    drop((client, late));
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(0));
}

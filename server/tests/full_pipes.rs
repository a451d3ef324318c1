//! Promise: nobody has to read what the program prints: neither serving nor stopping waits for stdout or stderr.
#![cfg(unix)]

mod support;

use std::io::{PipeReader, pipe};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::port::Port;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use support::program::chunkwire;
use support::server::metric;
use tokio::net::unix::pipe::Sender;
use tokio::process::Command;

const ACCESS_LOG: [&str; 3] = ["--listen", "127.0.0.1:0", "--access-log"];

/// More lines than the pipe and the queue before it hold.
const MANY: usize = 5000;

/// A pipe that takes nothing more as long as its reader is alive.
async fn full_pipe() -> (PipeReader, OwnedFd) {
    let (reader, writer) = pipe().unwrap();
    let filled = Sender::from_owned_fd(writer.into()).unwrap();
    soon(filled.writable()).await.unwrap();
    // Whole pages, of which it holds a number (pipe(7)).
    while filled.try_write(&[0; 4096]).is_ok() {}
    (reader, filled.into_blocking_fd().unwrap())
}

async fn ask_often(server: SocketAddr) {
    let mut client = Client::connect(server).await;
    for _ in 0..MANY {
        assert_eq!(client.get("/healthz").await.status, 200);
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_stops_nothing() {
    let server = Process::start(chunkwire(&ACCESS_LOG)).await;
    ask_often(server.address).await;
    assert_eq!(Client::connect(server.address).await.get("/readyz").await.status, 200);
    assert!(metric(server.address, "chunkwire_log_lines_lost_total").await > 0.0);
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(0));
}

#[tokio::test]
async fn lost_lines_are_told_once_somebody_reads() {
    let mut server = Process::start(chunkwire(&ACCESS_LOG)).await;
    ask_often(server.address).await;
    server.logs("lines of the log were lost").await;
    assert_eq!(Client::connect(server.address).await.get("/nowhere").await.status, 404);
    server.logs("uri=/nowhere").await;
}

#[tokio::test]
async fn a_full_stdout_keeps_it_from_nothing() {
    let (_reader, writer) = full_pipe().await;
    let port = Port::keep();
    let mut command = chunkwire(&["--listen", &port.to_string()]);
    let mut server = command.stdout(writer).spawn().unwrap();
    port.listens().await;
    assert_eq!(Client::connect(port.address()).await.get("/healthz").await.status, 200);
    let terminated = Command::new("kill").arg(server.id().unwrap().to_string()).status();
    assert!(soon(terminated).await.unwrap().success());
    assert_eq!(soon(server.wait()).await.unwrap().code(), Some(0));
}

#[tokio::test]
async fn it_ends_though_nobody_takes_its_last_words() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    for (arguments, code) in [
        (&["--unknown"][..], 2),
        (&["--users", "many"], 2),
        (&["--listen", &taken], 1),
        (&["--help"], 0),
        (&["--version"], 0),
    ] {
        let (_reader, writer) = full_pipe().await;
        let mut command = chunkwire(arguments);
        let mut program = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        assert_eq!(soon(program.wait()).await.unwrap().code(), Some(code), "{arguments:?}");
    }
}

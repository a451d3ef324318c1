//! The server in this process, on a port of its own.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};

use chunkwire::server::{Config, Server};
use tokio::io::BufReader;
use tokio::net::TcpStream;

use super::client::{Client, Response};
use super::soon;

/// The default settings, on a port that the system chooses.
pub(crate) fn config() -> Config {
    let mut config = Config::default();
    config.listen = (Ipv4Addr::LOCALHOST, 0).into();
    config
}

/// Serves on the runtime of the test until that ends.
pub(crate) fn serve(config: &Config) -> SocketAddr {
    let server = Server::bind(config).unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(server.serve(pending()));
    address
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
        soon(server.serve(async { client.stream.get_ref().readable().await.unwrap() })).await;
        client.stream.into_inner().into_std().unwrap()
    });
    drop(serving);
    runtime().block_on(async {
        let stream = BufReader::new(TcpStream::from_std(unread).unwrap());
        Client { stream }.response().await
    })
}

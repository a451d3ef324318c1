//! Promise: a proxy that says which client it speaks for is believed, and nobody else; one that says nothing in time is
//! not served.

mod support;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use chunkwire_engine::{Config, ConnectionEnd, Engine, Listener, Peer};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use proxy_header::{ProxiedAddress, ProxyHeader, Tlv};
use support::{Served, next, serve, serve_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tower::service_fn;

const CLIENT: &str = "192.0.2.7:4711";

/// Whom a request is of, as its service is told.
#[derive(Clone)]
struct Of(String);

async fn whoami(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let Of(peer) = request.extensions().get().unwrap();
    Ok(Response::new(Full::from(peer.clone())))
}

fn listener() -> Listener {
    Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

/// An engine that believes everybody, or nobody.
fn engine(listener: Listener, believes: bool, config: &Config) -> Engine {
    let listener = listener.proxy_protocol(move |_| believes);
    Engine::new(vec![listener], config).unwrap().connect_info(|peer: &Peer| Some(Of(peer.to_string())))
}

fn served(config: &Config) -> Served {
    serve(engine(listener(), true, config), service_fn(whoami))
}

/// A header, as another program encodes it.
fn header(client: &str) -> Vec<u8> {
    let mut header = ProxyHeader::with_address(ProxiedAddress::stream(client.parse().unwrap(), destination(client)));
    header.append_tlv(Tlv::UniqueId(b"unique"[..].into()));
    let mut bytes = vec![0; 500];
    let length = header.encode_to_slice_v2(&mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

fn destination(client: &str) -> SocketAddr {
    if client.starts_with('[') { "[2001:db8::2]:80" } else { "198.51.100.1:80" }.parse().unwrap()
}

/// A header of a command and a family, with what follows its beginning.
fn made(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, rest].concat()
}

/// A connection that has begun with some bytes.
async fn begun(server: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = soon(TcpStream::connect(server)).await.unwrap();
    soon(stream.write_all(bytes)).await.unwrap();
    stream
}

/// Whom the server takes a client for.
async fn taken_for(mut client: Client) -> String {
    let first = client.get("/").await.body;
    assert_eq!(client.get("/").await.body, first, "the next request on the connection");
    String::from_utf8(first).unwrap()
}

#[tokio::test]
async fn the_peer_is_the_client_that_a_proxy_names() {
    let served = served(&Config::default());
    for client in [CLIENT, "[2001:db8::9]:4711"] {
        let stream = begun(served.address, &header(client)).await;
        assert_eq!(taken_for(Client::over(stream)).await, client);
        assert_eq!(next(&served.connections), ConnectionEnd::Closed);
    }
    // One of IPv4 has an address of IPv4, however it is written.
    let stream = begun(served.address, &header("[::ffff:192.0.2.7]:4711")).await;
    assert_eq!(taken_for(Client::over(stream)).await, CLIENT);
}

#[tokio::test]
async fn a_header_may_come_byte_by_byte_and_with_the_request() {
    let served = served(&Config::default());
    let mut stream = soon(TcpStream::connect(served.address)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in header(CLIENT) {
        soon(stream.write_all(&[byte])).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(taken_for(Client::over(stream)).await, CLIENT);

    let request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let stream = begun(served.address, &[&header(CLIENT)[..], request].concat()).await;
    assert_eq!(Client::over(stream).response().await.body, CLIENT.as_bytes());
}

#[tokio::test]
async fn a_proxy_may_speak_for_itself() {
    let served = served(&Config::default());
    let unix = [&[b'/'; 108][..], &[b'/'; 108]].concat();
    let udp = [192, 0, 2, 7, 198, 51, 100, 1, 1, 2, 3, 4];
    for header in [
        made(0x20, 0, &[]),
        made(0x20, 0, &[9; 300]),
        made(0x21, 0, &[]),
        made(0x21, 0x31, &unix),
        made(0x21, 0x12, &udp),
    ] {
        let stream = begun(served.address, &header).await;
        let itself = stream.local_addr().unwrap().to_string();
        assert_eq!(taken_for(Client::over(stream)).await, itself, "{header:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anything_else_ends_the_connection_at_once() {
    let served = served(&Config::default());
    for said in [
        b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(),
        b"G".to_vec(),
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n".to_vec(),
        made(0x11, 0x11, &[0; 12]),
        made(0x22, 0x11, &[0; 12]),
        made(0x21, 0x41, &[0; 12]),
        made(0x21, 0x11, &[0; 11]),
        made(0x21, 0x21, &[0; 35]),
        made(0x21, 0x31, &[0; 215]),
        made(0x20, 0, &[0; 5000]),
    ] {
        let mut stream = begun(served.address, &said).await;
        // What was not read makes the end a reset.
        let mut received = Vec::new();
        let _ = soon(stream.read_to_end(&mut received)).await;
        assert!(received.is_empty());
        assert_eq!(next(&served.connections), ConnectionEnd::ProxyHeaderFailed, "{said:?}");
    }
    let mut stream = begun(served.address, &header(CLIENT)[..20]).await;
    stream.shutdown().await.unwrap();
    assert_eq!(next(&served.connections), ConnectionEnd::ProxyHeaderFailed, "half a header");
    drop(begun(served.address, b"").await);
    assert_eq!(next(&served.connections), ConnectionEnd::Closed, "a client that looks whether somebody listens");
}

#[tokio::test]
async fn a_header_that_stalls_has_the_time_of_a_handshake() {
    let mut config = Config::default();
    config.handshake_timeout = Duration::from_millis(200);
    let served = served(&config);
    for said in [&header(CLIENT)[..20], b""] {
        let mut stream = begun(served.address, said).await;
        assert_eq!(soon(stream.read(&mut [0])).await.unwrap(), 0);
        assert_eq!(next(&served.connections), ConnectionEnd::HandshakeTimeout);
    }
}

#[tokio::test]
async fn a_client_that_is_no_proxy_is_not_believed() {
    let served = serve(engine(listener(), false, &Config::default()), service_fn(whoami));
    let stream = begun(served.address, b"").await;
    let itself = stream.local_addr().unwrap().to_string();
    assert_eq!(taken_for(Client::over(stream)).await, itself);
    assert_eq!(Client::over(begun(served.address, &header(CLIENT)).await).response().await.status, 400);
}

#[tokio::test]
async fn a_header_that_has_not_come_does_not_hold_a_shutdown_up() {
    let (stop, stopped) = oneshot::channel::<()>();
    let engine = engine(listener(), true, &Config::default());
    let (served, serving) = serve_until(engine, service_fn(whoami), async { drop(stopped.await) });
    let silent = begun(served.address, b"").await;
    let slow = begun(served.address, &header(CLIENT)[..20]).await;
    // It was accepted after these.
    assert_eq!(taken_for(Client::over(begun(served.address, &header(CLIENT)).await)).await, CLIENT);
    stop.send(()).unwrap();
    assert_eq!(soon(serving).await.unwrap(), 0);
    assert_eq!(next(&served.connections), ConnectionEnd::Closed);
    for _ in 0..2 {
        assert_eq!(next(&served.connections), ConnectionEnd::ShutDown);
    }
    drop((silent, slow));
}

/// A client that has begun with this process is served by it.
#[tokio::test]
async fn a_header_that_has_not_come_outlives_a_handover() {
    let engine = engine(listener(), true, &Config::default());
    let handle = engine.handle().clone();
    let served = serve(engine, service_fn(whoami));
    let (first, rest) = (&header(CLIENT)[..20], &header(CLIENT)[20..]);
    let mut slow = begun(served.address, first).await;
    // It was accepted after that.
    assert_eq!(taken_for(Client::over(begun(served.address, &header(CLIENT)).await)).await, CLIENT);
    handle.hand_over();
    assert!(timeout(Duration::from_millis(300), slow.read(&mut [0])).await.is_err(), "it was given up");
    slow.write_all(rest).await.unwrap();
    assert_eq!(soon(Client::over(slow).get("/")).await.body, CLIENT.as_bytes());
}

#[cfg(feature = "tls")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_header_comes_before_tls() {
    use chunkwire_engine::TlsFiles;
    use chunkwire_test_support::certificates::Authority;

    let authority = Authority::new();
    let identity = authority.issue("server");
    let tls = TlsFiles::new(&identity.chain, &identity.key).load().unwrap();
    let served = serve(engine(listener().tls(tls), true, &Config::default()), service_fn(whoami));
    let remote: Remote = authority.remote(served.address);
    for chunk in [1, 1000] {
        let mut stream = soon(TcpStream::connect(served.address)).await.unwrap();
        for part in header(CLIENT).chunks(chunk) {
            soon(stream.write_all(part)).await.unwrap();
        }
        assert_eq!(taken_for(Client::try_over(stream, &remote).await.unwrap()).await, CLIENT);
        assert_eq!(next(&served.connections), ConnectionEnd::Closed);
    }
    let said = begun(served.address, b"\x16\x03\x01\x00\xf4").await;
    assert_eq!(next(&served.connections), ConnectionEnd::ProxyHeaderFailed, "TLS without a header");
    drop(said);
}

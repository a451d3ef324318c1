//! Promise: TLS bounds what plain connections do, says what is wrong, and a cut stays one.

mod support;

use std::convert::Infallible;
use std::fs;
use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use chunkwire::{Format, JsonBody, Outcome};
use chunkwire_engine::{Config, ConnectionEnd, Engine, Listener, Tls, TlsFiles};
use chunkwire_test_support::certificates::{Authority, Identity};
use chunkwire_test_support::client::{Client, Response as Received};
use chunkwire_test_support::http2_client::{Client as Http2, WIDE, read};
use chunkwire_test_support::records::texts;
use chunkwire_test_support::remote::{Remote, Stream};
use chunkwire_test_support::time::soon;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use support::{Served, next, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::rustls::{HandshakeKind, version};
use tower::service_fn;

const RECORDS: usize = 5000;

type Body = UnsyncBoxBody<Bytes, chunkwire::Error>;

/// The chain of a client, as `connect_info` tells of it.
#[derive(Clone, Debug)]
struct Chain(Vec<Vec<u8>>);

/// Does what the path says.
async fn scripted(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let records = texts(99, RECORDS).map(Ok::<_, &str>);
    Ok(Response::new(match request.uri().path() {
        "/records" => JsonBody::new(Format::Array, records).boxed_unsync(),
        "/failure" => JsonBody::new(Format::Array, records.chain([Err("the database went away")])).boxed_unsync(),
        "/endless" => JsonBody::new(Format::Array, std::iter::repeat("again")).boxed_unsync(),
        _ => {
            let Chain(certificates) = request.extensions().get().unwrap();
            Full::new(certificates.concat().into()).map_err(|never: Infallible| match never {}).boxed_unsync()
        }
    }))
}

fn tls(identity: &Identity) -> Tls {
    TlsFiles::new(&identity.chain, &identity.key).load().unwrap()
}

fn engine(tls: Tls, config: &Config) -> Engine {
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap().tls(tls);
    Engine::new(vec![listener], config).unwrap().connect_info(|peer| Some(Chain(peer.certificates().to_vec())))
}

fn served(authority: &Authority, config: &Config) -> (Remote, Served) {
    let served = serve(engine(tls(&authority.issue("server")), config), service_fn(scripted));
    (authority.remote(served.address), served)
}

/// What a client gets that says something, and perhaps nothing more.
async fn received_from(server: SocketAddr, said: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(said).await.unwrap();
    let mut received = Vec::new();
    soon(stream.read_to_end(&mut received)).await.expect("an end without a reset");
    received
}

/// Whether the end of what comes is one of TLS, and not merely one of the connection (RFC 8446, section 6.1).
async fn is_closed_by_tls(client: &mut Client) -> bool {
    match soon(client.stream.read_to_end(&mut Vec::new())).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            false
        }
    }
}

#[tokio::test]
async fn both_versions_carry_the_same_bytes() {
    let authority = Authority::new();
    let (remote, served) = served(&authority, &Config::default());
    for version in [&version::TLS12, &version::TLS13] {
        let remote = authority.remote_for(remote.address, &[version], None);
        let mut client = Client::connect(&remote).await;
        for _ in 0..2 {
            let response = client.get("/records").await;
            assert_eq!(response.json()[RECORDS - 1], format!("{:097}", RECORDS - 1));
            assert_eq!(response.chunk_lines[0], "4000");
        }
        drop(client);
        assert_eq!(next(&served.connections), ConnectionEnd::Closed);
    }
}

/// Whatever the server says of HTTP/1.1 is not what both have agreed on (RFC 9113, section 3.2).
#[tokio::test]
async fn a_client_that_has_agreed_to_http_2_speaks_nothing_else() {
    let authority = Authority::new();
    let (remote, served) = served(&authority, &Config::default());
    for said in ["GET /records HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX", "?"] {
        let mut client = Client::connect(&remote.http2()).await;
        client.send(said).await;
        let mut received = Vec::new();
        let _ = soon(client.stream.read_to_end(&mut received)).await;
        assert_eq!(String::from_utf8(received).unwrap(), "", "{said:?}");
        assert_eq!(next(&served.connections), ConnectionEnd::Broken, "{said:?}");
    }
    let mut client = Http2::connect(&remote, WIDE).await;
    let (body, reset) = read(client.get("/records").await).await;
    assert!(reset.is_none() && body.ends_with(b"]"));
}

#[tokio::test]
async fn listeners_of_one_engine_may_differ() {
    let authority = Authority::new();
    let [plain, other] = [(); 2].map(|()| Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap());
    let engine = Engine::new(vec![plain, other.tls(tls(&authority.issue("server")))], &Config::default()).unwrap();
    let addresses: Vec<_> = engine.local_addrs().unwrap().iter().map(|address| address.tcp().unwrap()).collect();
    let _served = serve(engine, service_fn(scripted));
    assert!(Client::connect(addresses[0]).await.get("/records").await.complete);
    assert!(Client::connect(&authority.remote(addresses[1])).await.get("/records").await.complete);
}

#[tokio::test]
async fn a_client_that_comes_again_resumes_its_session() {
    let authority = Authority::new();
    let (remote, _served) = served(&authority, &Config::default());
    for version in [&version::TLS12, &version::TLS13] {
        let remote = authority.remote_for(remote.address, &[version], None);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let mut client = Client::connect(&remote).await;
            assert!(client.get("/records").await.complete);
            let Stream::Tls(stream) = client.stream.get_ref() else { panic!("it is not encrypted") };
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(kind), "{version:?}");
            assert_eq!(stream.get_ref().1.alpn_protocol(), None, "the client offered none");
        }
    }
}

#[tokio::test]
async fn handlers_are_told_the_certificates_of_a_client() {
    let authority = Authority::new();
    let server = authority.issue("server");
    let tls = TlsFiles::new(server.chain, server.key).client_ca(authority.certificate()).load().unwrap();
    let served = serve(engine(tls, &Config::default()), service_fn(scripted));
    let elsewhere = Authority::new();
    let (stranger, client) = (elsewhere.issue("client"), authority.issue("client"));
    for version in [&version::TLS12, &version::TLS13] {
        let remote = |client| authority.remote_for(served.address, &[version], client);
        // The second one resumes the session of the first.
        for _ in 0..2 {
            let told = Client::connect(&remote(Some(&client))).await.get("/").await.body;
            let pem = fs::read_to_string(&client.chain).unwrap();
            let certificate: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            assert!(told.len() > 200 && certificate.len().abs_diff(told.len() * 4 / 3) < 4, "{} bytes", told.len());
            assert_eq!(next(&served.connections), ConnectionEnd::Closed);
        }
        for (other, alert) in [(None, "CertificateRequired"), (Some(&stranger), "UnknownCA")] {
            // To a client of TLS 1.3, its part of the handshake looks done before the server has seen it.
            let refused = match Client::try_connect(remote(other)).await {
                Err(error) => error,
                Ok(mut client) => {
                    let _ = client.stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
                    let _ = client.stream.flush().await;
                    soon(client.stream.read_to_end(&mut Vec::new())).await.unwrap_err()
                }
            };
            let is_told = format!("{refused:?}").contains(alert) || format!("{refused:?}").contains("HandshakeFailure");
            assert!(is_told, "{version:?}: {refused:?}");
            assert_eq!(next(&served.connections), ConnectionEnd::HandshakeFailed);
        }
    }
}

#[tokio::test]
async fn a_cut_response_ends_without_the_end_of_tls_and_a_whole_one_with_it() {
    let authority = Authority::new();
    let (remote, served) = served(&authority, &Config::default());
    let mut client = Client::connect(&remote).await;
    client.ask("GET", "/records", "Connection: close\r\n").await;
    assert!(client.response().await.complete);
    assert!(is_closed_by_tls(&mut client).await);
    assert_eq!(next(&served.connections), ConnectionEnd::Closed);

    let mut client = Client::connect(&remote).await;
    client.ask("GET", "/failure", "").await;
    let cut = client.response().await;
    assert!(!cut.complete && cut.body.len() > 99 * RECORDS, "{} bytes", cut.body.len());
    assert!(!is_closed_by_tls(&mut client).await);
    assert_eq!(next(&served.connections), ConnectionEnd::Failed);
}

#[tokio::test]
async fn a_client_that_ends_its_side_by_tls_gets_its_response() {
    let authority = Authority::new();
    let (remote, _served) = served(&authority, &Config::default());
    let mut client = Client::connect(&remote).await;
    client.ask("GET", "/records", "").await;
    client.stream.shutdown().await.unwrap();
    assert!(client.response().await.complete);
    assert!(is_closed_by_tls(&mut client).await);
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_cut() {
    let authority = Authority::new();
    let mut config = Config::default();
    config.handshake_timeout = Duration::from_millis(500);
    let (remote, served) = served(&authority, &config);
    // A record of 512 bytes, and what a client hello begins with.
    for said in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"] {
        let start = Instant::now();
        assert_eq!(received_from(remote.address, said).await, b"");
        assert_eq!(next(&served.connections), ConnectionEnd::HandshakeTimeout, "{said:?}");
        assert!(start.elapsed() >= config.handshake_timeout / 2, "{:?}", start.elapsed());
    }
    // One that drips gains no time.
    let mut stream = TcpStream::connect(remote.address).await.unwrap();
    let start = Instant::now();
    while stream.write_all(b"\x16").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(start.elapsed() < Duration::from_secs(30), "it goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_before_it_said_anything_is_no_failure() {
    let authority = Authority::new();
    let (remote, served) = served(&authority, &Config::default());
    drop(TcpStream::connect(remote.address).await.unwrap());
    assert_eq!(next(&served.connections), ConnectionEnd::Closed);
}

/// What is no TLS is answered as if it were a request of HTTP, and what is no TLS that is allowed, by an alert.
#[tokio::test]
async fn a_client_that_does_not_speak_tls_is_told_so() {
    let authority = Authority::new();
    let (remote, served) = served(&authority, &Config::default());
    let long = [&b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"[..], &[b'x'; 100_000]].concat();
    for said in [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", &b"\0"[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &long] {
        let received = received_from(remote.address, said).await;
        let response = Received::read(&mut &received[..]).await;
        assert!(response.complete && response.status == 400, "{response:?}");
        assert_eq!(response.header("connection"), Some("close"));
        assert!(String::from_utf8(response.body).unwrap().contains("use https://"));
        assert_eq!(next(&served.connections), ConnectionEnd::HandshakeFailed);
    }
    for said in [b"\x16GET / HTTP/1.1\r\n\r\n", &b"\x16\x03\x01\x00\x04\x01\x00\x00\x00"[..]] {
        // The type of a record that is an alert, and how grave it is (RFC 8446, section 6).
        let received = received_from(remote.address, said).await;
        assert!(received[0] == 21 && received[5] == 2, "{received:?}");
        assert_eq!(next(&served.connections), ConnectionEnd::HandshakeFailed);
    }
}

#[tokio::test]
async fn a_stalled_reader_holds_one_chunk_and_is_reset() {
    let authority = Authority::new();
    let mut config = Config::default();
    config.stall_timeout = Duration::from_secs(1);
    config.min_rate = std::num::NonZeroU32::MAX;
    let engine = engine(tls(&authority.issue("server")), &config);
    let chunks = Arc::clone(engine.handle().chunks());
    let served = serve(engine, service_fn(scripted));
    let mut client = Client::with_little_room(&authority.remote(served.address)).await;
    client.ask("GET", "/endless", "").await;
    client.wait_for_data().await;
    assert_eq!(next(&served.connections), ConnectionEnd::Stalled);
    assert_eq!(next(&served.responses).3, Outcome::Stalled);
    assert_eq!((chunks.peak(), chunks.alive()), (1, 0));
    let read = soon(client.stream.read_to_end(&mut Vec::new())).await;
    assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_certificate_is_read_anew_and_what_can_not_be_used_changes_nothing() {
    let authority = Authority::new();
    let server = authority.issue("server");
    let tls = tls(&server);
    let served = serve(engine(tls.clone(), &Config::default()), service_fn(scripted));
    let certificate = async || {
        let client = Client::connect(&authority.remote(served.address)).await;
        let Stream::Tls(stream) = client.stream.get_ref() else { panic!("it is not encrypted") };
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    let first = certificate().await;
    let mut there = Client::connect(&authority.remote(served.address)).await;
    assert!(there.get("/records").await.complete);

    fs::write(&server.key, "no key").unwrap();
    let error = tls.reload().unwrap_err().to_string();
    assert!(error.contains("server.key: it has no private key"), "{error}");
    assert_eq!(certificate().await, first);

    authority.issue("server");
    tls.reload().unwrap();
    assert_ne!(certificate().await, first);
    assert!(there.get("/records").await.complete, "what was there goes on");
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let authority = Authority::new();
    let (server, other) = (authority.issue("server"), authority.issue("other"));
    let file = |name: &str, text: &str| {
        let path = authority.folder().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (certificate, key) = (fs::read_to_string(&server.chain).unwrap(), fs::read_to_string(&server.key).unwrap());
    let empty = file("empty", "");
    let broken = file("broken", &certificate.replace("END", "NED"));
    let no_base64 = file("no-base64", &certificate.replace("MII", "M-I"));
    let garbage = file("garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let no_key = file("no-key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let sealed = file("sealed", &key.replace("PRIVATE", "ENCRYPTED PRIVATE"));
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let sealed_too = file("sealed-too", old);
    let missing = authority.folder().join("missing");
    let folder = authority.folder().to_owned();

    for (chain, key, named) in [
        (&missing, &server.key, "can't read {}: No such file"),
        (&server.chain, &missing, "can't read {}: No such file"),
        (&folder, &server.key, "can't read {}: Is a directory"),
        (&empty, &server.key, "can't use {}: it has no certificate; allowed are certificates in PEM"),
        (&server.key, &server.key, "can't use {}: it has no certificate; allowed are certificates in PEM"),
        (&broken, &server.key, "can't use {}: it is not in PEM"),
        (&no_base64, &server.key, "can't use {}: it is not in PEM"),
        (&garbage, &server.key, "can't use {}: its first certificate can't be used"),
        (&server.chain, &empty, "can't use {}: it has no private key; allowed is one in PEM"),
        (&server.chain, &server.chain, "can't use {}: it has no private key; allowed is one in PEM"),
        (&server.chain, &no_key, "can't use {}: its key can't be used"),
        (&server.chain, &sealed, "can't use {}: its key is encrypted; allowed is one without a password"),
        (&server.chain, &sealed_too, "can't use {}: its key is encrypted; allowed is one without a password"),
        (&other.chain, &server.key, "can't use {}: its first certificate is not that of the key in"),
    ] {
        let error = TlsFiles::new(chain, key).load().unwrap_err();
        let wrong = if *chain == server.chain { key } else { chain };
        let named = named.replace("{}", &wrong.display().to_string());
        assert!(error.to_string().starts_with(&named), "{named}: {error}");
    }
    for (authorities, named) in [(&empty, "it has no certificate"), (&garbage, "can't be used"), (&missing, "No such")]
    {
        let error: Error = TlsFiles::new(&server.chain, &server.key).client_ca(authorities).load().unwrap_err();
        let (said, path) = (error.to_string(), authorities.display().to_string());
        assert!(said.contains(named) && said.contains(&path), "{named}: {said}");
    }
    let both = file("both", &[key, certificate].concat());
    assert!(TlsFiles::new(&both, &both).load().is_ok(), "one file may have both");
}

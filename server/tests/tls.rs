//! Promise: the program speaks TLS with the clients that people have, and its certificates can be changed while it runs.

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

use chunkwire_test_support::certificates::{Authority, Identity};
use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{Process, is_installed, output, program};
use chunkwire_test_support::time::soon;
use support::program::chunkwire;
use support::server::metric_becomes;
use tokio::io::AsyncWriteExt;

const ANY_PORT: &str = "--listen=127.0.0.1:0";

fn options(server: &Identity) -> Vec<String> {
    let file = |option: &str, path: &std::path::Path| format!("{option}={}", path.display());
    vec![ANY_PORT.to_owned(), file("--tls-cert", &server.chain), file("--tls-key", &server.key)]
}

/// Runs curl with the certificate of an authority, and with more arguments.
async fn curl(authority: &Authority, server: &Process, path: &str, arguments: &[&str]) -> Output {
    let (trusted, url) = (authority.certificate().display().to_string(), format!("https://{}{path}", server.address));
    output(program("curl", &[&["-sS", "--cacert", &trusted, &url], arguments].concat())).await
}

#[tokio::test]
async fn curl_gets_the_same_by_each_version() {
    if !is_installed("curl").await {
        return;
    }
    let authority = Authority::new();
    let server = Process::start(chunkwire(&options(&authority.issue("server")))).await;
    assert_eq!(server.banner, format!("listening on https://{}\n", server.address));
    let path = "/api/v1/users?limit=20000";
    let whole = Client::connect(&authority.remote(server.address)).await.get(path).await.body;
    for arguments in [
        &["--tlsv1.2", "--tls-max", "1.2", "--http1.1"][..],
        &["--tlsv1.3", "--http1.1"],
        &["--tlsv1.2", "--tls-max", "1.2", "--http2"],
        &["--tlsv1.3", "--http2"],
    ] {
        let got = curl(&authority, &server, path, arguments).await;
        assert!(got.status.success() && got.stdout == whole, "{arguments:?}: {:?}", String::from_utf8(got.stderr));
        let write_out = [arguments, &["-o", "/dev/null", "-w", "%{http_version}"]].concat();
        let version = curl(&authority, &server, "/healthz", &write_out).await;
        let expected = if arguments.contains(&"--http2") { "2" } else { "1.1" };
        assert_eq!(String::from_utf8(version.stdout).unwrap(), expected, "{arguments:?}");
    }
    let refused =
        curl(&authority, &server, path, &["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"]).await;
    assert_eq!(refused.status.code(), Some(35), "an older version: {refused:?}");
    let stranger = curl(&Authority::new(), &server, path, &[]).await;
    assert_eq!(stranger.status.code(), Some(60), "one that does not trust it: {stranger:?}");

    let plain = output(program("curl", &["-sS", &format!("http://{}/", server.address)])).await;
    assert!(String::from_utf8(plain.stdout).unwrap().contains("use https://"));
}

#[tokio::test]
async fn curl_shows_its_certificate() {
    if !is_installed("curl").await {
        return;
    }
    let authority = Authority::new();
    let client = authority.issue("client");
    let mut options = options(&authority.issue("server"));
    options.extend([
        format!("--tls-client-ca={}", authority.certificate().display()),
        "--admin-listen=127.0.0.1:0".into(),
    ]);
    let mut server = Process::start(chunkwire(&options)).await;
    let metrics = server.logged("/metrics are served here alone").await;
    let metrics = metrics.split_once("address=").unwrap().1.trim().parse::<std::net::SocketAddr>().unwrap();
    let [chain, key] = [&client.chain, &client.key].map(|path| path.display().to_string());
    for version in ["1.2", "1.3"] {
        let with =
            curl(&authority, &server, "/healthz", &["--tls-max", version, "--cert", &chain, "--key", &key]).await;
        assert!(with.status.success(), "{version}: {with:?}");
        let without = curl(&authority, &server, "/healthz", &["--tls-max", version]).await;
        assert!(!without.status.success(), "{version}: {without:?}");
    }
    // They are told where no TLS is spoken.
    metric_becomes(metrics, "chunkwire_connections_total{outcome=\"handshake_failed\"}", 2.0).await;
}

/// What `openssl s_client` says of a connection over which it sends a request. It ends when the server closes.
async fn s_client(authority: &Authority, server: &Process, request: &str, arguments: &[&str]) -> String {
    let (trusted, address) = (authority.certificate().display().to_string(), server.address.to_string());
    let fixed = ["s_client", "-connect", &address, "-CAfile", &trusted, "-verify_return_error", "-ign_eof"];
    let mut openssl = program("openssl", &[&fixed, arguments].concat());
    let mut openssl = openssl.stdin(std::process::Stdio::piped()).spawn().unwrap();
    openssl.stdin.take().unwrap().write_all(request.as_bytes()).await.unwrap();
    let said = soon(openssl.wait_with_output()).await.unwrap();
    let said = [said.stdout, said.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn openssl_resumes_sessions_and_sees_the_end() {
    if !is_installed("openssl").await {
        return;
    }
    let authority = Authority::new();
    let server = Process::start(chunkwire(&options(&authority.issue("server")))).await;
    let request = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for version in ["-tls1_2", "-tls1_3"] {
        let session = authority.folder().join(format!("session{version}")).display().to_string();
        let first = s_client(&authority, &server, request, &[version, "-sess_out", &session]).await;
        assert!(first.contains("HTTP/1.1 200 OK") && first.contains("New, TLSv1"), "{first}");
        // "closed" is what it says of a close_notify; without, OpenSSL 3 tells of an unexpected eof.
        assert!(first.contains("closed") && !first.contains("unexpected eof"), "{first}");
        let second = s_client(&authority, &server, request, &[version, "-sess_in", &session]).await;
        assert!(second.contains("HTTP/1.1 200 OK") && second.contains("Reused, TLSv1"), "{second}");
    }
}

#[tokio::test]
async fn a_response_that_is_cut_ends_without_the_end_of_tls() {
    if !is_installed("python3").await {
        return;
    }
    // It reads nothing before the server has ended.
    const SCRIPT: &str = "
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
host, port = sys.argv[2].split(':')
plain = socket.socket()
plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
plain.connect((host, int(port)))
tls = context.wrap_socket(plain, server_hostname='localhost', suppress_ragged_eofs=False)
tls.sendall(b'GET /api/v1/users?limit=1000000 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n')
tls.recv(1)
print('begun', flush=True)
sys.stdin.readline()
try:
    while tls.recv(65536): pass
    print('close_notify')
except ssl.SSLEOFError: print('no close_notify')
except ConnectionResetError: print('reset')
";
    let authority = Authority::new();
    let options = [options(&authority.issue("server")), vec!["--shutdown-timeout=0.3".to_owned()]].concat();
    let server = Process::start(chunkwire(&options)).await;
    let (trusted, address) = (authority.certificate().display().to_string(), server.address.to_string());
    let mut python = program("python3", &["-c", SCRIPT, &trusted, &address]);
    let mut python = python.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = tokio::io::BufReader::new(python.stdout.take().unwrap());
    let mut line = String::new();
    soon(tokio::io::AsyncBufReadExt::read_line(&mut said, &mut line)).await.unwrap();
    assert_eq!(line, "begun\n");
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(3));
    python.stdin.take().unwrap().write_all(b"go on\n").await.unwrap();
    line.clear();
    soon(tokio::io::AsyncBufReadExt::read_line(&mut said, &mut line)).await.unwrap();
    assert_eq!(line, "no close_notify\n");
}

/// The certificate that a new connection gets, in DER.
async fn shown(authority: &Authority, server: &Process) -> Vec<u8> {
    let client = Client::connect(&authority.remote(server.address)).await;
    let chunkwire_test_support::remote::Stream::Tls(stream) = client.stream.get_ref() else { panic!("it is plain") };
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_certificate_is_read_again_at_sighup() {
    let authority = Authority::new();
    let identity = authority.issue("server");
    let mut server = Process::start(chunkwire(&options(&identity))).await;
    let first = shown(&authority, &server).await;
    let mut there = Client::connect(&authority.remote(server.address)).await;
    assert_eq!(there.get("/healthz").await.status, 200);

    authority.issue("server");
    server.signal("HUP").await;
    server.logs("new connections get the certificate that was read").await;
    let second = shown(&authority, &server).await;
    assert_ne!(first, second);

    fs::remove_file(&identity.key).unwrap();
    server.signal("HUP").await;
    server.logs("all stays as it was").await;
    assert_eq!(shown(&authority, &server).await, second);
    assert_eq!(there.get("/healthz").await.status, 200, "what was there goes on");
}

/// As Kubernetes does it: a link to a folder takes the place of another.
#[tokio::test]
async fn a_certificate_is_read_again_when_its_file_is_another() {
    let authority = Authority::new();
    let folder = authority.folder();
    let publish = |version: &str| {
        let Identity { chain, key } = authority.issue(version);
        let files = folder.join(format!("..{version}"));
        fs::create_dir(&files).unwrap();
        fs::rename(chain, files.join("tls.crt")).unwrap();
        fs::rename(key, files.join("tls.key")).unwrap();
        symlink(&files, folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    };
    publish("first");
    let [chain, key] = ["tls.crt", "tls.key"].map(|name| {
        symlink(format!("..data/{name}"), folder.join(name)).unwrap();
        folder.join(name)
    });
    let mut server = Process::start(chunkwire(&options(&Identity { chain, key }))).await;
    let first = shown(&authority, &server).await;
    publish("second");
    server.logs("a file of TLS has changed: new connections get the certificate that was read").await;
    assert_ne!(shown(&authority, &server).await, first);
}

#[tokio::test]
async fn a_client_that_speaks_tls_without_need_is_told_of() {
    let mut server = Process::start(chunkwire(&[ANY_PORT])).await;
    let refused = Client::try_connect(Authority::new().remote(server.address)).await;
    assert!(refused.is_err(), "{refused:?}");
    server.logs("a client spoke TLS").await;
}

#[tokio::test]
async fn files_that_can_not_be_used_are_a_bad_start() {
    let authority = Authority::new();
    let (server, other) = (authority.issue("server"), authority.issue("other"));
    let [chain, key, other] = [&server.chain, &server.key, &other.key].map(|path| path.display().to_string());
    for (arguments, status, named) in [
        (vec!["--tls-cert=/no.pem", "--tls-key", &key], 1, &["can't read /no.pem", "No such file"][..]),
        (vec!["--tls-cert", &chain, "--tls-key", &chain], 1, &[&*chain, "it has no private key"]),
        (vec!["--tls-cert", &chain, "--tls-key", &other], 1, &[&*chain, &*other, "is not that of the key"]),
        (vec!["--tls-cert", &chain, "--tls-key", &key, "--tls-client-ca", &key], 1, &[&*key, "it has no certificate"]),
        (vec!["--tls-cert", &chain], 2, &["--tls-key"]),
        (vec!["--tls-key", &key], 2, &["--tls-cert"]),
    ] {
        let output = output(chunkwire(&[&[ANY_PORT][..], &arguments].concat())).await;
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {line}");
        assert!(line.starts_with("chunkwire: ") && named.iter().all(|name| line.contains(name)), "{named:?}: {line}");
    }
}

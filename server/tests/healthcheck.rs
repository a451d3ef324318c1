//! `--healthcheck`: asks a server that has the same settings whether it is ready.

mod support;

use chunkwire_test_support::port::Port;
use chunkwire_test_support::process::{Process, output};
use support::file::File;
use support::program::chunkwire;
use tokio::net::TcpListener;

/// What a check with these options says, and its exit status.
async fn check<A: AsRef<str>>(options: &[A]) -> (Option<i32>, String) {
    let options: Vec<&str> = options.iter().map(AsRef::as_ref).chain(["--healthcheck"]).collect();
    let output = output(chunkwire(&options)).await;
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

const READY: (Option<i32>, String) = (Some(0), String::new());

#[tokio::test]
async fn a_server_is_asked_where_it_listens() {
    let mut server = Process::start(chunkwire(&["--listen=0.0.0.0:0", "--shutdown-delay=60"])).await;
    let port = server.address.port();
    for listen in ["127.0.0.1", "0.0.0.0", "", "localhost"] {
        assert_eq!(check(&[format!("--listen={listen}:{port}")]).await, READY, "{listen}");
    }
    let file = File::new("healthcheck.toml", &format!("listen = ':{port}'\n"));
    assert_eq!(check(&[file.option()]).await, READY);
    server.signal("TERM").await;
    server.logs("not ready any more").await;
    let (code, said) = check(&[file.option()]).await;
    assert_eq!(
        (code, &*said),
        (Some(1), &*format!("chunkwire: :{port} is not ready: 503 Service Unavailable: stopping\n"))
    );
}

#[tokio::test]
async fn a_unix_socket_goes_first() {
    let path = std::env::temp_dir().join(format!("chunkwire-healthcheck-{}.sock", std::process::id()));
    let listen = format!("--listen=127.0.0.1:0,unix:{}", path.display());
    let server = Process::start(chunkwire(&[&listen])).await;
    assert_eq!(check(&[&listen]).await, READY);
    drop(server);
    std::fs::remove_file(path).unwrap();
}

/// As a proxy beside it: by a header for itself, which no client may send that is not a trusted proxy.
#[tokio::test]
async fn a_server_that_is_asked_by_the_proxy_protocol_is_asked_so() {
    for trusted in ["127.0.0.0/8", "192.0.2.7"] {
        let options = [&format!("--trusted-proxies={trusted}"), "--proxy-protocol"];
        let server = Process::start(chunkwire(&[&options[..], &["--listen=127.0.0.1:0"]].concat())).await;
        let listen = format!("--listen={}", server.address);
        assert_eq!(check(&[&options[..], &[&listen]].concat()).await, READY, "{trusted}");
    }
}

#[tokio::test]
async fn what_is_not_ready_is_a_line_and_a_failure() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = Port::keep();
    for (listen, named) in [
        (silent.local_addr().unwrap().to_string(), "did not answer within 3s"),
        (nobody.to_string(), "refused"),
        ("unix:/no/such.sock".to_owned(), "can't connect to unix:/no/such.sock"),
        (":0".to_owned(), "port 0"),
        ("127.0.0.1:0".to_owned(), "port 0"),
        ("localhost:0".to_owned(), "port 0"),
    ] {
        let (code, said) = check(&[format!("--listen={listen}")]).await;
        assert_eq!((code, said.lines().count()), (Some(1), 1), "{said}");
        assert!(said.starts_with("chunkwire: ") && said.contains(named), "{named}: {said}");
    }
    assert_eq!(check(&["--listen=nowhere"]).await.0, Some(2));
}

#[cfg(feature = "tls")]
#[tokio::test]
async fn a_server_with_tls_is_asked_over_that() {
    use chunkwire_test_support::certificates::Authority;

    let authority = Authority::new();
    let server = authority.issue("server");
    let file = |option: &str, path: &std::path::Path| format!("--{option}={}", path.display());
    let tls = [file("tls-cert", &server.chain), file("tls-key", &server.key)];
    let started = Process::start(chunkwire(&[&tls[..], &["--listen=127.0.0.1:0".to_owned()]].concat())).await;
    let listen = format!("--listen={}", started.address);
    assert_eq!(check(&[&tls[..], std::slice::from_ref(&listen)].concat()).await, READY);
    let (code, said) = check(&[listen]).await;
    assert!(code == Some(1) && said.contains("400"), "{said}");

    // A client without a certificate may ask at a Unix socket.
    let tls = [&tls[..], &[file("tls-client-ca", &authority.certificate())]].concat();
    let path = authority.folder().join("healthcheck.sock");
    let both = format!("--listen=127.0.0.1:0,unix:{}", path.display());
    let started = Process::start(chunkwire(&[&tls[..], std::slice::from_ref(&both)].concat())).await;
    let (code, said) = check(&[&tls[..], &[format!("--listen={}", started.address)]].concat()).await;
    assert!(code == Some(1) && said.lines().count() == 1, "{said}");
    assert_eq!(check(&[&tls[..], &[both]].concat()).await, READY);
}

//! Promise: the log says of whom each response was, what it was and how it ended, in lines that programs read.

mod support;

use std::net::SocketAddr;
use std::path::Path;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::http2_client::{Client as Http2, WIDE};
use chunkwire_test_support::process::{Process, output};
use chunkwire_test_support::time::soon;
use serde_json::Value;
use support::program::chunkwire;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixStream};

const ANY_PORT: &str = "--listen=127.0.0.1:0";

/// More than the sockets on both ends hold.
const LARGE: &str = "/api/v1/users?limit=1000000";

async fn started(options: &[&str]) -> Process {
    let options = [&[ANY_PORT, "--access-log", "--log-format=json"], options].concat();
    Process::start_logging(chunkwire(&options)).await
}

/// What a line says. Each of its names is there once: it has no byte more than what was read of it.
fn parsed(line: &str) -> Value {
    let json: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    for name in ["timestamp", "level", "target"] {
        assert!(json[name].is_string(), "{name}: {line}");
    }
    assert!(line.contains("\\u") || json.to_string().len() == line.len(), "{line}");
    json
}

/// The next line of the access log.
async fn access(server: &mut Process) -> Value {
    parsed(&server.logged("chunkwire::access").await)
}

/// A client at another address of this host.
async fn at(address: &str, server: SocketAddr) -> Client {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
    Client::over(soon(socket.connect(server)).await.unwrap())
}

#[tokio::test]
async fn every_line_is_an_object_whatever_clients_send_and_when_lines_are_lost() {
    let hostile = [
        "\u{85}",
        "\u{9b}",
        "\u{a0}",
        "\u{2028}",
        "\u{2029}",
        "\u{202e}",
        "\u{feff}",
        "\"",
        "\\",
        "\\n",
        "'",
        "{}",
        "é世🎉",
    ];
    let server = started(&[]).await;
    assert_eq!(parsed(server.banner.trim_end())["message"], "listening");
    let target = |n: usize| format!("/{}\",\"status\":200,\"x\":\"{n}", hostile[n % hostile.len()]);
    let asking = |first: usize| {
        let address = server.address;
        async move {
            for n in first..first + 1000 {
                // A target that is not plain ends its connection.
                assert_eq!(Client::connect(address).await.get(&target(n)).await.status, 400);
            }
        }
    };
    tokio::join!(asking(0), asking(1000), asking(2000), asking(3000));
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    let lost = log.lines().map(parsed).find(|line| line["message"].to_string().contains("lines of the log were lost"));
    let lost = lost.unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&lost["level"], &lost["target"]), (&"WARN".into(), &"chunkwire".into()));

    let server = started(&[]).await;
    for n in 0..hostile.len() {
        Client::connect(server.address).await.get(&target(n)).await;
    }
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    let lines: Vec<_> =
        log.split_terminator(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']).collect();
    let uris: Vec<_> =
        lines.into_iter().map(parsed).filter_map(|line| Some(line["uri"].as_str()?.to_owned())).collect();
    assert!(uris.iter().all(|uri| uri.contains("\",\"status\":200")), "{uris:?}");
    for (n, text) in hostile.iter().enumerate() {
        assert!(uris.contains(&target(n)) || text.is_ascii(), "{text}: {uris:?}");
    }
}

#[tokio::test]
async fn each_name_is_in_a_line_once_at_every_level() {
    let mut command = chunkwire(&[ANY_PORT, "--access-log", "--log-format=json"]);
    command.env("RUST_LOG", "trace");
    let server = Process::start_logging(command).await;
    Client::connect(server.address).await.get("/api/v1/users?limit=3").await;
    Http2::connect(server.address, WIDE).await.get("/api/v1/users?limit=3").await;
    server.signal("TERM").await;
    let log = server.rest_of_log().await;
    assert!(log.lines().map(parsed).any(|line| line["level"] == "TRACE"), "{log}");
}

#[tokio::test]
async fn a_line_says_of_whom_a_response_was_and_what_it_was() {
    let mut server = started(&[]).await;
    let mut client = Client::connect(server.address).await;
    client.ask("GET", "/api/v1/users?limit=3", "X-Request-Id: abc\r\n").await;
    let response = client.response().await;
    let mut line = access(&mut server).await;
    assert_eq!(line["client"], client.tcp().local_addr().unwrap().to_string());
    assert!(line["elapsed_us"].take().as_u64().unwrap() > 0);
    for (name, expected) in [
        ("level", Value::from("INFO")),
        ("request_id", "abc".into()),
        ("method", "GET".into()),
        ("uri", "/api/v1/users?limit=3".into()),
        ("version", "HTTP/1.1".into()),
        ("status", 200.into()),
        ("format", "array".into()),
        ("records", 3.into()),
        ("bytes", response.body.len().into()),
        ("outcome", "complete".into()),
        ("forwarded_for", Value::Null),
        ("cause", Value::Null),
    ] {
        assert_eq!(line[name], expected, "{name}");
    }
}

/// Those of a source that fails are in tests/database/logs.rs.
#[tokio::test]
async fn each_outcome_has_a_line() {
    let limits = ["--stall-timeout=0.3", "--min-rate=4294967295", "--shutdown-timeout=0"];
    let mut server = started(&limits).await;
    let ask = async |target: &str| {
        let mut client = Client::with_little_room(server.address).await;
        client.ask("GET", target, "").await;
        client.wait_for_data().await;
        client
    };
    let stalled = ask(LARGE).await;
    drop(ask(LARGE).await);
    let refused = ask("/`").await;
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let line = access(&mut server).await;
        let is_whole = line["client"].is_string() && (line["outcome"] == "head_refused" || line["uri"] == LARGE);
        assert!(is_whole, "{line}");
        outcomes.push(line["outcome"].as_str().unwrap().to_owned());
    }
    outcomes.sort();
    assert_eq!(outcomes, ["client_gone", "head_refused", "stalled"]);
    drop((stalled, refused));

    let mut server = started(&limits[2..]).await;
    let mut cut = Client::with_little_room(server.address).await;
    cut.ask("GET", LARGE, "").await;
    cut.wait_for_data().await;
    server.signal("TERM").await;
    assert_eq!(access(&mut server).await["outcome"], "shut_down");
    assert_eq!(server.exit().await.code(), Some(3));
}

#[tokio::test]
async fn an_id_is_kept_or_made_and_returned() {
    let mut server = started(&[]).await;
    let id = |response: &Response| response.header("x-request-id").expect("an id").to_owned();
    let mut client = Client::connect(server.address).await;
    let long = "x".repeat(129);
    let mut made = Vec::new();
    for (sent, is_kept) in
        [(Some("01890b5d/7;a=b"), true), (None, false), (Some("a b"), false), (Some(&long[..]), false)]
    {
        let headers = sent.map(|id| format!("X-Request-Id: {id}\r\n")).unwrap_or_default();
        client.ask("GET", "/api/v1/users?limit=1", &headers).await;
        let returned = id(&client.response().await);
        assert_eq!(sent.is_some_and(|sent| sent == returned), is_kept, "{sent:?}: {returned}");
        assert_eq!(access(&mut server).await["request_id"], returned);
        made.push(returned);
    }
    made.dedup();
    assert_eq!(made.len(), 4, "{made:?}");
    for target in ["/nowhere", "/healthz?page=1", "/a\u{85}"] {
        let returned = id(&Client::connect(server.address).await.get(target).await);
        assert_eq!(access(&mut server).await["request_id"], returned, "{target}");
    }
    let response = Http2::connect(server.address, WIDE).await.get("/healthz").await;
    assert_eq!(access(&mut server).await["request_id"], response.headers()["x-request-id"].to_str().unwrap());
}

#[tokio::test]
async fn a_client_that_is_no_trusted_proxy_is_not_believed() {
    const FIELDS: &str = "X-Forwarded-For: 192.0.2.66, 192.0.2.7, 127.0.0.9\r\nForwarded: for=192.0.2.77\r\n";
    let mut server = started(&["--trusted-proxies=127.0.0.1,127.0.0.8/29"]).await;
    for (from, fields, expected) in [
        ("127.0.0.1", FIELDS, Value::from("192.0.2.7")),
        ("127.0.0.1", "Forwarded: for=192.0.2.66, for=\"[2001:db8::7]:80\"\r\n", "2001:db8::7".into()),
        ("127.0.0.1", "X-Forwarded-For: somebody\r\n", Value::Null),
        ("127.0.0.1", "", Value::Null),
        ("127.0.0.2", FIELDS, Value::Null),
    ] {
        let mut client = at(from, server.address).await;
        client.ask("GET", "/healthz", fields).await;
        assert_eq!(client.response().await.status, 200);
        let line = access(&mut server).await;
        assert_eq!(line["forwarded_for"], expected, "{from} {fields}");
        assert_eq!(line["client"], client.tcp().local_addr().unwrap().to_string());
    }
}

#[tokio::test]
async fn a_client_at_a_unix_socket_is_said_so_and_may_be_a_proxy() {
    let path = std::env::temp_dir().join(format!("chunkwire-logs-{}.sock", std::process::id()));
    let listen = format!("--listen=127.0.0.1:0,unix:{}", path.display());
    let options = [&listen, "--access-log", "--log-format=json", "--trusted-proxies=unix"];
    let mut server = Process::start_logging(chunkwire(&options)).await;
    let mut client = BufReader::new(UnixStream::connect(&path).await.unwrap());
    client.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.7\r\n\r\n").await.unwrap();
    assert_eq!(soon(Response::read(&mut client)).await.status, 200);
    let line = access(&mut server).await;
    assert_eq!((&line["client"], &line["forwarded_for"]), (&"unix".into(), &"192.0.2.7".into()));
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn a_trusted_proxy_may_say_by_its_protocol_whom_it_speaks_for() {
    const HEADER: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x12\x67\0\x50";
    let mut server = started(&["--trusted-proxies=127.0.0.1", "--proxy-protocol"]).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(HEADER).await.unwrap();
    Client::over(stream).get("/healthz").await;
    assert_eq!(access(&mut server).await["client"], "192.0.2.7:4711");

    let failed = "chunkwire_connections_total{outcome=\"proxy_header_failed\"}";
    let mut garbage = Client::connect(server.address).await;
    garbage.send("GET / HTTP/1.1\r\n\r\n").await;
    assert!(garbage.is_closed().await);
    let mut client = at("127.0.0.2", server.address).await;
    let metrics = String::from_utf8(client.get("/metrics").await.body).unwrap();
    assert!(metrics.lines().any(|line| line == format!("{failed} 1")), "{metrics}");

    let refused = output(chunkwire(&[ANY_PORT, "--proxy-protocol"])).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("trusted"), "{refused:?}");
}

#[tokio::test]
async fn probes_are_left_out_by_option_unless_they_fail() {
    let mut server = started(&["--access-log-skip=/healthz,/readyz", "--shutdown-delay=60"]).await;
    let mut client = Client::connect(server.address).await;
    for target in ["/healthz", "/readyz", "/healthz?page=1", "/healthz/", "/metrics"] {
        client.get(target).await;
    }
    for expected in ["/healthz?page=1", "/healthz/", "/metrics"] {
        assert_eq!(access(&mut server).await["uri"], expected);
    }
    server.signal("TERM").await;
    server.logs("not ready any more").await;
    assert_eq!(client.get("/readyz").await.status, 503);
    let line = access(&mut server).await;
    assert_eq!((&line["uri"], &line["status"]), (&"/readyz".into(), &503.into()));
}

#[tokio::test]
async fn what_keeps_it_from_starting_is_a_line_once_there_is_a_log() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = format!("--listen={}", taken.local_addr().unwrap());
    let mut command = chunkwire(&[&listen, "--log-format=json"]);
    command.env("RUST_LOG", "off");
    let output_of_start = output(command).await;
    assert_eq!(output_of_start.status.code(), Some(1));
    let text = String::from_utf8(output_of_start.stderr).unwrap();
    let line = parsed(text.strip_suffix('\n').unwrap());
    assert_eq!(line["level"], "ERROR");
    assert!(line["message"].as_str().unwrap().contains("can't listen on"), "{line}");
    assert!(output_of_start.stdout.is_empty());

    for (option, allowed) in [
        ("--log-format=xml", "text, json"),
        ("--trusted-proxies=localhost", "a network such as 10.0.0.0/8"),
        ("--access-log-skip=healthz", "a path such as /healthz"),
    ] {
        let refused = output(chunkwire(&[ANY_PORT, option])).await;
        let text = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{text}");
        assert!(text.starts_with("chunkwire: ") && text.contains(allowed), "{text}");
    }
}

/// The lines of docs/logs.md, but for what differs each time.
#[tokio::test]
async fn the_documented_lines_are_those_that_are_written() {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/logs.md")).unwrap();
    let documented: Vec<_> =
        docs.lines().filter(|line| line.contains("chunkwire::access") && line.starts_with(['{', '2'])).collect();
    let [text, json] = documented[..] else { panic!("{documented:?}") };
    let ask = async |server: &Process| {
        let mut client = Client::connect(server.address).await;
        let fields = "X-Forwarded-For: 192.0.2.7\r\nX-Request-Id: 7f3c\r\n";
        client.ask("GET", "/api/v1/users?limit=3", fields).await;
        client.response().await;
    };

    let mut server = started(&["--trusted-proxies=127.0.0.1"]).await;
    ask(&server).await;
    let line = server.logged("chunkwire::access").await;
    let [documented, written] = [json, &line].map(|line| {
        let Value::Object(mut fields) = parsed(line) else { panic!("{line}") };
        for differs in ["timestamp", "client", "elapsed_us"] {
            assert!(fields.remove(differs).is_some(), "{differs}: {line}");
        }
        fields
    });
    assert_eq!(documented, written);

    let mut server = Process::start(chunkwire(&[ANY_PORT, "--access-log", "--trusted-proxies=127.0.0.1"])).await;
    ask(&server).await;
    let line = server.logged("chunkwire::access").await;
    let [documented, written] = [text, &line].map(|line| {
        let words = line
            .split_whitespace()
            .skip(1)
            .filter(|word| !word.starts_with("client=") && !word.starts_with("elapsed_us="));
        words.map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(documented, written);
    assert_eq!(text.split_whitespace().count(), line.split_whitespace().count());
}

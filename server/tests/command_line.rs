//! The binary: what it prints, its options, its errors, and how it stops.

mod support;

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::process::{Process, is_installed, output, program};
use chunkwire_test_support::time::soon;
use support::program::chunkwire;
use support::server::{config, cut_response};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::process::Command;

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// More than the sockets on both ends hold, so that a client that waits leaves it unfinished.
const LARGE: &str = "/api/v1/users?limit=150000";

#[tokio::test]
async fn one_line_says_where_it_listens_if_no_one_watches() {
    let server = Process::start(chunkwire(&["--listen", "127.0.0.1:0"])).await;
    assert_ne!(server.address.port(), 0);
    assert_eq!(server.banner, format!("listening on http://{}\n", server.address));
    assert_eq!(Client::connect(server.address).await.get("/healthz").await.status, 200);
}

/// Asks for the health of a server at a Unix socket.
async fn health(path: &Path) -> u16 {
    let mut client = BufReader::new(UnixStream::connect(path).await.unwrap());
    client.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    soon(Response::read(&mut client)).await.status
}

#[tokio::test]
async fn a_unix_socket_can_be_listened_on() {
    let path = std::env::temp_dir().join(format!("chunkwire-{}.sock", std::process::id()));
    for _ in 0..2 {
        let listen = format!("127.0.0.1:0,unix:{}", path.display());
        let server = Process::start(chunkwire(&["--listen", &listen])).await;
        assert!(server.banner.trim_end().ends_with(&format!(" unix:{}", path.display())), "{}", server.banner);
        assert_eq!(health(&path).await, 200);
        // The second takes the place of this one, whose socket stays in the file system.
        server.signal("KILL").await;
        server.exit().await;
    }
    std::fs::remove_file(&path).unwrap();
}

/// Starts the program as a service manager does that hands it a socket over: the process that becomes the server says
/// that the socket is for it.
fn handed_over(socket: impl Into<OwnedFd>) -> Command {
    let program_path = env!("CARGO_BIN_EXE_chunkwire");
    let command = format!("LISTEN_FDS=1 LISTEN_PID=$$ exec {program_path} --listen 127.0.0.1:0 3<&0 </dev/null");
    let mut shell = program("sh", &["-c", &command]);
    shell.stdin(socket.into());
    shell
}

#[tokio::test]
async fn a_socket_of_a_service_manager_takes_the_place_of_the_option() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let server = Process::start(handed_over(socket)).await;
    assert_eq!(server.banner, format!("listening on http://{address}\n"));
    assert_eq!(Client::connect(address).await.get("/healthz").await.status, 200);

    let path = std::env::temp_dir().join(format!("chunkwire-handed-over-{}.sock", std::process::id()));
    let socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let mut server = handed_over(socket).spawn().unwrap();
    assert_eq!(health(&path).await, 200);
    soon(server.kill()).await.unwrap();
    std::fs::remove_file(&path).unwrap();

    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let refused = output(handed_over(socket)).await;
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("LISTEN_FDS: socket 0") && said.contains("allowed is one of TCP or of Unix"), "{said}");
}

/// Runs the program on a terminal, and returns what that shows up to some text, or to the end.
async fn on_terminal(arguments: &str, environment: &[(&str, &str)], until: &str) -> Option<String> {
    if !is_installed("script").await {
        return None;
    }
    let command = format!("exec {} {arguments}", env!("CARGO_BIN_EXE_chunkwire"));
    let mut script = program("script", &["-qec", &command, "/dev/null"]);
    let mut script = script.envs(environment.iter().copied()).spawn().unwrap();
    let mut lines = BufReader::new(script.stdout.take().unwrap()).lines();
    let mut shown = String::new();
    while let Some(line) = soon(lines.next_line()).await.unwrap() {
        shown += &line;
        shown.push('\n');
        if line.contains(until) {
            break;
        }
    }
    // A server that runs on says which process it is; the terminal that closes does not end it.
    if let Some((_, after)) = shown.split_once("PID ") {
        let pid = after.trim_start_matches('.').split_whitespace().next().unwrap();
        let killed = Command::new("sh").args(["-c", &format!("kill {pid}")]).status();
        assert!(soon(killed).await.unwrap().success());
    }
    soon(script.wait()).await.unwrap();
    Some(shown)
}

#[tokio::test]
async fn a_terminal_shows_what_runs_and_where() {
    let Some(shown) = on_terminal("--listen 127.0.0.1:0 --workers 3", &[], "curl").await else { return };
    let port = shown.split("http://127.0.0.1:").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    for what in
        ["┌", concat!("chunkwire ", env!("CARGO_PKG_VERSION")), "..3 ", "16384 B", &format!("localhost:{port}/")]
    {
        assert!(shown.contains(what), "{what}: {shown}");
    }
}

#[tokio::test]
async fn a_terminal_has_colours_unless_no_color_says_otherwise() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = listener.local_addr().unwrap();
    // A warning, and the end.
    let arguments = format!("--listen {taken}");
    for (no_color, has_colours) in [("", true), ("1", false)] {
        for (arguments, until) in [(&*arguments, "in use"), ("--help", "Exit status")] {
            let environment = [("NO_COLOR", no_color), ("RUST_LOG", "chunkwire=loud")];
            let Some(shown) = on_terminal(arguments, &environment, until).await else { return };
            assert_eq!(shown.contains('\u{1b}'), has_colours, "NO_COLOR={no_color}: {shown:?}");
        }
    }
}

#[tokio::test]
async fn every_way_to_say_where_to_listen() {
    for (arguments, hosts) in [
        (&["--listen", ":0"][..], &["127.0.0.1", "::1"][..]),
        (&["--listen", "localhost:0"], &["localhost"]),
        (&["--listen", "[::1]:0"], &["::1"]),
        (&["--listen", "0.0.0.0:0"], &["127.0.0.1"]),
        (&["--listen", "127.0.0.1:0,127.0.0.2:0"], &["127.0.0.1", "127.0.0.2"]),
        (&["--listen", "127.0.0.1:0", "--listen", "127.0.0.2:0"], &["127.0.0.1", "127.0.0.2"]),
    ] {
        let has_ipv6 = std::net::UdpSocket::bind(("::1", 0)).is_ok();
        if !has_ipv6 && hosts == ["::1"] {
            continue;
        }
        let server = Process::start(chunkwire(arguments)).await;
        let addresses: Vec<SocketAddr> =
            server.banner.split("http://").skip(1).map(|address| address.trim().parse().unwrap()).collect();
        let all: Vec<SocketAddr> = match hosts {
            ["localhost"] => addresses.clone(),
            [_, _] if addresses.len() == 2 => addresses.clone(),
            _ => hosts.iter().map(|host| SocketAddr::new(host.parse().unwrap(), addresses[0].port())).collect(),
        };
        for address in all {
            // Systems without IPv6 have no ::1.
            if std::net::UdpSocket::bind((address.ip(), 0)).is_ok() {
                assert_eq!(
                    Client::connect(address).await.get("/healthz").await.status,
                    200,
                    "{arguments:?}: {address}"
                );
            }
        }
    }
}

/// Neither a terminal that closes nor the signal to read the settings anew ends anything.
#[tokio::test]
async fn sighup_changes_nothing() {
    let mut server = Process::start(chunkwire(&ANY_PORT)).await;
    for _ in 0..3 {
        server.signal("HUP").await;
        server.logs("SIGHUP").await;
    }
    assert_eq!(Client::connect(server.address).await.get("/readyz").await.status, 200);
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(0));
}

#[tokio::test]
async fn options_come_from_the_environment_and_the_command_line_wins() {
    let mut command = chunkwire(&["--users", "7"]);
    command.env("CHUNKWIRE_LISTEN", "127.0.0.1:0").env("CHUNKWIRE_USERS", "5").env("CHUNKWIRE_MAX_USERS", "10");
    let server = Process::start(command).await;

    let mut client = Client::connect(server.address).await;
    assert_eq!(client.get("/api/v1/users").await.json().as_array().unwrap().len(), 7);
    assert_eq!(client.get("/api/v1/users?limit=10").await.json().as_array().unwrap().len(), 10);
    assert_eq!(client.get("/api/v1/users?limit=11").await.status, 400);
}

#[tokio::test]
async fn a_bad_start_is_one_line_and_a_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let none: [(&str, &str); 0] = [];
    for (arguments, environment, named) in [
        (&["--listen", &taken][..], &none[..], &[&*taken, "in use"][..]),
        (&["--listen", "nowhere"], &none, &["nowhere", "--listen"]),
        (&["--listen", "127.0.0.1:99999"], &none, &["127.0.0.1:99999", "--listen"]),
        (&["--users", "many"], &none, &["many", "--users"]),
        (&["--users", "-1"], &none, &["-1"]),
        (&["--max-users", "1e6"], &none, &["1e6", "--max-users"]),
        (&["--workers", "0"], &none, &["0", "--workers"]),
        (&["--listen", "127.0.0.1:0", "--users", "2001", "--max-users", "2000"], &none, &["2001", "2000"]),
        (&["--allow-origin", "page.example"], &none, &["page.example", "--allow-origin"]),
        (&["--allow-origin", "https://page.example/"], &none, &["https://page.example/", "--allow-origin"]),
        (&["--allow-origin", "https://page.example/path"], &none, &["https://page.example/path", "--allow-origin"]),
        (&["--listen", "nowhere.invalid:1"], &none, &["can't listen on nowhere.invalid:1"]),
        (&["--admin-listen", &taken, "--listen", "127.0.0.1:0"], &none, &[&*taken, "in use"]),
        (&["--head-timeout", "1e19"], &none, &["1e19", "--head-timeout", "946080000"]),
        (&["--head-timeout", "0"], &none, &["--head-timeout", "above 0"]),
        (&["--head-timeout", "1e-10"], &none, &["--head-timeout", "above 0"]),
        (&["--idle-timeout", "1e19"], &none, &["1e19", "--idle-timeout", "946080000"]),
        (&["--stall-timeout", "946080001"], &none, &["--stall-timeout", "946080000"]),
        (&["--shutdown-delay", "1e19"], &none, &["--shutdown-delay", "from 0 to 946080000"]),
        (&["--shutdown-timeout", "inf"], &none, &["--shutdown-timeout", "from 0 to 946080000"]),
        (&["--shutdown-timeout", "NaN"], &none, &["--shutdown-timeout", "from 0 to 946080000"]),
        (&["--shutdown-timeout=-1"], &none, &["--shutdown-timeout", "from 0 to 946080000"]),
        (&["--unknown"], &none, &["--unknown"]),
        (&["unknown"], &none, &["unknown"]),
        (&[], &[("CHUNKWIRE_USERS", "many")], &["many", "--users", "CHUNKWIRE_USERS"]),
        (&[], &[("CHUNKWIRE_LISTEN", "nowhere")], &["nowhere", "--listen", "CHUNKWIRE_LISTEN"]),
    ] {
        let mut command = chunkwire(arguments);
        command.envs(environment.iter().copied());
        let output = output(command).await;
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code().is_some_and(|code| code != 0), "{arguments:?}: {}", output.status);
        assert_eq!(line.lines().count(), 1, "{arguments:?}: {line}");
        assert!(line.starts_with("chunkwire: ") && named.iter().all(|name| line.contains(name)), "{named:?}: {line}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn help_and_version_are_no_failures() {
    for (argument, named) in [("--help", "CHUNKWIRE_MAX_USERS"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = output(chunkwire(&[argument])).await;
        assert!(output.status.success() && output.stderr.is_empty(), "{argument}: {output:?}");
        assert!(str::from_utf8(&output.stdout).unwrap().contains(named), "{argument}: {output:?}");
    }
}

/// Starts a response, sends the signal, and reads the rest.
async fn a_response_in_flight_finishes_after(signal: &str) {
    let mut server = Process::start(chunkwire(&ANY_PORT)).await;
    let mut idle = Client::connect(server.address).await;
    assert_eq!(idle.get("/healthz").await.status, 200);
    let mut reader = Client::connect(server.address).await;
    reader.ask("GET", LARGE, "").await;
    reader.wait_for_data().await;

    server.signal(signal).await;
    server.logs("not listening any more").await;
    assert!(TcpStream::connect(server.address).await.is_err(), "a new connection was taken");
    assert!(idle.is_closed().await);

    let response = reader.response().await;
    assert_eq!(response.json().as_array().unwrap().len(), 150_000);
    assert!(reader.is_closed().await);
    assert_eq!(server.exit().await.code(), Some(0));
}

#[tokio::test]
async fn a_response_in_flight_finishes_after_sigterm() {
    a_response_in_flight_finishes_after("TERM").await;
}

#[tokio::test]
async fn a_response_in_flight_finishes_after_sigint() {
    a_response_in_flight_finishes_after("INT").await;
}

#[test]
fn a_response_that_never_finishes_is_cut_after_the_deadline() {
    let mut config = config();
    config.engine.shutdown_timeout = Duration::from_millis(100);
    let response = cut_response(&config, LARGE);
    assert_eq!(response.status, 200);
    assert!(!response.complete && !response.body.is_empty(), "{} bytes", response.body.len());
}

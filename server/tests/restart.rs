//! Promise: a restart by SIGUSR2 refuses no client and cuts no response, however slowly it is read.
#![cfg(unix)]

#[macro_use]
mod support;

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command as StdCommand, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chunkwire_test_support::client::{Client, Response};
use chunkwire_test_support::http2_client::{self, WIDE, ask, read};
use chunkwire_test_support::process::{Process, is_installed, output, program, say_skipped};
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use h2::Reason;
use support::program::{CHUNKWIRE, chunkwire};
use support::wire::Wire;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// More than the sockets of both ends hold.
const LONG: &str = "/api/v1/users?limit=150000";

const OVER: &str = "another process has taken over";

/// A program, and those that come after it, of which the last ends with the test.
struct Generations(Process);

impl Generations {
    async fn start(command: Command) -> Self {
        Self(Process::start(command).await)
    }

    /// Lets another process take over, and says which.
    async fn restart(&mut self) {
        self.0.signal("USR2").await;
        let line = self.0.logged(OVER).await;
        self.0.pid = line.split("pid=").nth(1).unwrap().trim().parse().unwrap();
    }

    /// Stops the last of them, and returns what they have logged once all have ended.
    async fn end(mut self) -> String {
        self.0.signal("TERM").await;
        let mut log = String::new();
        while let Some(line) = self.0.next_line().await {
            log += &line;
            log.push('\n');
        }
        log
    }
}

impl Drop for Generations {
    fn drop(&mut self) {
        let kill = StdCommand::new("kill").args(["-KILL", &self.0.pid.to_string()]).stderr(Stdio::null()).status();
        let _ = kill;
    }
}

/// What clients do until they are told to come to an end.
#[derive(Default)]
struct Load {
    is_over: AtomicBool,
    whole: AtomicUsize,
}

impl Load {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn count(&self) {
        self.whole.fetch_add(1, Ordering::Relaxed);
    }
}

/// Asks again and again over connections that are kept for as long as the server keeps them.
async fn ask_on(server: Remote, load: Arc<Load>, expected: Arc<Vec<u8>>) {
    while load.goes_on() {
        let mut client = Client::connect(&server).await;
        while load.goes_on() {
            let response = client.get("/api/v1/users").await;
            assert!(response.status == 200 && response.complete && response.body == *expected);
            load.count();
            if response.header("connection") == Some("close") {
                break;
            }
        }
    }
}

/// The same over HTTP/2, whose connections end by GOAWAY.
async fn ask_on_http2(server: Remote, load: Arc<Load>, expected: Arc<Vec<u8>>) {
    while load.goes_on() {
        let client = http2_client::Client::connect(&server, WIDE).await;
        while load.goes_on() {
            match ask(&client.requests, "GET", "/api/v1/users").await {
                Ok(response) => {
                    let (body, reset) = read(response).await;
                    assert!(reset.is_none() && body == *expected, "{reset:?}");
                    load.count();
                }
                Err(error) => {
                    assert!(error.is_go_away() && error.reason() == Some(Reason::NO_ERROR), "{error:?}");
                    break;
                }
            }
        }
    }
}

/// Reads long responses slowly, over some restarts each.
async fn read_slowly(server: Remote, load: Arc<Load>, expected: Arc<Vec<u8>>) {
    while load.goes_on() {
        let mut client = Client::with_little_room(&server).await;
        client.ask("GET", LONG, "").await;
        assert_eq!(soon(Response::read_head(&mut client.stream)).await.status, 200);
        let mut body = Vec::new();
        loop {
            let chunk = client.chunk().await;
            if chunk.is_empty() {
                break;
            }
            body.extend_from_slice(&chunk);
            if load.goes_on() {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        }
        assert!(body == *expected, "{} of {} bytes", body.len(), expected.len());
        load.count();
    }
}

/// wrk, for as long as the restarts may take at most.
async fn wrk(server: &str) -> Option<Child> {
    if !is_installed("wrk").await {
        return None;
    }
    let mut wrk = program("wrk", &["-t1", "-c20", "-d600s", &format!("{server}/api/v1/users")]);
    Some(wrk.spawn().unwrap())
}

/// Ends it, and returns what it says.
async fn said_by(wrk: Child) -> Output {
    let pid = wrk.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    soon(wrk.wait_with_output()).await.unwrap()
}

on_every_wire!(restarts_under_load_refuse_and_cut_nothing);

/// `CHUNKWIRE_RESTARTS` says how many restarts there are.
async fn restarts_under_load_refuse_and_cut_nothing(wire: &Wire) {
    let restarts = std::env::var("CHUNKWIRE_RESTARTS").map_or(20, |number| number.parse().unwrap());
    let mut server = Generations::start(chunkwire(&wire.options(&ANY_PORT))).await;
    let remote = wire.remote(server.0.address);
    let mut client = Client::connect(&remote).await;
    let short = Arc::new(client.get("/api/v1/users").await.body);
    let long = Arc::new(client.get(LONG).await.body);
    drop(client);

    let [asked, asked_http2, slow] = [(); 3].map(|()| Arc::<Load>::default());
    let mut clients: Vec<JoinHandle<()>> = Vec::new();
    for _ in 0..10 {
        clients.push(tokio::spawn(ask_on(remote.clone(), Arc::clone(&asked), Arc::clone(&short))));
    }
    for _ in 0..3 {
        clients.push(tokio::spawn(ask_on_http2(remote.clone(), Arc::clone(&asked_http2), Arc::clone(&short))));
    }
    for _ in 0..5 {
        clients.push(tokio::spawn(read_slowly(remote.clone(), Arc::clone(&slow), Arc::clone(&long))));
    }
    let wrk = wrk(&format!("{}://{}", wire.scheme(), remote.address)).await;
    let begun = Instant::now();
    for _ in 0..restarts {
        server.restart().await;
        // Each generation serves something.
        let before = asked.whole.load(Ordering::Relaxed);
        soon(async {
            while asked.whole.load(Ordering::Relaxed) < before + 20 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    }
    let elapsed = begun.elapsed();
    let wrk = match wrk {
        Some(wrk) => String::from_utf8(said_by(wrk).await.stdout).unwrap(),
        None => String::new(),
    };
    for load in [&asked, &asked_http2, &slow] {
        load.is_over.store(true, Ordering::Relaxed);
    }
    for client in clients {
        client.await.unwrap();
    }
    assert!(!wrk.contains("Socket errors") && !wrk.contains("Non-2xx"), "{wrk}");
    let log = server.end().await;
    assert!(!log.contains("cut what") && !log.contains("ERROR"), "{log}");
    let by_wrk = wrk.lines().find(|line| line.contains("requests in")).unwrap_or("no wrk").trim();
    let [asked, asked_http2, slow] = [asked, asked_http2, slow].map(|load| load.whole.load(Ordering::Relaxed));
    println!(
        "{}, {restarts} restarts in {elapsed:?}: {asked} responses over connections that are kept, {asked_http2} by HTTP/2, \
         {slow} to slow readers, each whole; wrk: {by_wrk}, without an error",
        wire.scheme(),
    );
}

/// A file of this test's own.
fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("chunkwire-restart-{}-{name}", std::process::id()))
}

async fn over_unix(path: &Path, target: &str) -> Response {
    let mut client = BufReader::new(UnixStream::connect(path).await.unwrap());
    client
        .write_all(format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())
        .await
        .unwrap();
    soon(Response::read(&mut client)).await
}

/// Which address is for whom is known to the next process as well.
#[tokio::test]
async fn every_socket_is_handed_over() {
    let path = file("all.sock");
    let listen = format!("127.0.0.1:0,127.0.0.1:0,unix:{}", path.display());
    let mut server = Generations::start(chunkwire(&["--listen", &listen, "--admin-listen", "127.0.0.1:0"])).await;
    let public: Vec<std::net::SocketAddr> = server
        .0
        .banner
        .split("http://")
        .skip(1)
        .map(|text| text.split_whitespace().next().unwrap().parse().unwrap())
        .collect();
    let line = server.0.logged("the page, /live and /metrics are served here alone").await;
    let private = line.split("address=").nth(1).unwrap().trim().parse().unwrap();
    let mut started = Vec::new();
    for _ in 0..3 {
        assert_eq!(public.len(), 2);
        for address in &public {
            assert_eq!(Client::connect(*address).await.get("/metrics").await.status, 404);
            assert_eq!(Client::connect(*address).await.get("/readyz").await.status, 200);
        }
        assert_eq!(over_unix(&path, "/readyz").await.status, 200);
        let metrics: std::net::SocketAddr = private;
        let metrics = Client::connect(metrics).await.get("/metrics").await;
        let text = String::from_utf8(metrics.body).unwrap();
        started.push(text.lines().find(|line| line.starts_with("process_start_time_seconds ")).unwrap().to_owned());
        server.restart().await;
        // The old one has no connection, and is gone.
        server.0.logs("each connection is served once more").await;
    }
    let log = server.end().await;
    assert!(!log.contains("ERROR"), "{log}");
    for address in public {
        assert!(TcpStream::connect(address).await.is_err());
    }
    assert!(UnixStream::connect(&path).await.is_err());
    fs::remove_file(path).unwrap();
}

/// Puts a script in the place of a program. A shell writes it, since a file that a process of this test's has open for
/// writing can't be run, and every thread may start some.
async fn put_script(path: &Path, script: &str) {
    let put = "rm -f \"$0\" && printf '#!/bin/sh\n%s\n' \"$1\" >\"$0\" && chmod 755 \"$0\"";
    assert!(Command::new("sh").args(["-c", put]).arg(path).arg(script).status().await.unwrap().success());
}

/// Puts the program there.
fn put_program(path: &Path) {
    let _ = fs::remove_file(path);
    std::os::unix::fs::symlink(CHUNKWIRE, path).unwrap();
}

/// The program's file is taken away, and replaced by what ends at once, and by what is never ready.
#[tokio::test]
async fn the_old_one_goes_on_if_no_other_can() {
    let binary = file("binary");
    put_program(&binary);
    let mut server = Generations::start(program(binary.to_str().unwrap(), &ANY_PORT)).await;
    let address = server.0.address;
    for (script, cause) in [
        (None, "No such file or directory"),
        (Some("echo 'a bad option' >&2; exit 2"), "ended by exit status: 2"),
        (Some("true"), "ended by exit status: 0"),
    ] {
        match script {
            Some(script) => put_script(&binary, script).await,
            None => fs::remove_file(&binary).unwrap(),
        }
        server.0.signal("USR2").await;
        let line = server.0.logged("no other process could take over; this one goes on").await;
        assert!(line.contains("ERROR") && line.contains(cause), "{line}");
        assert_eq!(Client::connect(address).await.get("/readyz").await.status, 200);
    }
    // While one starts, another is refused.
    put_script(&binary, "echo $$ is not ready >&2; exec sleep 600").await;
    server.0.signal("USR2").await;
    let candidate = server.0.logged("is not ready").await;
    server.0.signal("USR2").await;
    server.0.logs("refused, since another process starts already").await;
    assert_eq!(Client::connect(address).await.get("/readyz").await.status, 200);
    // What is there now is what runs next.
    put_program(&binary);
    let candidate = candidate.split_whitespace().next().unwrap().to_owned();
    assert!(Command::new("kill").arg(&candidate).status().await.unwrap().success());
    server.0.logs("ended by signal: 15").await;
    let kept = Client::connect(address).await;
    let first = server.0.pid;
    server.restart().await;
    assert_ne!(server.0.pid, first);
    let second = std::mem::replace(&mut server.0.pid, first);
    server.0.signal("USR2").await;
    server.0.logs("refused, since another process has taken over").await;
    server.0.pid = second;
    drop(kept);
    assert!(server.end().await.contains("stopping"));
    fs::remove_file(binary).unwrap();
}

#[tokio::test]
async fn a_signal_to_stop_ends_what_is_not_ready_as_well() {
    let binary = file("stopped");
    put_program(&binary);
    let mut server = Generations::start(program(binary.to_str().unwrap(), &ANY_PORT)).await;
    put_script(&binary, "echo never ready >&2; exec sleep 600").await;
    server.0.signal("USR2").await;
    server.0.logs("never ready").await;
    let log = server.end().await;
    assert!(log.contains("not listening any more"), "the end of the log is the end of both: {log}");
    fs::remove_file(binary).unwrap();
}

/// The first process of a container is the container's, whose other processes end with it.
#[tokio::test]
async fn the_first_process_of_a_container_hands_nothing_over() {
    let unshare = ["--pid", "--fork", "--kill-child"];
    if !output(program("unshare", &[&unshare[..], &["true"]].concat())).await.status.success() {
        say_skipped("this user may not make a namespace");
        return;
    }
    let command = program("unshare", &[&unshare[..], &[CHUNKWIRE], &ANY_PORT].concat());
    let mut server = Process::start(command).await;
    let children = format!("/proc/{0}/task/{0}/children", server.pid);
    let first = fs::read_to_string(children).unwrap();
    let kill = Command::new("kill").args(["-USR2", first.trim()]).status().await.unwrap();
    assert!(kill.success());
    server.logs("refused, since nothing could follow process 1").await;
    assert_eq!(Client::connect(server.address).await.get("/readyz").await.status, 200);
}

/// Starts the program as a service manager does that hands a socket over.
fn handed_over(socket: OwnedFd, arguments: &str) -> Command {
    let script = format!("LISTEN_FDS=1 LISTEN_PID=$$ exec {CHUNKWIRE} {arguments} 3<&0 </dev/null");
    let mut shell = program("sh", &["-c", &script]);
    shell.stdin(socket);
    shell
}

/// The socket is the service manager's, and outlives every process.
#[tokio::test]
async fn a_client_that_waits_at_a_socket_of_a_service_manager_is_served_by_the_next_process() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    for _ in 0..10 {
        let mut waiting = Vec::new();
        for _ in 0..20 {
            let mut client = Client::over(TcpStream::connect(address).await.unwrap());
            client.ask("GET", "/api/v1/users?limit=10", "").await;
            waiting.push(client);
        }
        let server = Process::start(handed_over(socket.try_clone().unwrap().into(), "")).await;
        assert_eq!(server.address, address);
        for mut client in waiting {
            assert_eq!(client.response().await.json().as_array().unwrap().len(), 10);
        }
        server.signal("TERM").await;
        assert_eq!(server.exit().await.code(), Some(0));
    }
}

/// What a service manager is told (sd_notify(3)).
#[tokio::test]
async fn a_service_manager_is_told_who_serves() {
    let path = file("notify.sock");
    let manager = tokio::net::UnixDatagram::bind(&path).unwrap();
    let said = async || {
        let mut text = vec![0; 1000];
        let length = soon(manager.recv(&mut text)).await.unwrap();
        String::from_utf8(text[..length].to_vec()).unwrap()
    };
    let mut command = chunkwire(&ANY_PORT);
    command.env("NOTIFY_SOCKET", &path);
    let mut server = Generations::start(command).await;
    assert_eq!(said().await, "READY=1\n");
    server.restart().await;
    assert_eq!(said().await, format!("MAINPID={}\n", server.0.pid));
    server.end().await;
    assert_eq!(said().await, "STOPPING=1\n");
    fs::remove_file(path).unwrap();
}

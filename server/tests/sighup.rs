//! Promise: SIGHUP changes what can be changed, says of the rest why not, and ends nothing.
#![cfg(unix)]

mod support;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::Process;
use chunkwire_test_support::time::soon;
use support::file::File;
use support::program::chunkwire;
use tokio::net::TcpStream;

const LISTEN: &str = "listen = '127.0.0.1:0'\n";

async fn started(file: &File) -> Process {
    Process::start(chunkwire(&[file.option()])).await
}

async fn users(client: &mut Client) -> usize {
    client.get("/api/v1/users").await.json().as_array().unwrap().len()
}

#[tokio::test]
async fn settings_of_requests_change_for_all_connections_and_nothing_under_way_does() {
    let file = File::new("requests.toml", &format!("{LISTEN}users = 3\nmax-users = 200000\n"));
    let mut server = started(&file).await;
    let mut open = Client::connect(server.address).await;
    assert_eq!(users(&mut open).await, 3);
    let mut reader = Client::connect(server.address).await;
    reader.ask("GET", "/api/v1/users?limit=150000", "").await;
    reader.wait_for_data().await;

    file.write(&format!("{LISTEN}users = 4\nmax-users = 5\nallow-origin = '*'\nno-compression = true\n"));
    server.signal("HUP").await;
    let line = server.logged("SIGHUP: users has changed").await;
    assert!(line.contains("before=\"3\"") && line.contains("now=\"4\"") && line.contains(":2\""), "{line}");
    server.logs("SIGHUP: no-compression has changed").await;
    assert_eq!(users(&mut open).await, 4);
    open.ask("GET", "/api/v1/users?limit=5", "accept-encoding: gzip\r\norigin: https://a.example\r\n").await;
    let response = open.response().await;
    assert_eq!(response.header("content-encoding"), None);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(open.get("/api/v1/users?limit=6").await.status, 400);
    assert_eq!(reader.response().await.json().as_array().unwrap().len(), 150_000);

    // What the file says no more is the default again.
    file.write(LISTEN);
    server.signal("HUP").await;
    server.logs("SIGHUP: no-compression has changed").await;
    assert_eq!(users(&mut open).await, 1000);
    server.signal("TERM").await;
    assert_eq!(server.exit().await.code(), Some(0));
}

#[tokio::test]
async fn limits_change_for_connections_to_come() {
    let limits = "idle-timeout = 300\nhead-timeout = 300\n";
    let file = File::new("limits.toml", &format!("{LISTEN}max-connections = 1\n{limits}"));
    let mut server = started(&file).await;
    let mut open = Client::connect(server.address).await;
    assert_eq!(users(&mut open).await, 1000);
    let mut second = Client::connect(server.address).await;
    second.ask("GET", "/healthz", "").await;
    file.write(&format!("{LISTEN}max-connections = 3\nidle-timeout = 0.1\nhead-timeout = 0.1\n"));
    server.signal("HUP").await;
    assert_eq!(second.response().await.status, 200, "there is a place for it now");
    assert!(second.is_closed().await, "it is idle for too long");
    let silent = TcpStream::connect(server.address).await.unwrap();
    assert!(Client::over(silent).is_closed().await, "its head does not come");
    assert_eq!(users(&mut open).await, 1000, "this one has the limits that it came with");

    file.write(&format!("{LISTEN}max-connections = 1\nidle-timeout = 300\n"));
    server.signal("HUP").await;
    server.logs("SIGHUP: max-connections has changed").await;
    server.logs("SIGHUP: max-connections has changed").await;
    let mut waiting = Client::connect(server.address).await;
    let waiting = tokio::spawn(async move { waiting.get("/healthz").await.status });
    for _ in 0..50 {
        assert_eq!(open.get("/healthz").await.status, 200);
    }
    assert!(!waiting.is_finished(), "it was served");
    drop(open);
    assert_eq!(soon(waiting).await.unwrap(), 200);
}

#[tokio::test]
async fn the_access_log_is_turned_on_and_off() {
    let file = File::new("access-log.toml", LISTEN);
    let mut server = started(&file).await;
    let mut client = Client::connect(server.address).await;
    client.get("/silent").await;
    for on in [true, false, true] {
        file.write(&format!("{LISTEN}access-log = {on}\n"));
        server.signal("HUP").await;
        logs_before_silent(&mut server, "SIGHUP: access-log has changed").await;
        if on {
            client.get("/told").await;
            logs_before_silent(&mut server, "uri=/told").await;
        } else {
            client.get("/silent").await;
        }
    }
}

/// Awaits a line, before which there must be none of `/silent`.
async fn logs_before_silent(server: &mut Process, what: &str) {
    loop {
        let line = server.next_line().await.expect("more log");
        assert!(!line.contains("/silent"), "{line}");
        if line.contains(what) {
            return;
        }
    }
}

#[tokio::test]
async fn what_needs_a_restart_is_told_and_the_rest_changes() {
    let file = File::new("restart.toml", &format!("{LISTEN}users = 3\nworkers = 1\n"));
    let mut server = started(&file).await;
    file.write("listen = '127.0.0.1:1'\nusers = 4\nworkers = 2\nadmin-listen = '127.0.0.1:1'\n");
    for _ in 0..2 {
        server.signal("HUP").await;
        for (option, line) in [("listen", 1), ("admin-listen", 4), ("workers", 3)] {
            let told = server.logged(&format!("SIGHUP: {option} stays as it was, since it needs a restart")).await;
            assert!(told.contains("WARN") && told.contains(&format!(":{line}\"")), "{told}");
        }
    }
    let mut client = Client::connect(server.address).await;
    assert_eq!(users(&mut client).await, 4);
    assert_eq!(client.get("/metrics").await.status, 200);
}

#[tokio::test]
async fn a_mistake_leaves_all_as_it_was() {
    let good = format!("{LISTEN}users = 3\nmax-users = 10\n");
    let file = File::new("mistakes.toml", &good);
    let mut server = started(&file).await;
    let mut client = Client::connect(server.address).await;
    for (text, named) in [
        ("users = 4\nmax-users = 'many'\n", ":2: max-users: "),
        ("users = 4\nusrs = 4\n", ":2: usrs: "),
        ("users = 4\nmax-users = 3\n", "4 users per response are more than the 3"),
        ("users = 4\n[", ":2: "),
    ] {
        file.write(text);
        server.signal("HUP").await;
        let line = server.logged("SIGHUP: all stays as it was").await;
        assert!(line.contains("ERROR") && line.contains(named), "{line}");
        assert_eq!(users(&mut client).await, 3, "{text}");
    }
    std::fs::remove_file(file.path()).unwrap();
    server.signal("HUP").await;
    server.logged_with(&["SIGHUP: all stays as it was", file.path()]).await;
    file.write(&good.replace('3', "5"));
    server.signal("HUP").await;
    server.logs("SIGHUP: users has changed").await;
    assert_eq!(users(&mut client).await, 5);
}

/// The table of the documentation says what the program does.
#[cfg(feature = "tls")]
#[tokio::test]
async fn the_documentation_says_what_changes() {
    let page = include_str!("../../docs/configuration.md");
    let (_, table) = page.split_once("| option | at SIGHUP |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let told: Vec<(Vec<&str>, bool)> = rows
        .map(|row| {
            let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
            let names = cells[0].split('`').skip(1).step_by(2).collect();
            (names, !cells[1].contains("needs a restart"))
        })
        .collect();
    let path = |name: &str| name.starts_with("tls-");
    let names: Vec<_> = told.iter().flat_map(|(names, _)| names).filter(|name| !path(name)).collect();
    assert!(names.len() > 20, "{names:?}");

    let file = File::new("table.toml", LISTEN);
    let mut server = started(&file).await;
    let value = |name: &str| match name {
        "listen" | "admin-listen" => "'127.0.0.1:1'",
        "allow-origin" => "'*'",
        "access-log-skip" => "'/healthz'",
        "log-format" => "'json'",
        "trusted-proxies" => "'unix'",
        "unbuffered" | "digest" | "no-compression" | "no-http2" | "access-log" | "proxy-protocol" => "true",
        _ => "9",
    };
    file.write(&names.iter().map(|name| format!("{name} = {}\n", value(name))).collect::<String>());
    server.signal("HUP").await;
    let mut lines = Vec::new();
    soon(async {
        while lines.len() < names.len() {
            lines.push(server.logged_with(&["SIGHUP: ", "from="]).await);
        }
    })
    .await;
    for (names, changes) in &told {
        for name in names.iter().filter(|name| !path(name)) {
            let expected = if *changes { "has changed" } else { "needs a restart" };
            let said = lines.iter().any(|line| line.contains(&format!("SIGHUP: {name} ")) && line.contains(expected));
            assert!(said, "{name}: {lines:#?}");
        }
    }
}

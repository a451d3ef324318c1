//! The variables: each option has one, an empty one is unset, and what is wrong about one names it.
#![cfg(unix)]

mod support;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{Process, output};
use support::program::chunkwire;

const ANY_PORT: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// The variables as clap lists them in the help.
async fn variables() -> Vec<String> {
    let help = String::from_utf8(output(chunkwire(&["--help"])).await.stdout).unwrap();
    let names: Vec<String> =
        help.split("[env: ").skip(1).map(|rest| rest.split('=').next().unwrap().to_owned()).collect();
    let options = help.lines().filter(|line| line.trim_start().starts_with("--")).count();
    assert!(names.len() > 10 && names.len() == options, "{} variables, {options} options: {help}", names.len());
    names
}

#[tokio::test]
async fn an_empty_variable_is_unset() {
    let names = variables().await;
    for name in names.iter().filter(|name| *name != "CHUNKWIRE_LISTEN") {
        let mut command = chunkwire(&ANY_PORT);
        command.env(name, "");
        let server = Process::start(command).await;
        assert_eq!(Client::connect(server.address).await.get("/healthz").await.status, 200, "{name}");
    }
    // Where it listens by default may be taken; that is found out after this.
    let mut command = chunkwire(&["--users", "2", "--max-users", "1"]);
    command.envs(names.iter().map(|name| (name, "")));
    let output = output(command).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[tokio::test]
async fn what_is_wrong_about_a_variable_names_it() {
    // Any text may be a path.
    let is_path = |name: &String| name.starts_with("CHUNKWIRE_TLS_") || name == "CHUNKWIRE_CONFIG";
    for name in variables().await.into_iter().filter(|name| !is_path(name)) {
        let mut command = chunkwire::<&str>(&[]);
        command.env(&name, "?");
        let output = output(command).await;
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {line}");
        assert!(line.starts_with(&format!("chunkwire: {name}: invalid value '?'")), "{line}");
    }
    // The command line is named where that is wrong.
    let mut command = chunkwire(&["--users", "x"]);
    command.env("CHUNKWIRE_USERS", "5");
    let line = String::from_utf8(output(command).await.stderr).unwrap();
    assert!(line.starts_with("chunkwire: invalid value 'x' for '--users"), "{line}");
}

#[tokio::test]
async fn a_flag_takes_the_usual_words() {
    for (word, is_on) in [
        ("1", true),
        ("true", true),
        ("YES", true),
        ("on", true),
        ("0", false),
        ("False", false),
        ("no", false),
        ("off", false),
        ("", false),
    ] {
        let mut command = chunkwire(&ANY_PORT);
        command.env("CHUNKWIRE_ACCESS_LOG", word);
        let server = Process::start(command).await;
        Client::connect(server.address).await.get("/healthz").await;
        server.signal("TERM").await;
        let log = server.rest_of_log().await;
        assert_eq!(log.contains("uri=/healthz"), is_on, "{word}: {log}");
    }
}

#[tokio::test]
async fn a_filter_that_is_empty_is_unset_and_one_that_is_wrong_is_told() {
    let wrong = [&b"chunkwire=loud"[..], b"info,=,", b"info\xff"].map(|filter| (filter, true));
    for (filter, is_told) in [(&b""[..], false)].into_iter().chain(wrong) {
        let filter = OsStr::from_bytes(filter);
        let mut command = chunkwire(&ANY_PORT);
        command.env("RUST_LOG", filter);
        let server = Process::start(command).await;
        server.signal("TERM").await;
        let log = server.rest_of_log().await;
        assert!(log.contains("stopping"), "{filter:?}: {log}");
        assert_eq!(log.contains("RUST_LOG is not understood"), is_told, "{filter:?}: {log}");
    }
}

//! Promise: anybody can watch the server under load by one command, which is bounded, and leaves nothing behind.

mod support;

use std::path::PathBuf;

use chunkwire_test_support::process::{Process, output};
use chunkwire_test_support::time::soon;
use support::program::chunkwire;
use support::server::metric_becomes;
use tokio::process::Command;

#[tokio::test]
async fn it_prints_what_the_page_showed() {
    let ended = output(chunkwire(&["demo", "--readers", "6", "--seconds", "4"])).await;
    let (said, errors) = (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
    assert!(ended.status.success() && errors.is_empty(), "{said}{errors}");
    assert!(said.starts_with("http://127.0.0.1:"), "the address of the page comes first: {said}");
    let lines = said.lines().filter(|line| line.starts_with("Requests: ") && line.contains(", Connections: 6, "));
    assert!(lines.count() >= 2, "{said}");
    let (_, table) = said.split_once("\nThe most that the page showed:\n").unwrap_or_else(|| panic!("{said}"));
    let row = |label: &str| {
        let line = table.lines().find(|line| line.trim_start().starts_with(label));
        line.unwrap_or_else(|| panic!("no {label}: {said}")).rsplit("  ").next().unwrap().trim().to_owned()
    };
    assert_eq!((&*row("Connections"), &*row("Stalled clients")), ("6", "3"));
    assert!(row("Chunks alive").parse::<u32>().unwrap() <= 6, "{table}");
    assert!(row("Requests").ends_with("/s") && row("Requests") != "0/s", "{table}");
    assert!(row("Process memory").ends_with("MB") && !row("Sent in all").is_empty(), "{table}");
    assert!(
        table.contains("would have held 34.0 MB: 3 times 108 kB, and 3 times 11.2 MB. That is computed"),
        "{table}"
    );
}

/// The demonstration, its readers, and where the files of their processes are.
async fn begun() -> (Process, [PathBuf; 2]) {
    let demo = Process::start(chunkwire(&["demo", "--readers", "4", "--seconds", "600"])).await;
    metric_becomes(demo.address, "chunkwire_responses_stalled", 2.0).await;
    let children = output({
        let mut command = Command::new("pgrep");
        command.args(["-P", &demo.pid.to_string()]);
        command
    });
    let readers = String::from_utf8(children.await.stdout).unwrap();
    let places = [demo.pid.to_string(), readers.trim().to_owned()].map(|pid| PathBuf::from("/proc").join(pid));
    assert!(places.iter().all(|place| place.exists()), "{places:?}");
    (demo, places)
}

/// Awaits that the processes are gone, or that nobody has yet asked how they ended.
async fn gone(places: [PathBuf; 2]) {
    let is_there = |place: &PathBuf| {
        let stat = std::fs::read_to_string(place.join("stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
    };
    soon(async {
        while places.iter().any(is_there) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_interrupt_ends_both_processes() {
    let (demo, places) = begun().await;
    demo.signal("INT").await;
    assert!(demo.exit().await.success());
    gone(places).await;
}

#[tokio::test]
async fn the_readers_end_with_a_server_that_is_killed() {
    let (demo, places) = begun().await;
    demo.signal("KILL").await;
    demo.exit().await;
    gone(places).await;
}

#[tokio::test]
async fn it_is_bounded() {
    for (option, value, bounds) in [
        ("--readers", "1001", "1..=1000"),
        ("--readers", "0", "1..=1000"),
        ("--seconds", "601", "1..=600"),
        ("--port", "65536", "0..=65535"),
    ] {
        let refused = output(chunkwire(&["demo", option, value])).await;
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains(option) && said.contains(value) && said.contains(bounds), "{said}");
    }
    let help = output(chunkwire(&["--help"])).await;
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("demo  ") && !help.contains("demo-readers"), "{help}");
}

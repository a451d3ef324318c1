//! What docs/postgres.md says, with its own example, over fewer users.

use std::path::Path;
use std::process::Output;

use chunkwire_server::{Config, Tables};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::is_installed;
use chunkwire_test_support::time::soon;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::fixture::serve;
use crate::support::server::config;

const USERS: usize = 20_000;

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// Returns the blocks of code of a language.
fn blocks(language: &str) -> Vec<String> {
    let text = file("docs/postgres.md");
    let begin = format!("```{language}\n");
    text.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Starts a cluster with the example's users, and the settings of a server of them.
async fn example() -> Option<(Cluster, Config)> {
    let cluster = Cluster::start().await?;
    cluster.run(&file("examples/postgres/users.sql").replace("1000000", &USERS.to_string())).await;
    let routes = file("examples/postgres/chunkwire.toml");
    let tables: Tables = format!("[database]\nurl = \"{}\"\n{routes}", cluster.url()).parse().unwrap();
    let mut config = config();
    config.tables = Some(tables);
    Some((cluster, config))
}

async fn output(program: &str, arguments: &[&str]) -> Output {
    soon(Command::new(program).args(arguments).output()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_print_what_they_should() {
    let Some((_cluster, config)) = example().await else { return };
    for program in ["curl", "jq"] {
        if !is_installed(program).await {
            return;
        }
    }
    let server = serve(&config).await;
    let commands = blocks("sh").concat();
    let mut printed = Vec::new();
    for command in commands.lines().filter(|line| line.starts_with("curl")) {
        let command = command.replace("localhost:3000", &server.to_string());
        let command = command.replace("since=2021-11-25", "since=2020-01-14").replace("jq '.[0]", "jq -r '.[0]");
        let said = output("bash", &["-o", "pipefail", "-c", &command]).await;
        assert!(said.status.success(), "{command}: {said:?}");
        printed.push(String::from_utf8(said.stdout).unwrap());
    }
    let [two, name, newest, all, problem] = &printed[..] else { panic!("{printed:?}") };
    assert!(two.contains("\"email\": \"user1@example.com\"") && two.contains("\"balance\": 0.02"), "{two}");
    assert_eq!(name, "\"Edsger 42\"\n");
    assert_eq!(newest, "2020-01-14T21:20:00+00:00\n");
    assert_eq!(all.trim(), USERS.to_string());
    assert!(problem.contains("yesterdayish"), "{problem}");
}

/// A client that is cut twice, once in a line.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_cut_goes_on_and_has_every_row_once() {
    let Some((_cluster, config)) = example().await else { return };
    if !is_installed("python3").await {
        return;
    }
    let server = serve(&config).await;
    let cuts = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = cuts.local_addr().unwrap();
    tokio::spawn(async move {
        for most in [100_000, 1_000_007, u64::MAX] {
            let (mut client, _) = cuts.accept().await.unwrap();
            let (mut from, mut to) = TcpStream::connect(server).await.unwrap().into_split();
            let (mut asked, mut answered) = client.split();
            let answers = async {
                copy(&mut (&mut from).take(most), &mut answered).await.unwrap();
                answered.shutdown().await.unwrap();
            };
            tokio::select! {
                () = answers => {}
                _ = async { copy(&mut asked, &mut to).await.unwrap(); std::future::pending::<()>().await } => {}
            }
        }
    });
    let [recipe] = &blocks("python")[..] else { panic!("one recipe") };
    let recipe = recipe.replace("localhost:3000", &address.to_string());
    let ids = "assert [row['id'] for row in rows] == list(range(1, len(rows) + 1))";
    let said = output("python3", &["-c", &format!("{recipe}\n{ids}")]).await;
    assert!(said.status.success(), "{said:?}");
    assert_eq!(String::from_utf8(said.stdout).unwrap().trim(), USERS.to_string());
}

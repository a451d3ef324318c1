//! What docs/postgres.md says, with its own example, over fewer users.

use std::iter::repeat;
use std::net::SocketAddr;
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

/// Stands before a server and cuts some connections after so many bytes.
async fn cutting(server: SocketAddr, cuts: &'static [u64]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for most in cuts.iter().copied().chain(repeat(u64::MAX)) {
            let (mut client, _) = listener.accept().await.unwrap();
            let (mut from, mut to) = TcpStream::connect(server).await.unwrap().into_split();
            let (mut asked, mut answered) = client.split();
            let answers = async {
                copy(&mut (&mut from).take(most), &mut answered).await.unwrap();
                answered.shutdown().await.unwrap();
            };
            tokio::select! {
                () = answers => {}
                // A client that has its response closes the connection.
                _ = copy(&mut asked, &mut to) => {}
            }
        }
    });
    address
}

/// Clients that are cut twice, once in a line.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_cut_goes_on_and_has_every_row_once() {
    let Some((_cluster, config)) = example().await else { return };
    for program in ["python3", "curl", "jq"] {
        if !is_installed(program).await {
            return;
        }
    }
    let server = serve(&config).await;
    let with_cuts =
        async |recipe: &str, cuts| recipe.replace("localhost:3000", &cutting(server, cuts).await.to_string());

    let [python] = &blocks("python")[..] else { panic!("one recipe") };
    let python = with_cuts(python, &[100_000, 1_000_007]).await;
    let ids = "assert [row['id'] for row in rows] == list(range(1, len(rows) + 1))";
    let said = output("python3", &["-c", &format!("{python}\n{ids}")]).await;
    assert!(said.status.success(), "{said:?}");
    assert_eq!(String::from_utf8(said.stdout).unwrap().trim(), USERS.to_string());

    let [lines, envelopes] = &blocks("bash")[..] else { panic!("two recipes") };
    let folder = std::env::temp_dir().join(format!("chunkwire-recipes-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    for (recipe, cuts, result) in [
        (lines, &[100_000, 1_000_007][..], "jq .id users.ndjson"),
        (envelopes, &[30_000, u64::MAX, 5], "jq -r .name pages.ndjson | cut -d' ' -f2"),
    ] {
        let recipe = with_cuts(recipe, cuts).await;
        let script = format!("set -eu; cd '{}'\n{recipe}\n{result}", folder.display());
        let said = output("bash", &["-c", &script]).await;
        assert!(said.status.success(), "{said:?}");
        let ids = String::from_utf8(said.stdout).unwrap();
        assert!(
            ids.lines().map(|id| id.parse::<usize>().unwrap()).eq(1..=USERS),
            "{recipe}: {} rows",
            ids.lines().count()
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}

//! What curl gets when something is wrong with the rows or the database.

use std::process::{Output, Stdio};

use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::{Process, is_installed};
use chunkwire_test_support::time::soon;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use crate::fixture::{cluster, program};
use crate::support::server::metric;

async fn curl(arguments: &[&str]) -> Output {
    soon(Command::new("curl").args(["--silent", "--show-error"]).args(arguments).output()).await.unwrap()
}

/// The exit status of curl if a response is cut.
const PARTIAL: i32 = 18;

#[tokio::test]
async fn rows_that_no_page_has_cut_the_response_and_the_log_says_which() {
    let Some(cluster) = cluster().await else { return };
    if !is_installed("curl").await {
        return;
    }
    cluster.run("CREATE VIEW v AS SELECT nullif(id, 3000) AS id, name FROM users UNION ALL SELECT NULL, 'x'").await;
    cluster.run("CREATE VIEW w AS SELECT id / 1500 AS id, name FROM users").await;
    let routes = "[[route]]\npath = \"/v\"\nview = \"v\"\nkey = [\"id\"]\npages = \"expensive\"\n\
                  [[route]]\npath = \"/w\"\nview = \"w\"\nkey = [\"id\"]\npages = \"expensive\"\n";
    let mut server = program(&cluster.url(), "", routes).await;
    for (path, cause) in [("v", "the column `id` of the key is NULL"), ("w", "several rows have the same key")] {
        let url = format!("http://{}/{path}?limit=5000", server.address);
        let said = curl(&[&url, "--output", "/dev/null"]).await;
        assert_eq!(said.status.code(), Some(PARTIAL), "{path}: {said:?}");
        server.logged_with(&["ERROR", cause]).await;
        // Behind the last key, it is known before the first row.
        let said = curl(&[&format!("{url}&after=2999"), "--write-out", "%{http_code}"]).await;
        assert_eq!(path == "v", String::from_utf8_lossy(&said.stdout).ends_with("500"), "{said:?}");
    }
}

/// How often the database goes away.
const TIMES: usize = 10;

/// Long rows, of which the buffers of the kernel and of curl hold a part.
const ROWS: usize = 30_000;

const LONG: &str = "CREATE TABLE long (id int PRIMARY KEY, note text); \
                    INSERT INTO long SELECT n, repeat('x', 600) FROM generate_series(1, 30000) n";

const ROUTE: &str = "[[route]]\npath = \"/long\"\ntable = \"long\"\n";

/// A response of which curl has the beginning.
struct Begun {
    curl: Child,
    read: Vec<u8>,
}

impl Begun {
    async fn of(server: &Process) -> Self {
        let before = metric(server.address, "chunkwire_database_rows_total").await as usize;
        let url = format!("http://{}/long?limit=1000000&format=lines", server.address);
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--no-buffer", &url]).stdout(Stdio::piped()).kill_on_drop(true);
        let mut curl = command.spawn().unwrap();
        let mut read = vec![0; 64 * 1024];
        soon(curl.stdout.as_mut().unwrap().read_exact(&mut read)).await.unwrap();
        assert!((metric(server.address, "chunkwire_database_rows_total").await as usize) < before + ROWS);
        Self { curl, read }
    }

    /// Asserts that curl gets every row once and ends well.
    async fn goes_on_to_its_end(mut self, what: &str) {
        let read = self.curl.stdout.as_mut().unwrap().read_to_end(&mut self.read);
        soon(read).await.unwrap();
        assert!(soon(self.curl.wait()).await.unwrap().success(), "{what}");
        let text = String::from_utf8(self.read).unwrap();
        let begins = |(line, id): (&str, usize)| line.starts_with(&format!("{{\"id\":{id},"));
        assert!(text.lines().zip(1..).all(begins) && text.lines().count() == ROWS, "{what}: a row is missing or twice");
    }
}

#[tokio::test]
async fn a_restart_in_mid_response_costs_curl_no_row() {
    let Some(cluster) = Cluster::start().await else { return };
    if !is_installed("curl").await {
        return;
    }
    cluster.run(LONG).await;
    let server = program(&cluster.url(), "", ROUTE).await;
    for time in 1..=TIMES {
        let begun = Begun::of(&server).await;
        if time % 2 == 0 {
            cluster.stop().await
        } else {
            cluster.crash().await
        }
        let what = format!("the restart {time}");
        let ((), started) = tokio::join!(begun.goes_on_to_its_end(&what), cluster.run_again());
        started.unwrap();
    }
    println!("{TIMES} restarts in {TIMES} responses: curl had every row once, and ended with 0, each time");
}

#[tokio::test]
async fn a_failover_to_a_replica_in_mid_response_costs_curl_no_row() {
    let Some(primary) = Cluster::start().await else { return };
    if !is_installed("curl").await {
        return;
    }
    primary.run(LONG).await;
    let replica = primary.standby().await;
    primary.is_copied_to(&replica).await;
    let url = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres?application_name=chunkwire",
        primary.port(),
        replica.port()
    );
    let server = program(&url, "", ROUTE).await;
    let readers = "FROM pg_stat_activity WHERE application_name = 'chunkwire'";
    for time in 1..=TIMES {
        let begun = Begun::of(&server).await;
        assert_ne!(primary.value(&format!("SELECT count(*) {readers}")).await, "0", "it is read from the primary");
        primary.crash().await;
        begun.goes_on_to_its_end(&format!("the failover {time}")).await;
        assert_ne!(replica.value(&format!("SELECT count(*) {readers}")).await, "0", "it was read from the replica");
        primary.run_again().await.unwrap();
        // So that the next response begins at the primary.
        replica.value(&format!("SELECT count(pg_terminate_backend(pid, 10000)) {readers}")).await;
    }
    println!("{TIMES} failovers in {TIMES} responses: curl had every row once, and ended with 0, each time");
}

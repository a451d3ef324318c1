//! What curl gets when something is wrong with the rows or the database.

use std::process::Output;

use chunkwire_test_support::process::is_installed;
use chunkwire_test_support::time::soon;
use tokio::process::Command;

use crate::fixture::{cluster, program};

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
        let line = server.logged(cause).await;
        assert!(line.contains("ERROR"), "{line}");
        // Behind the last key, it is known before the first row.
        let said = curl(&[&format!("{url}&after=2999"), "--write-out", "%{http_code}"]).await;
        assert_eq!(path == "v", String::from_utf8_lossy(&said.stdout).ends_with("500"), "{said:?}");
    }
}

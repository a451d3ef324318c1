//! The page of a server whose records come from a database.

use std::time::Duration;

use chunkwire_test_support::client::Client;
use chunkwire_test_support::time::soon;

use crate::fixture::{ROUTES, cluster, get, serve, text, with_routes};
use crate::support::server::metric_becomes;

const SNAPSHOT: &str = r#"
    [[route]]
    path = "/moment"
    table = "users"
    consistency = "snapshot"
    limit = { default = 3000, max = 3000 }
"#;

#[tokio::test]
async fn it_has_the_tables_and_the_connections_in_use() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", &format!("{ROUTES}{SNAPSHOT}"))).await;
    let mut stalled = Client::with_little_room(server).await;
    stalled.ask("GET", "/moment", "").await;
    stalled.wait_for_data().await;
    metric_becomes(server, "chunkwire_database_snapshot_connections{state=\"leased\"}", 1.0).await;
    let leased = "<h3>Database connections in use</h3><p class=\"value\">1</p>";
    let page = soon(async {
        loop {
            let page = get(server, "/").await;
            if text(&page).contains(leased) {
                break page;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let page = page.await;
    for part in [
        "<code>/users/{key}</code>",
        "<code>limit</code>: a whole number from 0 to 5000, by default 100",
        "<code>customer</code>: a value of the type bigint, in each request",
        "<code>since</code>: a value of the type timestamptz, by default 2000-01-01",
        "<a href=\"/users?limit=3\">",
        "wrk -t2 -c1000 -d60s &#39;http://localhost/users&#39;",
    ] {
        assert!(text(&page).contains(part), "there is no {part} in {}", text(&page));
    }
    assert!(!text(&page).contains("<a href=\"/orders"), "a link would be answered by 400");
    assert!(!text(&page).contains("/api/v1/users"), "the tables are in the place of the users");
}

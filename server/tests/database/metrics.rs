//! What is counted of the database.

use chunkwire_test_support::client::Client;

use crate::fixture::{ROUTES, cluster, get, serve, with_routes};
use crate::support::server::{metric, metric_becomes};

#[tokio::test]
async fn rows_pages_and_connections_are_counted() {
    let Some(cluster) = cluster().await else { return };
    let server = serve(&with_routes(&cluster, "", ROUTES)).await;
    assert_eq!(get(server, "/users?limit=3000").await.status, 200);
    let of_users = |name: &str| format!("chunkwire_database_{name}{{route=\"/users\"}}");
    assert_eq!(metric(server, &of_users("rows_total")).await, 3000.0);
    assert!(metric(server, &of_users("page_seconds_count")).await >= 3.0);
    assert!(metric(server, "chunkwire_database_wait_seconds_count").await >= 3.0);
    metric_becomes(server, "chunkwire_database_connections{state=\"idle\"}", 1.0).await;
    assert_eq!(metric(server, "chunkwire_database_connections{state=\"leased\"}").await, 0.0);

    // What a client costs that does not read.
    let mut stalled = Client::with_little_room(server).await;
    stalled.ask("GET", "/users?limit=3000", "").await;
    stalled.wait_for_data().await;
    metric_becomes(server, &of_users("leases_taken_back_total"), 1.0).await;
    assert!(metric(server, &of_users("rows_discarded_total")).await > 0.0);
    metric_becomes(server, "chunkwire_database_connections{state=\"idle\"}", 1.0).await;
}

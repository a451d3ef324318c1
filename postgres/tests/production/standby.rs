//! A standby, which ends what is in the way of its primary's changes.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use chunkwire::{Format, JsonBody};
use chunkwire_postgres::{Lender, Pages, Rows};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;
use http_body_util::BodyExt;

use crate::bodies::{body, next, pool, rest};
use crate::fixture::{Told, all_users, cluster, users};

/// Starts a standby that waits for nobody.
async fn standby(primary: &Cluster) -> Cluster {
    let standby = primary.standby().await;
    standby.run("ALTER SYSTEM SET max_standby_streaming_delay = '20ms'").await;
    standby.reload().await;
    primary.is_copied_to(&standby).await;
    standby
}

/// Makes every row anew, as it was, and cleans up behind it, on the standby as well.
async fn vacuum(primary: &Cluster, standby: &Cluster) {
    primary.run("UPDATE users SET note = note").await;
    primary.run("VACUUM users").await;
    primary.is_copied_to(standby).await;
}

#[tokio::test]
async fn pages_go_through_whole_while_the_primary_cleans_up() {
    let Some(primary) = cluster(&[]).await else { return };
    let standby = standby(&primary).await;
    let (query, whole) = (users(&primary).await, all_users(&primary).await);
    // The second keeps its page, so that it is in the way.
    for hold in [Duration::from_millis(2), Duration::from_secs(60)] {
        let told = Arc::new(Told::default());
        let pages = Pages::new(Lender::new(pool(&standby.url(), 1)).observer(told.clone()), query.clone()).hold(hold);
        let (mut body, mut sent, mut chunks) = (body(pages), Vec::new(), 0);
        while let Some(chunk) = next(&mut body).await {
            sent.extend(chunk);
            chunks += 1;
            if chunks % 8 == 1 {
                vacuum(&primary, &standby).await;
            }
        }
        assert!(sent == whole.as_bytes(), "{hold:?}: {} of {} bytes", sent.len(), whole.len());
        assert!(told.retries().iter().all(|code| code == "40001" || code == "57P01"), "{:?}", told.retries());
    }
    assert!(rest(body(Pages::new(pool(&standby.url(), 1), query))).await.unwrap() == whole.as_bytes());
}

/// What the pages are for: one query that is streamed is in the way, and ends.
#[tokio::test]
async fn one_long_query_does_not() {
    let Some(primary) = cluster(&[]).await else { return };
    let standby = standby(&primary).await;
    let client = standby.client().await;
    // Far more than the kernel holds for a client.
    let sql = "SELECT u.* FROM users u, generate_series(1, 1000)";
    let rows = soon(client.query_raw(sql, [0_i64; 0])).await.unwrap();
    let mut body = JsonBody::from_stream(Format::Lines, Rows::new(rows));
    soon(body.frame()).await.unwrap().unwrap();
    vacuum(&primary, &standby).await;
    let error = soon(async {
        loop {
            match body.frame().await.expect("an error before the end") {
                Ok(_) => {}
                Err(error) => break error,
            }
        }
    })
    .await;
    let cause = error.source().and_then(|cause| cause.downcast_ref::<tokio_postgres::Error>()).expect("PostgreSQL's");
    assert_eq!(cause.code().map(|code| code.code()), Some("40001"), "{error:?}");
}

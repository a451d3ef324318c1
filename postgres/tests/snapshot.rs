//! One snapshot against a real server: all rows of a moment, and a connection that is not held for ever.

#[path = "common/bodies.rs"]
mod bodies;

use std::time::Duration;

use chunkwire_postgres::{Definition, Direction, PagesError, Snapshot, Value, WholeQuery};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;

use bodies::{body, cause, next, pool, rest};

const TABLE: &str = "
CREATE TABLE users (id int PRIMARY KEY, class int NOT NULL, note text NOT NULL);
INSERT INTO users SELECT n, n % 7, repeat('x', 100) FROM generate_series(1, 50000) n;
";

async fn described(cluster: &Cluster, definition: Definition) -> WholeQuery {
    definition.describe_whole(&mut cluster.client().await).await.unwrap()
}

#[tokio::test]
async fn a_query_without_a_key_is_sent_whole() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let pool = pool(&cluster.url(), 1);
    let sums =
        Definition::sql("SELECT class, count(*) AS users FROM users WHERE id <= $1 GROUP BY class").parameter("int");
    let sums = described(&cluster, sums.key("class", Direction::Descending)).await;
    let limit = |limit: &str| vec![Value::Text(limit.to_owned())];
    let sent = rest(body(Snapshot::new(pool.clone(), sums.clone()).parameters(limit("14")).limit(2))).await.unwrap();
    assert_eq!(sent, b"{\"class\":6,\"users\":2}\n{\"class\":5,\"users\":2}\n");

    let table = described(&cluster, Definition::table("users")).await;
    for rows in [0, 1, 163, 49_999, 50_000, u64::MAX] {
        let sent = rest(body(Snapshot::new(pool.clone(), table.clone()).limit(rows))).await.unwrap();
        assert_eq!(sent.iter().filter(|byte| **byte == b'\n').count() as u64, rows.min(50_000));
    }
    let error = rest(body(Snapshot::new(pool.clone(), sums.clone()).parameters(limit("many")))).await.unwrap_err();
    assert_eq!(cause(&error).code().unwrap().code(), "22P02");
    let error = rest(body(Snapshot::new(pool, sums))).await.unwrap_err();
    assert!(matches!(cause(&error), PagesError::Values { given: 1, wanted: 2 }), "{error:?}");
}

#[tokio::test]
async fn rows_are_those_of_one_moment() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let rows = Snapshot::new(pool(&cluster.url(), 1), described(&cluster, Definition::table("users")).await);
    let mut body = body(rows);
    let first = next(&mut body).await.unwrap();
    cluster.run("DELETE FROM users WHERE id > 10").await;
    let sent = [first.to_vec(), rest(body).await.unwrap()].concat();
    assert_eq!(sent.iter().filter(|byte| **byte == b'\n').count(), 50_000);
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_its_connection_in_time() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 1), described(&cluster, Definition::table("users")).await);
    let mut stalled = body(Snapshot::new(pool.clone(), query.clone()).max_age(Duration::from_millis(200)));
    next(&mut stalled).await.unwrap();
    // The only connection is had by another, although the first asks for nothing.
    let other = rest(body(Snapshot::new(pool, query).limit(10))).await.unwrap();
    assert_eq!(other.iter().filter(|byte| **byte == b'\n').count(), 10);
    let error = rest(stalled).await.unwrap_err();
    assert!(matches!(cause(&error), PagesError::TooOld), "{error:?}");
}

#[tokio::test]
async fn a_client_that_leaves_and_a_restart_end_it() {
    let Some(cluster) = Cluster::start().await else { return };
    cluster.run(TABLE).await;
    let (pool, query) = (pool(&cluster.url(), 1), described(&cluster, Definition::table("users")).await);
    let mut leaves = body(Snapshot::new(pool.clone(), query.clone()).max_age(Duration::from_secs(3600)));
    next(&mut leaves).await.unwrap();
    drop(leaves);
    let active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%users%' AND state <> 'idle' AND \
                  pid <> pg_backend_pid()";
    soon(async { while cluster.value(active).await != "0" {} }).await;

    let mut cut = body(Snapshot::new(pool, query));
    next(&mut cut).await.unwrap();
    cluster.restart().await;
    assert!(rest(cut).await.is_err());
}

//! 200 readers that stop, and 200 slow ones, over 8 connections.

use std::sync::Arc;
use std::time::Duration;

use chunkwire_postgres::{Lender, Pages};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;

use crate::bodies::{body, next, pool, rest};
use crate::fixture::{Told, all_users, cluster, users};

const READERS: usize = 200;

/// Asserts that nobody but the caller has a snapshot, or a transaction, as soon as nobody is answered.
async fn nobody_holds_anything(cluster: &Cluster) {
    let client = cluster.client().await;
    let held = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() \
                AND (state <> 'idle' OR backend_xmin IS NOT NULL)";
    soon(async { while client.query_one(held, &[]).await.unwrap().get::<_, i64>(0) > 0 {} }).await;
}

#[tokio::test]
async fn readers_that_stop_and_slow_readers_are_in_nobodys_way() {
    let Some(cluster) = cluster(&[]).await else { return };
    let (query, whole) = (users(&cluster).await, all_users(&cluster).await);
    let (pool, told) = (pool(&cluster.url(), 8), Arc::new(Told::default()));
    let pages = || Pages::new(Lender::new(pool.clone()).observer(told.clone()), query.clone());
    let ten: String = whole.split_inclusive('\n').take(10).collect();

    let mut stopped = Vec::new();
    for _ in 0..READERS {
        let mut body = body(pages());
        let first = next(&mut body).await.unwrap();
        stopped.push((first, body));
    }
    nobody_holds_anything(&cluster).await;
    assert!(rest(body(pages().limit(10))).await.unwrap() == ten.as_bytes());

    // Each comes back long after its connection was taken back.
    let limit = 600;
    let wanted: Arc<str> = whole.split_inclusive('\n').take(limit).collect::<String>().into();
    let mut slow = tokio::task::JoinSet::new();
    let before = told.taken_back();
    for _ in 0..READERS {
        let (mut body, wanted) = (body(pages().limit(limit as u64)), Arc::clone(&wanted));
        slow.spawn(async move {
            let mut sent = Vec::new();
            while let Some(chunk) = next(&mut body).await {
                sent.extend(chunk);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert!(sent == wanted.as_bytes(), "{} of {} bytes", sent.len(), wanted.len());
        });
    }
    let mut healthy = 0;
    while !slow.is_empty() {
        assert!(rest(body(pages().limit(10))).await.unwrap() == ten.as_bytes());
        healthy += 1;
        while let Some(ended) = slow.try_join_next() {
            ended.unwrap();
        }
    }
    assert!(healthy > 1, "{healthy}");
    assert!(told.taken_back() > before);
    nobody_holds_anything(&cluster).await;
    assert!(pool.status().size <= 8);

    // A reader that stopped goes on where it was.
    for (first, body) in stopped.into_iter().step_by(20) {
        assert!([first.to_vec(), rest(body).await.unwrap()].concat() == whole.as_bytes());
    }
}

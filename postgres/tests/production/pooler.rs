//! PgBouncer, which lends a connection for a transaction only.

use chunkwire_postgres::{Lender, Pages};
use chunkwire_test_support::postgres::PgBouncer;

use crate::bodies::{body, pool, rest};
use crate::fixture::{all_users, cluster, users};

#[tokio::test]
async fn many_clients_share_a_poolers_few_connections() {
    let Some(cluster) = cluster(&[]).await else { return };
    let settings = "default_pool_size = 2\nserver_idle_timeout = 0";
    let Some(pooler) = PgBouncer::start(&cluster, settings).await else { return };
    let (query, whole) = (users(&cluster).await, all_users(&cluster).await);
    let pool = pool(&pooler.url(), 20);
    let mut bodies = tokio::task::JoinSet::new();
    for _ in 0..20 {
        bodies.spawn(rest(body(Pages::new(Lender::new(pool.clone()).unprepared(), query.clone()))));
    }
    for sent in bodies.join_all().await {
        assert!(sent.unwrap() == whole.as_bytes());
    }
    assert!(pool.status().size > 2, "{:?}", pool.status());
    // One more may be left of describing the query.
    let backends = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND query LIKE '%users%' \
                    AND pid <> pg_backend_pid()";
    assert!(matches!(&*cluster.value(backends).await, "1" | "2" | "3"));
}

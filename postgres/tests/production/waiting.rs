//! A response that has begun waits for connections that are taken, for a database that says nothing, and for one that
//! has prepared its statements before; another is told at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use chunkwire::{Error, Format, JsonBody};
use chunkwire_postgres::{Definition, Lender, Pages, PagesError, Query};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::{output, program};
use chunkwire_test_support::time::soon;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolBuilder, PoolError, Runtime};
use tokio_postgres::NoTls;

use crate::bodies::{body, cause, next, pool, rest};
use crate::fixture::{Told, all_users, cluster, users};

/// What is late after this time, and in time before: long enough for a page on a busy machine.
const LIMIT: Duration = Duration::from_secs(2);

/// The backends of all clients but the one that asks.
const OTHERS: &str = "pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// What no page takes.
const PLENTY: Duration = Duration::from_secs(60);

/// A pool of one connection.
fn one(cluster: &Cluster) -> PoolBuilder {
    let manager = Manager::from_config(cluster.url().parse().unwrap(), NoTls, ManagerConfig::default());
    Pool::builder(manager).max_size(1).runtime(Runtime::Tokio1)
}

/// A response whose first chunk has come, and what it should be in the end.
struct Begun {
    body: JsonBody<Pages>,
    first: Bytes,
    whole: String,
    told: Arc<Told>,
}

impl Begun {
    /// Begins to read, and gives the connection back after each chunk.
    async fn with(cluster: &Cluster, pool: &Pool, query: &Query, limit: Duration) -> Self {
        let (whole, told) = (all_users(cluster).await, Arc::new(Told::default()));
        let lender = Lender::new(pool.clone()).observer(told.clone());
        let mut body = body(Pages::new(lender, query.clone()).hold(Duration::ZERO).query_timeout(limit));
        let first = next(&mut body).await.unwrap();
        Self { body, first, whole, told }
    }

    /// Reads the rest, and returns whether all rows have come.
    async fn read_to_end(self) -> Result<bool, Error> {
        Ok([self.first.to_vec(), rest(self.body).await?].concat() == self.whole.as_bytes())
    }
}

/// Why there is no first row.
async fn refused(pool: &Pool, query: &Query) -> Error {
    let pages = Pages::new(pool.clone(), query.clone()).query_timeout(LIMIT);
    soon(JsonBody::from_source(Format::Array, pages).ready()).await.unwrap_err()
}

#[tokio::test]
async fn for_a_connection_that_another_has() {
    let Some(cluster) = cluster(&[]).await else { return };
    let (query, pool) = (users(&cluster).await, one(&cluster).wait_timeout(Some(LIMIT)).build().unwrap());
    let begun = Begun::with(&cluster, &pool, &query, PLENTY).await;
    let told = Arc::clone(&begun.told);
    let taken = soon(pool.get()).await.unwrap();
    let given_back = async {
        told.retried("none").await;
        let error = refused(&pool, &query).await;
        assert!(matches!(cause(&error), PagesError::NoConnection(PoolError::Timeout(_))), "{error:?}");
        drop(taken);
    };
    let (is_whole, ()) = tokio::join!(begun.read_to_end(), given_back);
    assert!(is_whole.unwrap());
}

#[tokio::test]
async fn for_a_database_that_says_nothing() {
    let Some(cluster) = cluster(&[]).await else { return };
    let query = users(&cluster).await;
    let begun = Begun::with(&cluster, &pool(&cluster.url(), 1), &query, LIMIT).await;
    let told = Arc::clone(&begun.told);
    let mut locks = cluster.client().await;
    let lock = locks.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE users").await.unwrap();
    let unlocked = async {
        told.retried("none").await;
        let error = refused(&pool(&cluster.url(), 1), &query).await;
        assert!(matches!(cause(&error), PagesError::TimedOut), "{error:?}");
        lock.commit().await.unwrap();
    };
    let (is_whole, ()) = tokio::join!(begun.read_to_end(), unlocked);
    assert!(is_whole.unwrap());
}

/// As one does that was accepted just before the database stopped.
#[tokio::test]
async fn for_a_connection_that_breaks_before_its_settings_are_made() {
    let Some(cluster) = cluster(&[]).await else { return };
    let breaks = Arc::new(AtomicBool::new(false));
    let next_breaks = Arc::clone(&breaks);
    let hook = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        let breaks = next_breaks.swap(false, Relaxed);
        Box::pin(async move {
            let sql = if breaks { "SELECT pg_terminate_backend(pg_backend_pid())" } else { "SELECT 1" };
            client.batch_execute(sql).await.map_err(HookError::Backend)
        })
    });
    let pool = one(&cluster).post_create(hook).build().unwrap();
    let begun = Begun::with(&cluster, &pool, &users(&cluster).await, PLENTY).await;
    let told = Arc::clone(&begun.told);
    breaks.store(true, Relaxed);
    drop(Object::take(soon(pool.get()).await.unwrap()));
    assert!(begun.read_to_end().await.unwrap());
    assert_eq!(told.retries(), ["57P01"]);
}

/// As one does that has lost its power: nothing says that its connections are over. One page finds out for all.
#[tokio::test]
async fn for_none_of_the_connections_to_a_host_that_went_silent() {
    const CONNECTIONS: usize = 5;
    let Some(cluster) = cluster(&[]).await else { return };
    let pool = pool(&cluster.url(), CONNECTIONS);
    let begun = Begun::with(&cluster, &pool, &users(&cluster).await, LIMIT).await;
    let told = Arc::clone(&begun.told);
    let mut all = Vec::new();
    while all.len() < CONNECTIONS {
        all.push(soon(pool.get()).await.unwrap());
    }
    drop(all);
    let backends = cluster.value(&format!("SELECT string_agg(pid::text, ' ') FROM {OTHERS}")).await;
    let signal = async |name: &str| output(program("sh", &["-c", &format!("kill -{name} {backends}")])).await.status;
    assert_eq!(backends.split(' ').count(), CONNECTIONS);
    assert!(signal("STOP").await.success());
    let is_whole = begun.read_to_end().await;
    assert!(signal("CONT").await.success());
    assert!(is_whole.unwrap());
    assert_eq!(told.retries(), ["none"]);
}

/// Whatever the number of connections, one failure of them makes all prepare again.
#[tokio::test]
async fn statements_of_before_a_migration_are_prepared_again_on_all_connections() {
    const CONNECTIONS: usize = 6;
    let Some(cluster) = cluster(&[]).await else { return };
    cluster.run("ALTER TABLE users ALTER name TYPE varchar(100)").await;
    let query = Definition::table("users").describe(&mut cluster.client().await).await.unwrap();
    let (whole, told, pool) = (all_users(&cluster).await, Arc::new(Told::default()), pool(&cluster.url(), CONNECTIONS));
    let pages = || {
        let lender = Lender::new(pool.clone()).observer(told.clone());
        body(Pages::new(lender, query.clone()).hold(Duration::from_secs(60)))
    };
    let mut bodies: Vec<_> = (0..CONNECTIONS).map(|_| pages()).collect();
    let mut firsts = Vec::new();
    for body in &mut bodies {
        firsts.push(next(body).await.unwrap());
    }
    for (body, first) in bodies.into_iter().zip(firsts) {
        assert!([first.to_vec(), rest(body).await.unwrap()].concat() == whole.as_bytes());
    }
    assert_eq!((pool.status().size, told.retries()), (CONNECTIONS, Vec::new()));

    cluster.run("ALTER TABLE users ALTER name TYPE varchar(200)").await;
    assert!(rest(pages()).await.unwrap() == whole.as_bytes());
    assert_eq!(told.retries(), ["0A000"]);
}

//! A database that takes no more connections.

use std::sync::Arc;

use chunkwire::{Format, JsonBody};
use chunkwire_postgres::{Lender, Pages, PagesError};
use chunkwire_test_support::time::soon;
use tokio_postgres::NoTls;

use crate::bodies::{body, next, pool, rest};
use crate::fixture::{Told, all_users, cluster, users};

#[tokio::test]
async fn a_full_database_is_an_error_that_says_so() {
    let settings = [("max_connections", "5"), ("superuser_reserved_connections", "0"), ("max_wal_senders", "0")];
    let Some(cluster) = cluster(&settings).await else { return };
    let query = users(&cluster).await;
    let mut taken = Vec::new();
    while let Ok((client, connection)) = soon(tokio_postgres::connect(&cluster.url(), NoTls)).await {
        tokio::spawn(connection);
        taken.push(client);
        assert!(taken.len() < 10);
    }
    let pages = Pages::new(pool(&cluster.url(), 1), query);
    let error = soon(JsonBody::from_source(Format::Array, pages).ready()).await.unwrap_err();
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<PagesError>()).unwrap();
    assert!(matches!(cause, PagesError::NoConnection(_)), "{error:?}");
    assert_eq!(cause.code().map(|code| code.code()), Some("53300"), "{error:?}");
    let said = format!("{error:?}");
    assert!(said.contains("too many clients"), "{said}");
}

#[tokio::test]
async fn a_response_that_has_begun_waits_for_a_full_database() {
    let Some(cluster) = cluster(&[]).await else { return };
    cluster.run("CREATE ROLE reader LOGIN; GRANT SELECT ON users TO reader").await;
    let (query, whole) = (users(&cluster).await, all_users(&cluster).await);
    let (pool, told) = (pool(&cluster.url().replace("postgres@", "reader@"), 1), Arc::new(Told::default()));
    let mut body = body(Pages::new(Lender::new(pool).observer(told.clone()), query));
    let first = next(&mut body).await.unwrap();

    cluster.run("ALTER ROLE reader CONNECTION LIMIT 0").await;
    cluster.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'").await;
    let room = async {
        told.retried("53300").await;
        cluster.run("ALTER ROLE reader CONNECTION LIMIT 1").await;
    };
    let (sent, ()) = tokio::join!(rest(body), room);
    assert!([first.to_vec(), sent.unwrap()].concat() == whole.as_bytes());
}

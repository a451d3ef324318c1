//! A URL with several hosts, of which one fails while rows are read.

use chunkwire_postgres::Pages;
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;

use crate::bodies::{body, next, pool, rest};
use crate::fixture::{all_users, cluster, users};

fn url(primary: &Cluster, standby: &Cluster, attributes: &str) -> String {
    // A session that only reads, by which a primary passes for read-only as well.
    let read_only = if attributes == "read-only" { "&options=-c%20default_transaction_read_only%3Don" } else { "" };
    format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres?target_session_attrs={attributes}{read_only}",
        primary.port(),
        standby.port()
    )
}

/// Returns the port of the host to which the pool's next connection leads.
async fn port(pool: &deadpool_postgres::Pool) -> i32 {
    let connection = soon(pool.get()).await.unwrap();
    soon(connection.query_one("SELECT inet_server_port()", &[])).await.unwrap().get(0)
}

#[tokio::test]
async fn a_response_goes_on_where_another_host_is() {
    let Some(primary) = cluster(&[]).await else { return };
    let standby = primary.standby().await;
    primary.is_copied_to(&standby).await;
    let (query, whole) = (users(&primary).await, all_users(&primary).await);
    for (attributes, is_told) in [("any", true), ("any", false), ("read-only", true), ("read-only", false)] {
        let pool = pool(&url(&primary, &standby, attributes), 1);
        let mut body = body(Pages::new(pool.clone(), query.clone()));
        let first = next(&mut body).await.unwrap();
        assert_eq!(port(&pool).await, i32::from(primary.port()), "{attributes}");
        if is_told {
            primary.stop().await
        } else {
            primary.crash().await
        }
        let sent = [first.to_vec(), rest(body).await.unwrap()].concat();
        assert!(sent == whole.as_bytes(), "{attributes}: {} of {} bytes", sent.len(), whole.len());
        assert_eq!(port(&pool).await, i32::from(standby.port()), "{attributes}");
        primary.run_again().await.unwrap();
    }
}

#[tokio::test]
async fn a_response_goes_on_where_a_replica_takes_over() {
    let Some(primary) = cluster(&[]).await else { return };
    let standby = primary.standby().await;
    primary.is_copied_to(&standby).await;
    let whole = all_users(&primary).await;
    let pool = pool(&url(&primary, &standby, "read-write"), 2);
    let mut body = body(Pages::new(pool.clone(), users(&primary).await));
    let first = next(&mut body).await.unwrap();
    primary.crash().await;
    let (sent, ()) = tokio::join!(rest(body), standby.promote());
    assert!([first.to_vec(), sent.unwrap()].concat() == whole.as_bytes());
    assert_eq!(port(&pool).await, i32::from(standby.port()));
}

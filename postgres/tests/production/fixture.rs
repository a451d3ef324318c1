//! What these tests share.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use chunkwire::{Error, Format, JsonBody};
use chunkwire_postgres::{Definition, ObservePages, Pages, PagesError, Query};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Timeouts};
use http_body_util::BodyExt;
use tokio::sync::watch;
use tokio_postgres::NoTls;

/// 5,000 rows of about 100 bytes, so that there are 30 to 40 chunks.
const TABLE: &str = "
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, note text);
INSERT INTO users SELECT n, 'user ' || n, repeat('x', 30 + n % 50) FROM generate_series(1, 5000) n;
ANALYZE users;
";

/// Starts a server with the table, unless PostgreSQL is missing.
pub(crate) async fn cluster(settings: &[(&str, &str)]) -> Option<Cluster> {
    let cluster = Cluster::with_settings(settings).await?;
    cluster.run(TABLE).await;
    Some(cluster)
}

pub(crate) fn pool(url: &str, connections: usize) -> Pool {
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(url.parse().unwrap(), NoTls, manager);
    Pool::builder(manager)
        .max_size(connections)
        .timeouts(Timeouts {
            wait: Some(Duration::from_secs(60)),
            create: Some(Duration::from_secs(60)),
            recycle: None,
        })
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .build()
        .unwrap()
}

pub(crate) async fn users(cluster: &Cluster) -> Query {
    Definition::table("users").describe(&mut cluster.client().await).await.unwrap()
}

/// What PostgreSQL makes of all rows, as lines.
pub(crate) async fn all_users(cluster: &Cluster) -> String {
    cluster.value("SELECT string_agg(row_to_json(u)::text || E'\\n', '' ORDER BY id) FROM users u").await
}

pub(crate) fn body(pages: Pages) -> JsonBody<Pages> {
    JsonBody::from_source(Format::Lines, pages).full_chunks()
}

/// Returns the next chunk, unless there is none.
pub(crate) async fn next(body: &mut JsonBody<Pages>) -> Option<Bytes> {
    Some(soon(body.frame()).await?.unwrap().into_data().unwrap())
}

/// Reads a body to its end.
pub(crate) async fn rest(mut body: JsonBody<Pages>) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    while let Some(frame) = soon(body.frame()).await {
        all.extend(frame?.into_data().unwrap());
    }
    Ok(all)
}

/// Remembers how the pages that failed had failed, and how often connections were taken back.
#[derive(Default)]
pub(crate) struct Told {
    retries: watch::Sender<Vec<String>>,
    taken_back: Mutex<usize>,
}

impl Told {
    /// Awaits that a page is asked for again after an error with this code.
    pub(crate) async fn retried(&self, code: &str) {
        let mut retries = self.retries.subscribe();
        soon(retries.wait_for(|codes| codes.iter().any(|seen| seen == code))).await.unwrap();
    }

    /// Returns the codes of the errors after which pages were asked for again.
    pub(crate) fn retries(&self) -> Vec<String> {
        self.retries.borrow().clone()
    }

    pub(crate) fn taken_back(&self) -> usize {
        *self.taken_back.lock().unwrap()
    }
}

impl ObservePages for Told {
    fn taken_back(&self) {
        *self.taken_back.lock().unwrap() += 1;
    }

    fn retry(&self, error: &PagesError) {
        let code = error.code().map_or("none", |code| code.code()).to_owned();
        self.retries.send_modify(|codes| codes.push(code));
    }
}

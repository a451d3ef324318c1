//! What these tests share.

use std::sync::Mutex;

use chunkwire_postgres::{Definition, ObservePages, PagesError, Query};
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::time::soon;
use tokio::sync::watch;

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

pub(crate) async fn users(cluster: &Cluster) -> Query {
    Definition::table("users").describe(&mut cluster.client().await).await.unwrap()
}

/// What PostgreSQL makes of all rows, as lines.
pub(crate) async fn all_users(cluster: &Cluster) -> String {
    cluster.value("SELECT string_agg(row_to_json(u)::text || E'\\n', '' ORDER BY id) FROM users u").await
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

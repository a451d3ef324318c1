//! A server of PostgreSQL of the benchmark's own, with a million users.

use std::fs;

use chunkwire_test_support::postgres::Cluster;
use tokio::runtime::Runtime;

use super::Result;

/// The rows of the table.
pub(crate) const ROWS: u64 = 1_000_000;

/// Ten columns, about 256 bytes of JSON a row.
const TABLE: &str = r#"
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL, age int NOT NULL,
    balance numeric(12, 2) NOT NULL, score float8 NOT NULL, active bool NOT NULL, created_at timestamptz NOT NULL,
    profile jsonb NOT NULL, tags text[] NOT NULL);
INSERT INTO users SELECT n, 'Ada Lovelace ' || n, 'ada.lovelace' || n || '@example.com', 18 + n % 63,
    (n * 7919 % 10000000) / 100.0, (n * 31 % 9973) / 100.0, n % 3 <> 0,
    timestamptz '2020-01-01 00:00:00Z' + n * interval '61.234567 seconds',
    jsonb_build_object('city', 'Düsseldorf', 'visits', n % 1000, 'plan', 'basic'),
    ARRAY['tag' || n % 10, 'group' || n % 100] FROM generate_series(1::bigint, 1000000) n;
"#;

/// PostgreSQL, and a runtime for clients of it.
#[derive(Debug)]
pub(crate) struct Database {
    runtime: Runtime,
    cluster: Cluster,
    /// The process of which all others are children.
    pub(crate) pid: u32,
}

impl Database {
    /// Starts it, and fills the table.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not installed.
    pub(crate) fn start() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let settings = [("shared_buffers", "512MB"), ("max_wal_size", "4GB"), ("autovacuum", "off"), ("jit", "off")];
        let cluster = runtime.block_on(Cluster::with_settings(&settings));
        let cluster = cluster.ok_or("PostgreSQL is not installed; on Debian: apt-get install postgresql")?;
        eprintln!("PostgreSQL: {ROWS} rows are made");
        runtime.block_on(async {
            let client = cluster.client().await;
            client.batch_execute(TABLE).await?;
            // What later would be done in the middle of a run.
            client.batch_execute("VACUUM ANALYZE users").await?;
            client.batch_execute("CHECKPOINT").await
        })?;
        let pid = fs::read_to_string(cluster.data().join("postmaster.pid"))?;
        let pid = pid.lines().next().ok_or("postmaster.pid is empty")?.trim().parse()?;
        Ok(Self { runtime, cluster, pid })
    }

    /// Returns its URL.
    pub(crate) fn url(&self) -> String {
        self.cluster.url()
    }

    /// Returns the only value of a query as text.
    pub(crate) fn value(&self, sql: &str) -> String {
        self.runtime.block_on(self.cluster.value(sql))
    }

    /// Returns what the servers' connections do, such as `8 × idle`, and how many have a snapshot.
    pub(crate) fn backends(&self) -> (String, String) {
        const OTHERS: &str = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let states = format!(
            "SELECT coalesce(string_agg(n || ' × ' || what, ', '), 'none') FROM (SELECT count(*) AS n, state || CASE \
             WHEN state = 'idle' THEN '' ELSE '/' || coalesce(wait_event, 'running') END AS what {OTHERS} GROUP BY 2) s"
        );
        let snapshots = format!("SELECT count(*) {OTHERS} AND backend_xmin IS NOT NULL");
        (self.value(&states), self.value(&snapshots))
    }
}

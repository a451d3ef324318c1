//! Poolers.

use std::fs;
use std::path::Path;

use super::cluster::Cluster;
use super::files::{Files, Guard};
use crate::port::Port;
use crate::process::{in_ci, leave_out};

/// A pooler before a cluster, which gives clients a connection for each transaction.
#[derive(Debug)]
pub struct PgBouncer {
    port: Port,
    _guard: Guard,
}

impl PgBouncer {
    /// Starts a pooler with further lines of settings, or says that PgBouncer is not installed, which is a failure in CI.
    pub async fn start(cluster: &Cluster, settings: &str) -> Option<Self> {
        let program = Path::new("/usr/sbin/pgbouncer");
        if !program.exists() {
            leave_out("PgBouncer", in_ci());
            return None;
        }
        let files = Files::new(cluster.programs()).unwrap();
        let port = Port::keep();
        let all = format!(
            "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n{settings}\n",
            cluster.port(),
            port.number()
        );
        fs::write(files.folder.join("settings"), all).unwrap();
        let pooler = Self { port, _guard: Guard::run(program, &files).unwrap() };
        pooler.port.listens().await;
        Some(pooler)
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.port)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::clients::{connected, value};
    use super::{Cluster, PgBouncer};

    #[tokio::test]
    async fn a_pooler_gives_clients_a_connection_for_each_transaction() {
        let Some(cluster) = Cluster::start().await else { return };
        let Some(pooler) = PgBouncer::start(&cluster, "default_pool_size = 1").await else { return };
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(connected(&pooler.url()).await);
        }
        let mut backends = HashSet::new();
        for client in &clients {
            backends.insert(value(client, "SELECT pg_backend_pid()").await);
        }
        assert_eq!(backends.len(), 1);

        let url = pooler.url();
        drop(pooler);
        assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
    }
}

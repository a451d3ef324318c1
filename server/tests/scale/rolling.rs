//! Two servers, which are restarted one after the other, over a primary of PostgreSQL and a replica, which is stopped.

use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use chunkwire_test_support::port::Port;
use chunkwire_test_support::postgres::Cluster;
use chunkwire_test_support::process::Process;

use super::balancer::Kind;
use super::clients::{CLIENTS, Clients, ROWS};
use crate::support::program::chunkwire;

const ROUTES: &str = "[[route]]\npath = \"/events\"\ntable = \"events\"\n";

/// More than nginx's `fail_timeout` and HAProxy's and Envoy's `inter` and `interval`: nothing tells when they know that a
/// server is back.
const NOTICE: Duration = Duration::from_millis(1500);

struct Servers {
    file: std::path::PathBuf,
    url: String,
    ports: [Port; 2],
    running: Vec<Process>,
}

impl Servers {
    async fn start(url: String) -> Self {
        let file = std::env::temp_dir().join(format!("chunkwire-scale-{}.toml", std::process::id()));
        std::fs::write(&file, ROUTES).unwrap();
        let mut servers = Self { file, url, ports: [Port::keep(), Port::keep()], running: Vec::new() };
        for port in &servers.ports {
            let server = servers.one(port).await;
            servers.running.push(server);
        }
        servers
    }

    /// A server that is ready.
    async fn one(&self, port: &Port) -> Process {
        let (listen, file) = (port.to_string(), self.file.to_str().unwrap());
        let options = ["--shutdown-delay=1.5", "--shutdown-timeout=60", "--config", file, "--listen", &listen];
        let mut command = chunkwire(&options);
        command.env("CHUNKWIRE_DATABASE_URL", &self.url);
        let mut server = Process::start(command).await;
        server.logs("all routes are described").await;
        server
    }

    /// Restarts both, one after the other, as on two machines.
    async fn roll(&mut self) {
        for port in &self.ports {
            let old = self.running.remove(0);
            old.signal("TERM").await;
            assert_eq!(old.exit().await.code(), Some(0), "nothing was cut");
            let new = self.one(port).await;
            self.running.push(new);
            tokio::time::sleep(NOTICE).await;
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// `CHUNKWIRE_ROLLS` says how often each balancer sees all of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_refuses_and_cuts_nothing_nor_does_a_stop_of_the_replica_cut() {
    let rolls: usize = std::env::var("CHUNKWIRE_ROLLS").map_or(1, |number| number.parse().unwrap());
    let Some(primary) = Cluster::start().await else { return };
    primary
        .run(&format!(
            "CREATE TABLE events AS SELECT n AS id, repeat('x', 200) AS note FROM generate_series(1, {ROWS}) n;
            ALTER TABLE events ADD PRIMARY KEY (id); ANALYZE events"
        ))
        .await;
    let replica = primary.standby().await;
    primary.is_copied_to(&replica).await;
    let name = "application_name=chunkwire";
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", replica.port(), primary.port());
    let mut servers = Servers::start(format!("postgres://postgres@{hosts}/postgres?{name}")).await;
    let readers = "FROM pg_stat_activity WHERE application_name = 'chunkwire'";
    for kind in Kind::ALL {
        let Some(balancer) = kind.start(&servers.ports).await else { continue };
        tokio::time::sleep(NOTICE).await;
        for roll in 1..=rolls {
            let begun = Instant::now();
            let clients = Clients::start(balancer.port.address());
            clients.go_on().await;
            servers.roll().await;
            clients.go_on().await;
            let (whole, cut) = (clients.told.whole.load(Relaxed), clients.told.cut.load(Relaxed));
            assert_eq!((cut, clients.told.refused.load(Relaxed)), (0, 0), "{kind:?}: the restarts cut or refused");

            assert_ne!(replica.value(&format!("SELECT count(*) {readers}")).await, "0", "the replica is read");
            replica.stop().await;
            clients.go_on().await;
            replica.run_again().await.unwrap();
            clients.go_on().await;
            let told = clients.end().await;
            // So that the next ones begin at the replica.
            primary.value(&format!("SELECT count(pg_terminate_backend(pid, 10000)) {readers}")).await;
            println!(
                "{kind:?}, {roll} of {rolls}, {:?}: {whole} responses whole up to the end of the restarts, {} in all; by the \
                 stop of the replica cut: {}, and told to come back: {}",
                begun.elapsed(),
                told.whole.load(Relaxed),
                told.cut.load(Relaxed),
                told.refused.load(Relaxed),
            );
            // Rows that have begun to come go on from the primary, and most requests find it at once.
            assert!(told.cut.load(Relaxed) == 0 && told.refused.load(Relaxed) <= CLIENTS, "{kind:?}: {told:?}");
        }
    }
}

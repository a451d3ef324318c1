//! Clusters of PostgreSQL, each a server of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{fs, io};

use tokio::process::{Child, Command};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_postgres::Client;

use super::clients::{connected, value};
use super::files::{Files, Guard};
use crate::port::Port;
use crate::process::{in_ci, leave_out};
use crate::time::{PATIENCE, soon};

/// A server of PostgreSQL with an empty database, on a port of 127.0.0.1 and on a Unix socket, trusted by all.
///
/// It ends, and its files go, when this is dropped, and also when the process ends in any other way.
#[derive(Debug)]
pub struct Cluster {
    files: Files,
    settings: String,
    port: Port,
    _guard: Guard,
    /// The server, if a script has become that. It ends last, by then stopped.
    by_script: Option<Child>,
}

impl Cluster {
    /// Starts a server, or says that PostgreSQL is not installed, which is a failure in CI.
    pub async fn start() -> Option<Self> {
        Self::with_settings(&[]).await
    }

    /// Starts a server with settings, such as `("max_connections", "8")`.
    pub async fn with_settings(settings: &[(&str, &str)]) -> Option<Self> {
        let Some(programs) = programs() else {
            leave_out("PostgreSQL", in_ci());
            return None;
        };
        let (template, _guard) = TEMPLATE.get_or_init(|| template(programs.clone())).await;
        let (files, guard) = guarded(programs);
        succeeds(files.command("/bin/cp").arg("--recursive").args([template.data(), files.data()])).await.unwrap();
        let settings = settings.iter().map(|(name, value)| format!(" -c {name}='{value}'")).collect();
        Some(Self::started(files, settings, guard).await)
    }

    /// Starts a replica, which streams what is written here, and answers queries that only read.
    pub async fn standby(&self) -> Self {
        let (files, guard) = guarded(self.programs());
        let mut copy = files.command("pg_basebackup");
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--dbname", &self.url(), "--pgdata"]);
        succeeds(copy.arg(files.data())).await.unwrap();
        Self::started(files, self.settings.clone(), guard).await
    }

    /// Starts a replica by a script for bash that fills the folder `PGDATA` and then becomes the server, as in a container.
    pub async fn standby_by(&self, script: &str) -> Self {
        let (files, guard) = guarded(self.programs());
        let port = Port::keep();
        // The replica has a copy of the settings, and a folder of its own for none.
        let here = format!("ALTER SYSTEM SET unix_socket_directories = '{}'", self.files.folder.display());
        soon(connected(&self.socket_url()).await.batch_execute(&here)).await.unwrap();
        let path = format!("{}:/usr/bin:/bin", files.programs.display());
        let mut bash = files.command("/bin/bash");
        bash.args(["-euc", script])
            .env("PATH", path)
            .env("PGDATA", files.data())
            .env("PGPORT", port.number().to_string());
        let log = fs::File::create(files.folder.join("log")).unwrap();
        let mut by_script = bash.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut cluster = Self { files, settings: self.settings.clone(), port, _guard: guard, by_script: None };
        let is_ready = ["--host=127.0.0.1", "--timeout=0", "--port", &cluster.port().to_string()].map(str::to_owned);
        let ready = async {
            while succeeds(cluster.files.command("pg_isready").args(&is_ready)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let is_ready = tokio::select! {
            is_ready = timeout(PATIENCE, ready) => is_ready.is_ok(),
            _ = by_script.wait() => false,
        };
        assert!(is_ready, "the replica is not ready: {}", cluster.log());
        cluster.by_script = Some(by_script);
        cluster
    }

    /// Starts it for the first time.
    async fn started(files: Files, settings: String, guard: Guard) -> Self {
        let cluster = Self { files, settings, port: Port::keep(), _guard: guard, by_script: None };
        if let Err(error) = cluster.run_again().await {
            panic!("PostgreSQL did not start: {error}: {}", cluster.log());
        }
        cluster
    }

    /// Returns its URL over TCP.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.port)
    }

    /// Returns its URL over the Unix socket.
    pub fn socket_url(&self) -> String {
        let folder = self.files.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/postgres", self.port())
    }

    pub(super) fn programs(&self) -> PathBuf {
        self.files.programs.clone()
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Returns the folder of its data, with `pg_hba.conf`.
    pub fn data(&self) -> PathBuf {
        self.files.data()
    }

    /// Returns what it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.files.folder.join("log")).unwrap_or_default()
    }

    /// Stops it: its clients are told that the server shuts down.
    pub async fn stop(&self) {
        self.control(&["stop", "--mode=fast"]).await.unwrap();
    }

    /// Stops it as a crash does: its clients only see that their connections end.
    pub async fn crash(&self) {
        self.control(&["stop", "--mode=immediate"]).await.unwrap();
    }

    /// Makes a primary of a replica.
    pub async fn promote(&self) {
        self.control(&["promote"]).await.unwrap();
    }

    /// Awaits that a replica of this has all that is written here.
    pub async fn is_copied_to(&self, standby: &Self) {
        let written = self.value("SELECT pg_current_wal_lsn()").await;
        let replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
        let copied = async {
            while standby.value(&replayed).await != "t" {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        soon(copied).await;
    }

    /// Starts it again on the same port after `stop` or `crash`.
    pub async fn run_again(&self) -> io::Result<()> {
        let folder = self.files.folder.display();
        let of_tests = format!("-c fsync=off -c listen_addresses=127.0.0.1 -k {folder}");
        let options = format!("-p {} {of_tests}{}", self.port(), self.settings);
        let log = self.files.folder.join("log");
        self.control(&["start", "--log", log.to_str().unwrap(), "--options", &options]).await
    }

    /// Stops it, and starts it again on the same port.
    pub async fn restart(&self) {
        self.stop().await;
        self.run_again().await.unwrap();
    }

    /// Reads its files of settings again.
    pub async fn reload(&self) {
        self.control(&["reload"]).await.unwrap();
    }

    async fn control(&self, arguments: &[&str]) -> io::Result<()> {
        succeeds(self.files.command("pg_ctl").args(arguments).arg("--wait").arg("--pgdata").arg(self.data())).await
    }

    /// Returns a client with a connection of its own, which a task of the current runtime keeps.
    pub async fn client(&self) -> Client {
        connected(&self.url()).await
    }

    /// Runs statements.
    pub async fn run(&self, sql: &str) {
        soon(self.client().await.batch_execute(sql)).await.unwrap();
    }

    /// Returns the only value of a query as text.
    pub async fn value(&self, sql: &str) -> String {
        value(&self.client().await, sql).await
    }
}

/// Files that no server has used yet, of which each cluster of this process has a copy: `initdb` takes eight times as long.
static TEMPLATE: OnceCell<(Files, Guard)> = OnceCell::const_new();

/// Returns the files of a cluster to come, and what removes them.
fn guarded(programs: PathBuf) -> (Files, Guard) {
    let files = Files::new(programs).unwrap();
    let guard = Guard::of(&files).unwrap();
    (files, guard)
}

async fn template(programs: PathBuf) -> (Files, Guard) {
    let (files, guard) = guarded(programs);
    let arguments = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
    succeeds(files.command("initdb").args(arguments).arg("--pgdata").arg(files.data())).await.unwrap();
    (files, guard)
}

/// Returns the folder of PostgreSQL's programs, of the newest version that Debian has installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|version| version.path().join("bin"));
    versions.filter(|programs| programs.join("initdb").exists()).max_by_key(|programs| version_of(programs))
}

fn version_of(programs: &Path) -> Option<u32> {
    programs.parent()?.file_name()?.to_str()?.parse().ok()
}

/// Runs a command whose output nobody needs unless it fails. What it starts may keep the output open.
async fn succeeds(command: &mut Command) -> io::Result<()> {
    let status = soon(command.stdout(Stdio::null()).stderr(Stdio::null()).status()).await?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?}: {status}"))) }
}

#[cfg(test)]
mod tests {
    use super::Cluster;

    #[tokio::test]
    async fn starts_restarts_and_leaves_nothing() {
        let Some(cluster) = Cluster::with_settings(&[("max_connections", "17")]).await else { return };
        assert_eq!(cluster.value("SHOW max_connections").await, "17");
        cluster.run("CREATE TABLE kept AS SELECT 42 AS n").await;
        cluster.restart().await;
        assert_eq!(cluster.value("SELECT n FROM kept").await, "42");
        assert!(tokio_postgres::connect(&cluster.socket_url(), tokio_postgres::NoTls).await.is_ok());

        let (folder, url) = (cluster.files.folder.clone(), cluster.url());
        drop(cluster);
        assert!(!folder.exists());
        assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
    }

    #[tokio::test]
    async fn a_replica_takes_over() {
        let Some(primary) = Cluster::start().await else { return };
        let standby = primary.standby().await;
        primary.run("CREATE TABLE kept AS SELECT 42 AS n").await;
        primary.is_copied_to(&standby).await;
        assert_eq!(standby.value("SELECT n FROM kept").await, "42");
        assert_eq!(standby.value("SELECT pg_is_in_recovery()").await, "t");
        primary.crash().await;
        standby.promote().await;
        standby.run("UPDATE kept SET n = 43").await;
        assert_eq!(standby.value("SELECT n FROM kept").await, "43");
    }
}

//! Clusters of PostgreSQL, each a server of its own.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

use tokio::process::Command;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::process::{in_ci, leave_out};
use crate::time::soon;

/// A server of PostgreSQL with an empty database, on a free port of 127.0.0.1 and on a Unix socket, trusted by all.
///
/// It ends, and its files go, when this is dropped, and also when the process ends in any other way.
#[derive(Debug)]
pub struct Cluster {
    place: Place,
    settings: String,
    port: u16,
    _guard: Guard,
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
        let place = Place::new(programs).unwrap();
        let guard = Guard::of(&place).unwrap();
        let arguments = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        succeeds(place.command("initdb").args(arguments).arg("--pgdata").arg(place.data())).await.unwrap();

        let mut of_tests = format!("-c fsync=off -c listen_addresses=127.0.0.1 -k {}", place.folder.display());
        for (name, value) in settings {
            of_tests += &format!(" -c {name}='{value}'");
        }
        let mut cluster = Self { place, settings: of_tests, port: 0, _guard: guard };
        // Another may take a free port before this server does.
        for _ in 0..5 {
            cluster.port = free_port();
            if cluster.run_again().await.is_ok() {
                return Some(cluster);
            }
        }
        panic!("PostgreSQL did not start: {}", cluster.log());
    }

    /// Returns its URL over TCP.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Returns its URL over the Unix socket.
    pub fn socket_url(&self) -> String {
        let folder = self.place.folder.to_str().unwrap().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/postgres", self.port)
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the folder of its data, with `pg_hba.conf`.
    pub fn data(&self) -> PathBuf {
        self.place.data()
    }

    /// Returns what it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.place.folder.join("log")).unwrap_or_default()
    }

    /// Stops it: its clients are told that the server shuts down.
    pub async fn stop(&self) {
        self.control(&["stop", "--mode=fast"]).await.unwrap();
    }

    /// Starts it again on the same port after `stop`.
    pub async fn run_again(&self) -> io::Result<()> {
        let options = format!("-p {} {}", self.port, self.settings);
        let log = self.place.folder.join("log");
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
        succeeds(self.place.command("pg_ctl").args(arguments).arg("--wait").arg("--pgdata").arg(self.data())).await
    }

    /// Returns a client with a connection of its own, which a task of the current runtime keeps.
    pub async fn client(&self) -> Client {
        let (client, connection) = soon(tokio_postgres::connect(&self.url(), NoTls)).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Runs statements.
    pub async fn run(&self, sql: &str) {
        soon(self.client().await.batch_execute(sql)).await.unwrap();
    }

    /// Returns the only value of a query as text.
    pub async fn value(&self, sql: &str) -> String {
        let messages = soon(self.client().await.simple_query(sql)).await.unwrap();
        let row = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        row.expect("a row").get(0).expect("a value").to_owned()
    }
}

/// Where a cluster's files are, and whose.
#[derive(Debug)]
struct Place {
    programs: PathBuf,
    folder: PathBuf,
    user: u32,
    group: u32,
}

impl Place {
    fn new(programs: PathBuf) -> io::Result<Self> {
        static CLUSTERS: AtomicU32 = AtomicU32::new(0);
        let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("chunkwire-postgres-{}-{number}", std::process::id()));
        fs::create_dir(&folder)?;
        let owner = fs::metadata(&folder)?;
        let (mut user, mut group) = (owner.uid(), owner.gid());
        if user == 0 {
            // PostgreSQL refuses to run as root.
            (user, group) = postgres_user().unwrap_or((65534, 65534));
            chown(&folder, Some(user), Some(group))?;
        }
        // Tests of any user may open its socket.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        Ok(Self { programs, folder, user, group })
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Returns the command of one of PostgreSQL's programs.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).uid(self.user).gid(self.group).stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

/// A shell that waits until this process drops it or ends, however that happens, and then ends the server.
#[derive(Debug)]
struct Guard(Child);

impl Guard {
    fn of(place: &Place) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let script = r#"trap "" HUP INT TERM; read -r _; "$0" stop --mode=immediate --pgdata "$1/data"; rm -rf "$1""#;
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", script]).arg(place.programs.join("pg_ctl")).arg(&place.folder);
        shell.uid(place.user).gid(place.group).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Closes its standard input first.
        let _ = self.0.wait();
    }
}

/// Returns the folder of PostgreSQL's programs, of the newest version that Debian has installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|version| version.path().join("bin"));
    versions.filter(|programs| programs.join("initdb").exists()).max_by_key(|programs| version_of(programs))
}

fn version_of(programs: &Path) -> Option<u32> {
    programs.parent()?.file_name()?.to_str()?.parse().ok()
}

/// Returns the user and the group that Debian's package has made.
fn postgres_user() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users.lines().find(|line| line.starts_with("postgres:"))?.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
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

        let (folder, url) = (cluster.place.folder.clone(), cluster.url());
        drop(cluster);
        assert!(!folder.exists());
        assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
    }
}

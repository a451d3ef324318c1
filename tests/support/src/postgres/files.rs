//! Files of a server, and what ends it.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, io};

use tokio::process::Command;

/// The files of a server: their folder, their owner, and its programs.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) programs: PathBuf,
    pub(super) folder: PathBuf,
    user: u32,
    group: u32,
}

impl Files {
    pub(super) fn new(programs: PathBuf) -> io::Result<Self> {
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

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Returns the command of one of PostgreSQL's programs.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).uid(self.user).gid(self.group).stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

/// A shell that waits until this process drops it or ends, however that happens, and then ends the server.
#[derive(Debug)]
pub(super) struct Guard(Child);

impl Guard {
    /// Guards the files of a cluster, and the server that there may be.
    pub(super) fn of(files: &Files) -> io::Result<Self> {
        let stop = r#"trap "" HUP INT TERM; read -r _; "$0" stop --mode=immediate --pgdata "$1/data"; rm -rf "$1""#;
        Self::shell(stop, &files.programs.join("pg_ctl"), files)
    }

    /// Runs a program with its file of settings until then.
    pub(super) fn run(program: &Path, files: &Files) -> io::Result<Self> {
        let run = r#""$0" --quiet "$1/settings" & trap "" HUP INT TERM; read -r _; kill "$!"; wait; rm -rf "$1""#;
        Self::shell(run, program, files)
    }

    fn shell(script: &str, program: &Path, files: &Files) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", script]).arg(program).arg(&files.folder);
        shell.uid(files.user).gid(files.group).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Closes its standard input first.
        let _ = self.0.wait();
    }
}

/// Returns the user and the group that Debian's package has made.
fn postgres_user() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = users.lines().find(|line| line.starts_with("postgres:"))?.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

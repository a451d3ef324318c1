//! chunkwire and nginx with the same certificate.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread::available_parallelism;

use super::place::Place;
use super::{Result, check, chunkwire_binary, programs};

/// The users of a response under load.
pub(crate) const USERS: u64 = 1000;

/// A certificate for localhost and its key, in files.
#[derive(Debug)]
pub(crate) struct Certificate {
    pub(crate) chain: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// Makes one by openssl, with a key of the curve P-256, which signs fast everywhere.
    pub(crate) fn make(place: &Place) -> Result<Self> {
        let (chain, key) = (place.work().join("chain.pem"), place.work().join("key.pem"));
        let made = Command::new(programs::find("openssl")?)
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"])
            .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&chain)
            .output()?;
        if !made.status.success() {
            return Err(format!("openssl failed: {}", String::from_utf8_lossy(&made.stderr).trim()).into());
        }
        Ok(Self { chain, key })
    }
}

/// Returns the command of chunkwire, by TLS if there is a certificate.
pub(crate) fn chunkwire(port: u16, certificate: Option<&Certificate>) -> Result<Command> {
    let mut command = Command::new(chunkwire_binary::path()?);
    command.args(["--listen", &format!("127.0.0.1:{port}"), "--max-users", "10000000"]);
    if let Some(Certificate { chain, key }) = certificate {
        command.arg("--tls-cert").arg(chain).arg("--tls-key").arg(key);
    }
    Ok(command)
}

/// Returns the command of nginx, which sends the same users from a file.
pub(crate) fn nginx(port: u16, certificate: Option<&Certificate>, place: &Place) -> Result<Command> {
    let folder = place.work().join("nginx-protocols");
    fs::create_dir_all(&folder)?;
    let file = folder.join("users.json");
    check::write(USERS, fs::File::create(&file)?)?;
    let (workers, folder_shown, file) = (available_parallelism()?, folder.display(), file.display());
    let listen = match certificate {
        None => format!("listen 127.0.0.1:{port} backlog=4096;"),
        Some(Certificate { chain, key }) => format!(
            "listen 127.0.0.1:{port} ssl http2 backlog=4096; ssl_certificate {}; ssl_certificate_key {}; \
             ssl_protocols TLSv1.3; ssl_session_tickets on;",
            chain.display(),
            key.display()
        ),
    };
    let root = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    let configuration = format!(
        "daemon off; {root} worker_processes {workers}; worker_rlimit_nofile 65536; pid {folder_shown}/nginx.pid;\n\
         error_log stderr error; events {{ worker_connections 16384; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; open_file_cache max=16; keepalive_requests 1000000000;\n\
         client_body_temp_path {folder_shown}/body; proxy_temp_path {folder_shown}/proxy;\n\
         fastcgi_temp_path {folder_shown}/fastcgi; uwsgi_temp_path {folder_shown}/uwsgi;\n\
         scgi_temp_path {folder_shown}/scgi;\n\
         server {{ {listen} location = /api/v1/users {{ default_type application/json; alias {file}; }} }} }}\n"
    );
    let path = folder.join("nginx.conf");
    fs::write(&path, configuration)?;
    let mut command = Command::new(programs::find("nginx")?);
    command.args(["-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(&path);
    Ok(command)
}

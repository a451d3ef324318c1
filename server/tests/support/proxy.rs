//! Programs between clients and the server: processes of a test's own, which end with it.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use chunkwire_test_support::port::Port;
use tokio::process::{Child, Command};

/// A proxy that listens.
#[derive(Debug)]
pub(crate) struct Proxy {
    _process: Child,
    http1: Port,
    http2: Port,
}

impl Proxy {
    async fn start(mut command: Command, http1: Port, http2: Port) -> Self {
        let process = command.kill_on_drop(true).spawn().unwrap();
        for port in [&http1, &http2] {
            port.listens().await;
        }
        Self { _process: process, http1, http2 }
    }

    pub(crate) fn http1(&self) -> SocketAddr {
        self.http1.address()
    }

    /// For clients that begin with HTTP/2.
    pub(crate) fn http2(&self) -> SocketAddr {
        self.http2.address()
    }
}

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// nginx, with settings beside its server's and in its only location.
pub(crate) async fn nginx(name: &str, http: &str, location: &str) -> Proxy {
    let (folder, [http1, http2]) = (folder(name), [Port::keep(), Port::keep()]);
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {kind};"));
    let settings = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
        events {{}}
        http {{
            {temporary} access_log off;
            {http}
            server {{
                listen {http1};
                listen {http2} http2;
                location / {{ {location} }}
            }}
        }}",
        temporary = temporary.concat(),
    );
    fs::write(folder.join("nginx.conf"), settings).unwrap();
    let mut command = Command::new("nginx");
    command.args(["-e", "stderr", "-c", "nginx.conf", "-p"]).arg(folder);
    Proxy::start(command, http1, http2).await
}

/// HAProxy, before a server, which is an address and perhaps how to speak with it, such as `127.0.0.1:3000 proto h2`.
pub(crate) async fn haproxy(name: &str, server: &str) -> Proxy {
    let (folder, [http1, http2]) = (folder(name), [Port::keep(), Port::keep()]);
    let settings = format!(
        "defaults
            mode http
            timeout connect 60s
            timeout client 60s
            timeout server 60s
        listen all
            bind {http1}
            bind {http2} proto h2
            server only {server}\n"
    );
    let file = folder.join("haproxy.cfg");
    fs::write(&file, settings).unwrap();
    let mut command = Command::new("haproxy");
    command.args(["-q", "-db", "-f"]).arg(file);
    Proxy::start(command, http1, http2).await
}

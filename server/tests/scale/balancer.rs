//! Balancers, by the files of `deploy/`.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use chunkwire_test_support::port::Port;
use chunkwire_test_support::process::is_installed;
use tokio::process::{Child, Command};

/// The folder of the files.
pub(crate) const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy");

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Nginx,
    Haproxy,
    Envoy,
}

/// A balancer that listens, and ends with the test.
#[derive(Debug)]
pub(crate) struct Balancer {
    pub(crate) port: Port,
    _process: Child,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Nginx, Self::Haproxy, Self::Envoy];

    fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// Starts it before two servers, if it is installed.
    pub(crate) async fn start(self, servers: &[Port; 2]) -> Option<Balancer> {
        if !is_installed(self.program()).await {
            return None;
        }
        let port = Port::keep();
        let addresses = [("127.0.0.1:8080", &port), ("127.0.0.1:3001", &servers[0]), ("127.0.0.1:3002", &servers[1])];
        let mut command = Command::new(self.program());
        match self {
            Self::Nginx => {
                let snippet = replaced("nginx.conf", addresses.map(|(from, to)| (from.to_owned(), to.to_string())));
                command.args(["-e", "stderr", "-c"]).arg(written("nginx.conf", &around_nginx(&snippet)));
            }
            Self::Haproxy => {
                command.args(["-q", "-db", "-f"]).arg(format!("{DEPLOY}/haproxy.cfg"));
                let names = ["CHUNKWIRE_BALANCER", "CHUNKWIRE_ONE", "CHUNKWIRE_TWO"];
                command.envs(names.into_iter().zip(addresses.map(|(_, to)| to.to_string())));
            }
            Self::Envoy => {
                let numbers = addresses.map(|(from, to)| {
                    let (_, number) = from.split_once(':').unwrap();
                    (format!("port_value: {number}"), format!("port_value: {}", to.number()))
                });
                let file = written("envoy.yaml", &replaced("envoy.yaml", numbers));
                command.args(["--log-level", "error", "--concurrency", "1", "--use-dynamic-base-id", "-c"]).arg(file);
            }
        }
        let process = command.stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        port.listens().await;
        Some(Balancer { port, _process: process })
    }
}

/// A file of `deploy/` with the addresses of a test.
fn replaced(name: &str, addresses: impl IntoIterator<Item = (String, String)>) -> String {
    let mut text = fs::read_to_string(format!("{DEPLOY}/{name}")).unwrap();
    for (from, to) in addresses {
        assert!(text.contains(&from), "{name} has no {from}");
        text = text.replace(&from, &to);
    }
    text
}

/// What a package of nginx has around such a file.
fn around_nginx(snippet: &str) -> String {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/nginx-{kind};"))
        .concat();
    format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr crit;
        events {{}}
        http {{ {temporary} access_log off; {snippet} }}"
    )
}

fn written(name: &str, text: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("scale-{}-{name}", std::process::id()));
    fs::write(&file, text).unwrap();
    file
}

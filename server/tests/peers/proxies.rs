//! Proxies before the server: what they pass on and keep. What they make of a cut is in `tests/proxies/run`.

use chunkwire_test_support::client::Client;
use chunkwire_test_support::process::{Process, is_installed};
use chunkwire_test_support::remote::Remote;
use chunkwire_test_support::time::soon;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::support::program::chunkwire;
use crate::support::proxy::{Proxy, haproxy, nginx};
use crate::support::server::{config, metric, metric_becomes, serve};
use crate::support::wire::Wire;

/// A proxy, and what it speaks with the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Between {
    Nginx,
    /// By its default version.
    NginxHttp10,
    NginxUnix,
    NginxTls,
    Haproxy,
    HaproxyTls,
    HaproxyHttp2,
    /// By ALPN.
    HaproxyHttp2Tls,
}

use Between::{Haproxy, HaproxyHttp2, HaproxyHttp2Tls, HaproxyTls, Nginx, NginxHttp10, NginxTls, NginxUnix};

/// What curl speaks with the proxy.
const FRONTS: [&str; 2] = ["--http1.1", "--http2-prior-knowledge"];

impl Between {
    const ALL: [Self; 8] =
        [Nginx, NginxHttp10, NginxUnix, NginxTls, Haproxy, HaproxyTls, HaproxyHttp2, HaproxyHttp2Tls];

    /// Whether it speaks HTTP/2 with the server.
    fn is_http2(self) -> bool {
        matches!(self, HaproxyHttp2 | HaproxyHttp2Tls)
    }

    /// Starts a server and the proxy before it, if that is there. Returns both.
    async fn start(self, test: &str) -> Option<(Remote, Proxy)> {
        let name = format!("{test}_{self:?}");
        let program = if name.contains("Haproxy") { "haproxy" } else { "nginx" };
        if !is_installed(program).await {
            return None;
        }
        let is_tls = matches!(self, NginxTls | HaproxyTls | HaproxyHttp2Tls);
        let wire = if is_tls { Wire::tls() } else { Wire::Plain };
        let trusted = wire.trusted().unwrap_or_default().display().to_string();
        let mut config = wire.config(&config());
        let socket = std::env::temp_dir().join(format!("chunkwire-{}-{name}.sock", std::process::id()));
        if self == NginxUnix {
            config.listen.push(format!("unix:{}", socket.display()).parse().unwrap());
        }
        let server = serve(&config);
        let kept = |upstream: &str| {
            let http = format!("upstream kept {{ server {upstream}; keepalive 4; }}");
            let scheme = wire.scheme();
            (http, format!("proxy_pass {scheme}://kept; proxy_http_version 1.1; proxy_set_header Connection '';"))
        };
        let tls = |protocol: &str| {
            format!("{server} ssl verify required ca-file {trusted} verifyhost localhost alpn {protocol}")
        };
        let proxy = match self {
            Nginx => {
                let (http, location) = kept(&server.to_string());
                nginx(&name, &http, &location).await
            }
            NginxHttp10 => {
                let location = format!("proxy_pass http://{server};");
                nginx(&name, "", &location).await
            }
            NginxUnix => {
                let (http, location) = kept(&format!("unix:{}", socket.display()));
                nginx(&name, &http, &location).await
            }
            NginxTls => {
                let (http, location) = kept(&server.to_string());
                let trust = "proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_trusted_certificate";
                nginx(&name, &http, &format!("{location} {trust} {trusted};")).await
            }
            Haproxy => haproxy(&name, &server.to_string()).await,
            HaproxyHttp2 => haproxy(&name, &format!("{server} proto h2")).await,
            HaproxyTls => haproxy(&name, &tls("http/1.1")).await,
            HaproxyHttp2Tls => haproxy(&name, &tls("h2")).await,
        };
        Some((wire.remote(server), proxy))
    }
}

/// What curl gets from a proxy: the body, and its exit code.
async fn curl(front: &str, proxy: &Proxy, targets: &[&str]) -> (Vec<u8>, i32) {
    let address = if front == FRONTS[0] { proxy.http1() } else { proxy.http2() };
    let mut command = Command::new("curl");
    command.args(["-s", front]).args(targets.iter().map(|target| format!("http://{address}{target}")));
    let output = soon(command.output()).await.unwrap();
    (output.stdout, output.status.code().unwrap())
}

#[tokio::test]
async fn the_same_bytes_come_through() {
    const TARGET: &str = "/api/v1/users?limit=50000";
    for between in Between::ALL {
        let Some((server, proxy)) = between.start("same").await else { continue };
        let expected = Client::connect(&server).await.get(TARGET).await.body;
        for front in FRONTS {
            let (body, code) = curl(front, &proxy, &[TARGET]).await;
            assert!(code == 0 && body == expected, "{between:?} {front}: {code}, {} bytes", body.len());
        }
    }
}

#[tokio::test]
async fn a_slow_reader_behind_a_proxy_holds_one_chunk() {
    const TARGET: &str = "/api/v1/users?limit=100000";
    for between in Between::ALL {
        let Some((server, proxy)) = between.start("slow").await else { continue };
        let mut reader = Client::with_little_room(proxy.http1()).await;
        reader.ask("GET", TARGET, "").await;
        let mut part = vec![0; 100_000];
        for _ in 0..20 {
            soon(reader.stream.read_exact(&mut part)).await.unwrap();
            assert!(metric(&server, "chunkwire_chunks_alive").await <= 1.0, "{between:?}");
        }
        let streams = metric(&server, "chunkwire_streams_open").await;
        assert_eq!(streams, f64::from(between.is_http2()), "{between:?}");
        drop(reader);
        metric_becomes(&server, "chunkwire_chunks_alive", 0.0).await;
        assert_eq!(metric(&server, "chunkwire_chunks_alive_max").await, 1.0, "{between:?}");
    }
}

/// nginx with HTTP/1.0 is left out, which closes each.
#[tokio::test]
async fn connections_to_the_server_are_kept() {
    for between in Between::ALL.into_iter().filter(|between| *between != NginxHttp10) {
        let Some((server, proxy)) = between.start("kept").await else { continue };
        // curl 7.88 sends a second request over cleartext HTTP/2 that no proxy understands.
        let (_, code) = curl(FRONTS[0], &proxy, &["/api/v1/users?limit=5000"; 10]).await;
        assert_eq!(code, 0, "{between:?}");
        // That which asks for the metric is one of them.
        let open = metric(&server, "chunkwire_connections_open").await - 1.0;
        assert_eq!(open, 1.0, "{between:?}");
    }
}

/// curl is at another address than HAProxy, which alone is trusted. nginx sends version 1 of the protocol alone.
#[tokio::test]
async fn haproxy_says_whom_it_speaks_for_by_the_proxy_protocol() {
    if !is_installed("haproxy").await || !is_installed("curl").await {
        return;
    }
    for wire in [Wire::Plain, Wire::tls()] {
        let options = ["--listen=127.0.0.1:0", "--access-log", "--trusted-proxies=127.0.0.1", "--proxy-protocol"];
        let mut server = Process::start(chunkwire(&wire.options(&options))).await;
        let tls =
            wire.trusted().map(|file| format!(" ssl verify required ca-file {} verifyhost localhost", file.display()));
        let behind = format!("{}{} send-proxy-v2", server.address, tls.unwrap_or_default());
        let proxy = haproxy(&format!("proxy_protocol_{}", wire.scheme()), &behind).await;
        let mut curl = Command::new("curl");
        curl.args(["-s", "--interface", "127.0.0.2", &format!("http://{}/api/v1/users?limit=3", proxy.http1())]);
        let output = soon(curl.output()).await.unwrap();
        assert!(output.status.success() && output.stdout.starts_with(b"[{"), "{wire:?}: {output:?}");
        server.logged_with(&["client=127.0.0.2:", "status=200 ", "records=3 "]).await;
    }
}

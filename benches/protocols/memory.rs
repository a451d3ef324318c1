//! What a client costs that requests a long response and does not read it.

use std::any::Any;
use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use super::clients::{self, STREAMS};
use super::paths::Paths;
use super::process::Server;
use super::sample::{settle, wait_until_idle};
use super::servers::{self, Certificate};
use super::sockets::Sockets;
use super::usage::Usage;
use super::{Result, numbers};

/// Measures each protocol with as many clients, or streams, and returns a table.
pub(crate) fn measure(clients: u32, paths: &Paths, certificate: &Certificate) -> Result<String> {
    let config = clients::tls_config(certificate)?;
    let mut out = format!(
        "\n## Memory\n\n{} clients, or streams of HTTP/2 of which a connection has {STREAMS}, that request 10 MB and \
         read nothing: what the process holds more for each than idle, and the kernel on the server's side (ss).\n\n\
         | | process kB | kernel kB |\n|---|--:|--:|\n",
        numbers::grouped(f64::from(clients))
    );
    let mut row = |name: &str, is_tls: bool, connections: u32, ask: &dyn Fn(&Server) -> Result<Box<dyn Any>>| {
        settle();
        let certificate = is_tls.then_some(certificate);
        let mut server = Server::start("protocols", paths.work(), |port| servers::chunkwire(port, certificate))?;
        let idle = Usage::of(server.pid()).rss;
        let _stalled = (0..connections).map(|_| ask(&server)).collect::<Result<Vec<_>>>()?;
        wait_until_idle(server.pid(), Duration::from_secs(1), Duration::from_secs(20));
        let process = Usage::of(server.pid()).rss.saturating_sub(idle);
        let kernel = Sockets::of(server.address())?.memory;
        server.still_runs()?;
        let each = |bytes: u64| bytes as f64 / f64::from(clients) / 1000.0;
        eprintln!("{name}: {:.1} kB and {:.1} kB", each(process), each(kernel));
        let _ = writeln!(out, "| {name} | {:.1} | {:.1} |", each(process), each(kernel));
        Ok::<_, Box<dyn Error>>(())
    };
    row("HTTP/1.1", false, clients, &|server| Ok(Box::new(clients::plain(server.address())?)))?;
    row("TLS 1.3", true, clients, &|server| Ok(Box::new(clients::tls(server.address(), &config)?)))?;
    let connections = clients.div_ceil(STREAMS);
    row("a stream of HTTP/2", false, connections, &|server| Ok(Box::new(clients::http2(server.address())?)))?;
    Ok(out)
}
